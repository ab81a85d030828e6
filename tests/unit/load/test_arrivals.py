"""Who comes when: at a steady rate, the same for one seed, and everything in time."""

from collections import Counter

from tests.load.arrivals import (
    LIVE_KINDS,
    LIVE_THROUGH,
    SANDBOX,
    TEST_KINDS,
    THROUGH,
    Way,
    one_of_each,
    planned,
)


def test_one_comes_at_every_beat_whatever_else() -> None:
    lives = planned(4, 2.5, seed=1)
    assert [life.at for life in lives] == [place / 4 for place in range(10)]
    assert [life.number for life in lives] == list(range(10))


def test_a_seed_is_a_run() -> None:
    assert planned(5, 20, seed=1) == planned(5, 20, seed=1)
    assert planned(5, 20, seed=1) != planned(5, 20, seed=2)


def test_a_long_run_has_everything() -> None:
    lives = planned(100, 60, seed=1)
    came = Counter((life.through == SANDBOX, life.kind.name) for life in lives)
    assert came.keys() == {
        *((False, kind.name) for kind in LIVE_KINDS),
        *((True, kind.name) for kind in TEST_KINDS),
    }
    assert {life.through for life in lives} == set(THROUGH)
    for habit in ("asks_again", "orders_twice", "clicks_twice"):
        assert 0.05 < sum(getattr(life, habit) for life in lives) / len(lives) < 0.2


def test_nobody_clicks_twice_where_there_is_nothing_to_click() -> None:
    for life in planned(100, 60, seed=2):
        assert not life.clicks_twice or life.kind.way is Way.OWN_PAGE


def test_the_first_ones_start_every_way_through() -> None:
    first = one_of_each(100)
    assert {life.through for life in first} == set(THROUGH)
    assert {life.kind.way for life in first} == {Way.OWN_PAGE, Way.HOSTED_PAGE}
    assert [life.number for life in first] == list(range(100, 100 + len(LIVE_THROUGH) + 2))

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from announcements.post import seconds_asked_for
from announcements.schedule import LONGEST_WISH, PAUSES, SPREAD, pause_after

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
TRIES = range(1, len(PAUSES) + 1)
DAY = 24 * 60 * 60


@pytest.mark.parametrize("times_tried", TRIES)
def test_each_pause_is_the_planned_one_give_or_take_a_fifth(times_tried: int) -> None:
    planned = PAUSES[times_tried - 1].total_seconds()
    drawn = [pause_after(times_tried, None) for _ in range(200)]
    assert all(
        pause is not None and planned * (1 - SPREAD) - 1 <= pause <= planned * (1 + SPREAD) + 1
        for pause in drawn
    )


@pytest.mark.parametrize("times_tried", TRIES[1:])
def test_pauses_are_spread(times_tried: int) -> None:
    assert len({pause_after(times_tried, None) for _ in range(200)}) > 1


def test_the_tries_reach_over_about_three_days() -> None:
    assert timedelta(days=3) <= sum(PAUSES, timedelta()) <= timedelta(days=3.5)
    assert list(PAUSES) == sorted(PAUSES)


@pytest.mark.parametrize("asked_for", [None, 0.0, 60.0, 1e12])
def test_nothing_follows_the_ninth_pause(asked_for: float | None) -> None:
    assert len(PAUSES) == 9
    assert pause_after(9, asked_for) is not None
    assert pause_after(10, asked_for) is None


@pytest.mark.parametrize(
    ("asked_for", "least", "most"),
    [
        (600.0, 600, 600),
        (DAY, DAY, DAY),
        (DAY + 1, DAY, DAY),
        (float("inf"), DAY, DAY),
        (1.0, 4, 6),
        (0.0, 4, 6),
        (-600.0, 4, 6),
    ],
)
def test_a_longer_pause_is_granted_up_to_a_day(asked_for: float, least: int, most: int) -> None:
    pause = pause_after(1, asked_for)
    assert pause is not None
    assert least <= pause <= most


def test_the_longest_wish_is_a_day() -> None:
    assert LONGEST_WISH.total_seconds() == DAY


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("Sat, 21 Nov 2026 14:40:00 GMT", 600.0),
        ("Sat, 21 Nov 2026 16:40:00 +0200", 600.0),
        ("Sat, 21 Nov 2026 14:20:00 GMT", -600.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("²", None),
        ("Sat, 21 Nov 2026 14:40:00", None),
        ("Sat, 21 Nov 99999 14:40:00 GMT", None),
        ("Sat, 21 Nov 2026 14:40:00 +99999999999", None),
        ("9" * 5000, float("inf")),
    ],
)
def test_reads_what_a_retry_after_asks_for(retry_after: str | None, seconds: float | None) -> None:
    assert seconds_asked_for(retry_after, NOW) == seconds


@given(st.text(), st.integers(1, 12))
def test_whatever_a_retry_after_says_the_next_try_comes_within_bounds(
    retry_after: str, times_tried: int
) -> None:
    pause = pause_after(times_tried, seconds_asked_for(retry_after, NOW))
    assert pause is None or 1 <= pause <= DAY * (1 + SPREAD)

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from announcements.post import seconds_asked_for
from announcements.schedule import LONGEST_WISH, MOST_TRIES, PAUSES, SPREAD, pause_after

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
DAY = 24 * 60 * 60


@pytest.mark.parametrize("number", range(len(PAUSES)))
def test_each_pause_is_the_planned_one_or_up_to_a_fifth_longer(number: int) -> None:
    planned = PAUSES[number].total_seconds()
    gone_by = sum(PAUSES[:number], timedelta())
    drawn = [pause_after(number + 1, gone_by, None) for _ in range(200)]
    assert all(
        pause is not None and planned <= pause <= planned * (1 + SPREAD) + 1 for pause in drawn
    )
    assert number == 0 or len(set(drawn)) > 1


def test_the_tries_reach_over_about_three_days() -> None:
    assert timedelta(days=3) <= sum(PAUSES, timedelta()) <= timedelta(days=3.5)
    assert list(PAUSES) == sorted(PAUSES)


def tried_at(between: Callable[[], timedelta | None]) -> list[timedelta]:
    """When an endpoint is tried that never answers; `between` may call once more before a pause
    is over, as the machine does whose function died."""
    moments = [timedelta()]
    while (pause := pause_after(len(moments), moments[-1], None)) is not None:
        moments.append(moments[-1] + (between() or timedelta(seconds=pause)))
    return moments


def test_ten_tries_and_the_last_after_72_hours() -> None:
    for _ in range(200):
        moments = tried_at(lambda: None)
        assert len(moments) == 10
        assert timedelta(hours=72) < moments[-1] < timedelta(hours=92)


def test_functions_that_die_do_not_use_up_the_time() -> None:
    died = iter([True] * 6)
    moments = tried_at(lambda: timedelta(minutes=5) if next(died, False) else None)
    assert moments[-1] > timedelta(hours=72)


def test_functions_that_die_for_ever_do_not_fill_the_item() -> None:
    assert len(tried_at(lambda: timedelta(minutes=5))) == MOST_TRIES


@pytest.mark.parametrize("asked_for", [None, 0.0, 60.0, 1e12])
def test_nothing_follows_when_the_plan_is_over(asked_for: float | None) -> None:
    whole = sum(PAUSES, timedelta())
    assert pause_after(10, whole - timedelta(seconds=1), asked_for) is not None
    assert pause_after(10, whole, asked_for) is None


@pytest.mark.parametrize(
    ("asked_for", "least", "most"),
    [
        (600.0, 600, 600),
        (DAY, DAY, DAY),
        (DAY + 1, DAY, DAY),
        (float("inf"), DAY, DAY),
        (1.0, 5, 6),
        (0.0, 5, 6),
        (-600.0, 5, 6),
    ],
)
def test_a_longer_pause_is_granted_up_to_a_day(asked_for: float, least: int, most: int) -> None:
    pause = pause_after(1, timedelta(), asked_for)
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


@given(st.text(), st.integers(1, 30), st.timedeltas(timedelta(), timedelta(days=30)))
def test_whatever_a_retry_after_says_the_next_try_comes_within_bounds(
    retry_after: str, times_tried: int, gone_by: timedelta
) -> None:
    pause = pause_after(times_tried, gone_by, seconds_asked_for(retry_after, NOW))
    assert pause is None or 1 <= pause <= DAY * (1 + SPREAD)

from datetime import UTC, datetime

import pytest

from payments.clock import iso
from payments.period import first_moment, last_moment


def test_a_day_counts_whole_in_utc() -> None:
    assert first_moment("2026-11-21") == datetime(2026, 11, 21, tzinfo=UTC)
    assert last_moment("2026-11-21") == datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-21T14:30:00Z", "2026-11-21T14:30:00Z"),
        ("2026-11-21T14:30", "2026-11-21T14:30:00Z"),
        ("2026-11-21T14:30:15.999", "2026-11-21T14:30:15Z"),
        ("2026-11-21T01:30:00+02:00", "2026-11-20T23:30:00Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_a_moment_is_the_same_from_either_end(text: str, meant: str) -> None:
    assert iso(first_moment(text)) == iso(last_moment(text)) == meant


def test_the_last_day_of_the_calendar_ends_too() -> None:
    assert iso(last_moment("9999-12-31")) == "9999-12-31T23:59:59Z"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "today", "21-11-2026", "2026-11-31", "2026-13-01", "2026-00-00", "20261121"),
        *("2026-W47-6", "2026-11-21 14:30", "2026-11-21T25:00", "2026-11-21T14:30:60Z"),
        *("2026-11-21T14:30:00+99:00", "2026-11-21T14:30:00 02:00", "2026-11-21\n", "1795270200"),
        *("1999-12-31", "0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
        *("\u0662\u0660\u0662\u0666-11-21", "2026-11-21T14:30:00Z" * 50),
    ],
)
def test_what_names_no_time_is_refused_with_examples(text: str) -> None:
    for read in (first_moment, last_moment):
        with pytest.raises(ValueError, match="2026-11-21"):
            read(text)

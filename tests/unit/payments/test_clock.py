from datetime import UTC, datetime, timedelta, timezone

import pytest

from payments.clock import iso, parse_iso, utc_now

MOMENT = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)


def test_a_moment_is_written_in_utc_to_the_second() -> None:
    kigali = timezone(timedelta(hours=2))
    assert iso(datetime(2026, 11, 21, 16, 30, 0, 999_999, kigali)) == "2026-11-21T14:30:00Z"


def test_what_was_written_is_read_back() -> None:
    assert parse_iso(iso(MOMENT)) == MOMENT


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        iso(MOMENT.replace(tzinfo=None))


@pytest.mark.parametrize("text", ["", "2026-11-21", "2026-11-21T14:30:00+02:00", "now"])
def test_other_forms_are_not_read(text: str) -> None:
    with pytest.raises(ValueError, match="not a moment"):
        parse_iso(text)


def test_now_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta()

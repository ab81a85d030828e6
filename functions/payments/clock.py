"""Time: aware, in UTC, and to the second wherever it is written down."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]

# What Python reads is more than we write, and `strptime` is twenty times slower.
WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)

# Central Africa Time, without summer time: no time zone data is needed.
KIGALI = timezone(timedelta(hours=2), "CAT")


def utc_now() -> datetime:
    """Tell the present moment, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write a moment as "2026-11-21T14:30:00Z", cut to the second: such texts sort as time does.

    Raises ValueError for a moment without a time zone: nobody could say which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """Read what `iso` wrote. Raises ValueError for anything else."""
    if not WRITTEN.fullmatch(text):
        raise ValueError("not a moment as we write it")
    return datetime.fromisoformat(text)

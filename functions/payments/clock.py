"""Time: aware, in UTC, and to the second wherever it is written down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]

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
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)

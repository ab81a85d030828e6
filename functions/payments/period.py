"""The ends of a stretch of time as people write them: days or moments, in UTC unless they say so.

ISO-8601: "2026-11-21", "2026-11-21T14:30:00Z", "2026-11-21T16:30:00+02:00".
"""

import re
from datetime import UTC, datetime, time

WRITTEN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?",
    re.ASCII,
)
# Nothing here is older, and a year below 1000 is not written with four digits everywhere.
FIRST_YEAR = 2000
LAST_SECOND = time(23, 59, 59)
GOOD_TIMES = "Write a day (2026-11-21) or a moment (2026-11-21T14:30:00Z), from 2000 on"


def first_moment(text: str) -> datetime:
    """The moment from which on: a day counts from its midnight. Raises ValueError."""
    return moment_in(text, time())


def last_moment(text: str) -> datetime:
    """The last second that counts: a day counts whole. Raises ValueError."""
    return moment_in(text, LAST_SECOND)


def moment_in(text: str, of_day: time) -> datetime:
    """The moment that a text names; a bare day means its `of_day`. Raises ValueError."""
    if not WRITTEN.fullmatch(text):
        raise ValueError(GOOD_TIMES)
    try:
        named = datetime.fromisoformat(text)
        if "T" not in text:
            named = datetime.combine(named, of_day)
        moment = named.replace(tzinfo=named.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(GOOD_TIMES) from None
    if moment.year < FIRST_YEAR:
        raise ValueError(GOOD_TIMES)
    return moment

"""This machine's clock is the one that everybody else has."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from infra.operator.doctor.finding import About, Finding

MOST_APART = timedelta(seconds=30)
TO_DO = "Set it by the network (NTP): keys begin and end by the clock that they are issued with."


def check_clock(witness: str, date: str | None, age: str | None, now: datetime) -> Finding:
    """Hold the clock against an answer's `Date`; `Age` is how long a cache had kept the answer."""
    about = About("clock", part=witness)
    try:
        theirs = parsedate_to_datetime(date or "") + timedelta(seconds=int(age or 0))
        apart = now - theirs
    except (ValueError, TypeError, OverflowError):
        return about.warning(
            "Its answers bear no date, so this machine's clock was not compared.",
            "Look at the clock yourself.",
        )
    seconds = round(abs(apart.total_seconds()))
    if abs(apart) <= MOST_APART:
        return about.ok(f"This machine's clock is within {max(seconds, 1)} s of it.")
    way = "ahead" if apart > timedelta(0) else "behind"
    return about.problem(f"This machine's clock is {seconds} s {way} of it.", TO_DO)

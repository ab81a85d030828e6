"""When a failed delivery is tried again: over about three days (DESIGN.md, 6)."""

import random
from datetime import timedelta
from itertools import accumulate
from math import ceil

PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
SPREAD = 0.2
LONGEST_WISH = timedelta(hours=24)
# Of one round: the plan's ten, and some that a function repeated which died after its try was
# written. An event's item has room for as many in eleven rounds (ledger/events.py).
MOST_TRIES = 14

# When each try after the first is due, in seconds since the first.
DUE = tuple(accumulate(pause.total_seconds() for pause in PAUSES))


def pause_after(times_tried: int, gone_by: timedelta, asked_for: float | None) -> int | None:
    """Seconds until the next try, or None when there is none.

    `gone_by` is the time since this round's first try: a function that dies is called again after
    five minutes, and such tries must not use up the plan, since an endpoint that was down for 72
    hours must still be told (RELIABILITY.md). For the same reason the spread of a fifth, which
    keeps an endpoint that comes back from being met by everything at once, only ever lengthens.
    What a Retry-After asked for is honoured when it is longer, up to a day.
    """
    elapsed = gone_by.total_seconds()
    due = next((moment for moment in DUE if moment > elapsed), None)
    if due is None or times_tried >= MOST_TRIES:
        return None
    # Not for secrets: it only keeps deliveries from marching in step.
    spread = (due - elapsed) * random.uniform(1, 1 + SPREAD)  # noqa: S311  # nosec B311  # as said
    wished = min(asked_for or 0.0, LONGEST_WISH.total_seconds())
    return max(1, ceil(max(spread, wished)))

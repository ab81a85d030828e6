"""When a failed delivery is tried again: over about three days (DESIGN.md, 6)."""

import random
from datetime import timedelta

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


def pause_after(times_tried: int, asked_for: float | None) -> int | None:
    """Seconds until the next try, or None when all were used.

    Spread by a fifth, so that an endpoint that comes back is not met by everything at once.
    What a Retry-After asked for is honoured when it is longer, up to a day.
    """
    if times_tried > len(PAUSES):
        return None
    planned = PAUSES[times_tried - 1].total_seconds()
    # Not for secrets: it only keeps deliveries from marching in step.
    spread = planned * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311
    wished = min(asked_for or 0.0, LONGEST_WISH.total_seconds())
    return max(1, round(max(spread, wished)))

"""What is left of a key's requests, as the X-RateLimit-* headers tell it (seed 002).

Of the bucket and the day, the headers speak of the one that leaves fewer.
"""

import math
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from ledger.counted_keys import moment_of

if TYPE_CHECKING:
    from ledger.counted_keys import CountedKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """So many of so many requests are left, and all are again at `whole_at`."""

    limit: int
    left: int
    whole_at: datetime
    next_at: datetime
    """When one more is good."""

    @property
    def headers(self) -> dict[str, str]:
        """The headers; the reset in whole seconds since 1970, rounded up."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.left),
            "X-RateLimit-Reset": str(math.ceil(self.whole_at.timestamp())),
        }

    def seconds_to_wait(self, now: datetime) -> int:
        """How long until one more request is good; at least one second."""
        return max(1, math.ceil((self.next_at - now).total_seconds()))


# Of the request that is being answered: functions answer one at a time, tests several in threads.
spent: ContextVar[Quota | None] = ContextVar("spent", default=None)


def quota_of(counted: "CountedKey", now: datetime) -> Quota:
    """What is left of a key's plan."""
    plan = counted.key.plan
    if counted.left_today(now) < counted.left(now):
        midnight = (now.astimezone(UTC) + timedelta(days=1)).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        left = counted.left_today(now)
        return Quota(limit=plan.per_day, left=left, whole_at=midnight, next_at=midnight)
    return Quota(
        limit=plan.burst,
        left=counted.left(now),
        whole_at=moment_of(counted.full_at) if counted.full_at else now,
        next_at=moment_of(counted.next_at) if counted.next_at else now,
    )

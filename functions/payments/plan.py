"""How many requests a merchant's keys may make: seed 000's limits, and V-Pay's plans (seed 002)."""

from dataclasses import dataclass

MICROSECONDS_A_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The limits of one key pair: a bucket of `burst` requests, and so many a day.

    The bucket is filled again by `per_minute` a minute, evenly; the day ends at 00:00 UTC.
    """

    name: str
    per_minute: int
    burst: int
    per_day: int

    @property
    def interval(self) -> int:
        """Microseconds until one more request is given back, rounded up."""
        return -(-MICROSECONDS_A_MINUTE // self.per_minute)


STANDARD = Plan(name="standard", per_minute=500, burst=1000, per_day=10_000)
PLANS = {
    plan.name: plan
    for plan in (
        STANDARD,
        Plan(name="starter", per_minute=20, burst=20, per_day=1_000),
        Plan(name="growth", per_minute=120, burst=120, per_day=50_000),
    )
}
ENTERPRISE = "enterprise"
"""V-Pay's third plan is whatever was agreed: its figures are named when it is set."""

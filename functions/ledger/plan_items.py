"""How a plan and what is left of it lie on a key's item, so that one update counts a request.

DynamoDB has no maximum of two numbers and no arithmetic in conditions. So the plan's figures
stand on the item as the update needs them, and the bucket is two moments (microseconds since
1970) that move together: from `next_at` on one more request is good, from `full_at` on all of
`burst` are. This is the generic cell rate algorithm, with its arrival time split in two.
"""

from collections.abc import Mapping
from typing import Any

from payments.plan import Plan

BUCKET = ("next_at", "full_at")


def plan_record(plan: Plan) -> dict[str, Any]:
    """A plan as a merchant's profile holds it."""
    return {
        "name": plan.name,
        "per_minute": plan.per_minute,
        "burst": plan.burst,
        "per_day": plan.per_day,
    }


def limits_record(plan: Plan) -> dict[str, Any]:
    """A plan as a key's item holds it."""
    return {
        "plan": plan_record(plan),
        "per_day": plan.per_day,
        "interval": plan.interval,
        # What lies between `next_at` and the moment that a request took from a full bucket.
        "headroom": plan.interval * (plan.burst - 2),
    }


def read_plan(record: Mapping[str, Any]) -> Plan:
    """The plan that a profile or a key holds."""
    return Plan(**record)

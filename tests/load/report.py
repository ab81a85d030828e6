"""What a run found, as a table."""

from collections import Counter
from collections.abc import Mapping, Sequence

from tests.load.crowd import IN_FLIGHT, LATE_SECONDS, Crowd
from tests.load.evidence import Evidence
from tests.load.verdict import PAID, TAKEN

HEARD = "paid at the provider, then taken by the merchant"
MOST_SHOWN = 40
# The run's own time, apart from those whose news is held back by order.
HELD_BACK = ("webhook lost", "webhook late", "prompt")


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]


def seconds_until_heard(evidence: Evidence) -> list[float]:
    """From the money's moving to the merchant's taking the news, where a webhook tells at once."""
    what = {order.session_id: order.what for order in evidence.orders}
    taken = {
        message.session_id: message.at for message in evidence.messages if message.answered == TAKEN
    }
    return [
        taken[charge.session_id] - charge.settled_at
        for charge in evidence.charges
        if charge.outcome == PAID
        and charge.settled_at is not None
        and charge.session_id in taken
        and not any(words in what.get(charge.session_id, "") for words in HELD_BACK)
    ]


def latencies(taken: Mapping[str, Sequence[float]]) -> list[str]:
    """A line for each thing that was timed."""
    lines = [f"  {'seconds':<50}{'count':>7}{'p50':>9}{'p99':>9}{'most':>9}"]
    lines += [
        f"  {what:<50}{len(values):>7}{quantile(values, 0.5):>9.2f}"
        f"{quantile(values, 0.99):>9.2f}{max(values):>9.2f}"
        for what, values in taken.items()
        if values
    ]
    return lines


def counts(evidence: Evidence, crowd: Crowd, retries: int) -> list[str]:
    """What was counted, and against what."""
    states = Counter(payment.status for payment in evidence.payments)
    outcomes = Counter(charge.outcome for charge in evidence.charges)
    ids = {message.event_id for message in evidence.messages}
    rows = {
        "orders taken": f"{len(evidence.orders)}",
        "payments": f"{len(evidence.payments)}: {_listed(states)}",
        "charges at the providers": f"{len(evidence.charges)}: {_listed(outcomes)}",
        "events": f"{len(evidence.events)}",
        "deliveries": f"{len(evidence.messages)}, of {len(ids)} events",
        "orders sent again, since no answer came": f"{retries}",
        f"begun late (> {LATE_SECONDS} s, {IN_FLIGHT} at a time)": f"{crowd.late}, at most by"
        f" {max(crowd.lateness, default=0):.1f} s",
    }
    return [f"  {what:<50}{told}" for what, told in rows.items()]


def _listed(counted: Counter[str]) -> str:
    return ", ".join(f"{count} {what}" for what, count in sorted(counted.items())) or "none"


def verdict(found: Sequence[str]) -> list[str]:
    """The end of the table."""
    if not found:
        return ["Nothing missing, nothing twice."]
    more = [f"  … and {len(found) - MOST_SHOWN} more"] if len(found) > MOST_SHOWN else []
    return [f"{len(found)} discrepancies:", *(f"  {one}" for one in found[:MOST_SHOWN]), *more]

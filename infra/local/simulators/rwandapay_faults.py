"""How RwandaPay's simulator can misbehave, and at which of the two calls."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from infra.local.simulators import faults
from infra.local.simulators.faults import Answer, behaviour_of


class Fault(StrEnum):
    """One way in which a payment can go wrong. Those of `initialize` say so."""

    LOST_REPLY = "lost_reply"
    SLOW = "slow"
    ERROR_500 = "error_500"
    NO_WEBHOOK = "no_webhook"
    TWICE = "twice"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    WRONG_AMOUNT = "wrong_amount"
    BAD_SIGNATURE = "bad_signature"
    REFUSED = "refused"
    INITIALIZE_LOST_REPLY = "initialize_lost_reply"
    INITIALIZE_SLOW = "initialize_slow"
    INITIALIZE_500 = "initialize_500"


AT_INITIALIZE = frozenset(
    {
        Fault.REFUSED,
        Fault.INITIALIZE_LOST_REPLY,
        Fault.INITIALIZE_SLOW,
        Fault.INITIALIZE_500,
    }
)
AT_PROCESS = frozenset(Fault) - AT_INITIALIZE

# K-Pay's table of numbers is everybody's; it speaks of postbacks.
RENAMED = {faults.Fault.NO_POSTBACK: Fault.NO_WEBHOOK}


def faults_of(phone: str) -> frozenset[Fault]:
    """The faults that a magic number brings."""
    found = behaviour_of(phone).faults
    return frozenset(RENAMED.get(fault) or Fault(fault.value) for fault in found)


def answer_of(phone: str) -> Answer | None:
    """What the person with this phone does; None where a hand decides."""
    return behaviour_of(phone).answer


@dataclass
class Orders:
    """Faults ordered for what is to come: each falls on the next so many calls of its kind."""

    left: Counter[Fault] = field(default_factory=Counter)

    def draw(self, kind: frozenset[Fault]) -> frozenset[Fault]:
        """Take the faults of a kind that fall on the next call."""
        drawn = frozenset(fault for fault, calls in self.left.items() if calls > 0) & kind
        self.left.subtract(drawn)
        return drawn

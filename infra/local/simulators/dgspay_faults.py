"""How DGS-Pay can misbehave, and which numbers make it do so without a hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from infra.local.simulators.faults import MAGIC_NUMBER, Answer


class Fault(StrEnum):
    """One way in which a charge can go wrong around the money."""

    LOST_REPLY = "lost_reply"
    SLOW = "slow"
    ERROR_500 = "error_500"
    NO_WEBHOOK = "no_webhook"
    TWICE = "twice"
    LATE = "late"
    OUT_OF_ORDER = "out_of_order"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_REFERENCE = "wrong_reference"
    BAD_SIGNATURE = "bad_signature"
    AT_ONCE = "at_once"
    REFUSED = "refused"


@dataclass(frozen=True)
class Behaviour:
    """What a number stands for. No answer means that the handset decides."""

    answer: Answer | None = None
    faults: frozenset[Fault] = frozenset()


def _approves(*faults: Fault) -> Behaviour:
    return Behaviour(Answer.APPROVE, frozenset(faults))


BY_LAST_FOUR_DIGITS = {
    "0001": _approves(),
    "0002": _approves(Fault.NO_WEBHOOK),
    "0003": Behaviour(Answer.DECLINE),
    "0004": Behaviour(Answer.NO_FUNDS),
    "0005": Behaviour(Answer.IGNORE),
    "0006": _approves(Fault.LOST_REPLY),
    "0007": _approves(Fault.SLOW),
    "0008": _approves(Fault.ERROR_500),
    "0009": _approves(Fault.TWICE),
    "0010": _approves(Fault.LATE),
    "0011": Behaviour(faults=frozenset({Fault.REFUSED})),
    "0012": _approves(Fault.AT_ONCE),
    "0013": Behaviour(Answer.NO_FUNDS, frozenset({Fault.AT_ONCE})),
}


def behaviour_of(phone: str) -> Behaviour:
    """Tell what a number stands for; one that is not magic waits for the handset."""
    magic = MAGIC_NUMBER.fullmatch(phone)
    return BY_LAST_FOUR_DIGITS.get(magic[1], Behaviour()) if magic else Behaviour()


@dataclass
class Orders:
    """Faults ordered for the charges to come: each falls on the next so many of them."""

    left: dict[Fault, int] = field(default_factory=dict)

    def draw(self) -> frozenset[Fault]:
        """Take the faults that fall on the next charge."""
        drawn = frozenset(fault for fault, charges in self.left.items() if charges > 0)
        for fault in drawn:
            self.left[fault] -= 1
        return drawn

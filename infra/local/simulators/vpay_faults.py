"""How V-Pay's simulator can misbehave, and which numbers make it do so without a hand."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """One way in which a charge, or the token before it, can go wrong around the money."""

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
    REFUSED = "refused"
    TOKEN_EXPIRED = "token_expired"  # noqa: S105  # a fault's name


class Answer(StrEnum):
    """What the payer does, where a number decides it."""

    APPROVE = "approve"
    DECLINE = "decline"
    NO_FUNDS = "no_funds"
    IGNORE = "ignore"
    TIME_OUT = "time_out"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a number stands for. No answer means that the handset decides."""

    answer: Answer | None = None
    at_once: bool = False
    """The reply to the charge is already final, as of a self-hosted MoMo payment."""
    faults: frozenset[Fault] = frozenset()


def _approves(*faults: Fault) -> Behaviour:
    return Behaviour(answer=Answer.APPROVE, faults=frozenset(faults))


BY_LAST_FOUR_DIGITS = {
    "0001": _approves(),
    "0002": _approves(Fault.NO_WEBHOOK),
    "0003": Behaviour(answer=Answer.DECLINE),
    "0004": Behaviour(answer=Answer.NO_FUNDS),
    "0005": Behaviour(answer=Answer.IGNORE),
    "0006": _approves(Fault.LOST_REPLY),
    "0007": _approves(Fault.SLOW),
    "0008": _approves(Fault.ERROR_500),
    "0009": _approves(Fault.TWICE),
    "0010": _approves(Fault.LATE),
    "0011": Behaviour(faults=frozenset({Fault.REFUSED})),
    "0012": Behaviour(answer=Answer.NO_FUNDS, at_once=True),
    "0013": Behaviour(answer=Answer.TIME_OUT, at_once=True),
}
# 0788 00…. (MTN) and 0738 00…. (Airtel).
MAGIC_NUMBER = re.compile(r"07[83]800(\d{4})")
# Seed 002, sandbox test numbers: always succeed.
SANDBOX_NUMBERS = frozenset({"0780000000", "0790000000"})


def behaviour_of(phone: str) -> Behaviour:
    """Tell what a number (07XXXXXXXX) stands for; one that is not magic waits for the handset."""
    if phone in SANDBOX_NUMBERS:
        return Behaviour(answer=Answer.APPROVE, at_once=True)
    magic = MAGIC_NUMBER.fullmatch(phone)
    return BY_LAST_FOUR_DIGITS.get(magic[1], Behaviour()) if magic else Behaviour()


@dataclass
class Orders:
    """Faults ordered for what is to come: each falls on the next so many charges or calls."""

    left: dict[Fault, int] = field(default_factory=dict)

    def draw(self) -> frozenset[Fault]:
        """Take the faults that fall on the next charge."""
        return frozenset(
            fault for fault in Fault if fault is not Fault.TOKEN_EXPIRED and self.take(fault)
        )

    def take(self, fault: Fault) -> bool:
        """Take one fault, if it was ordered."""
        ordered = self.left.get(fault, 0) > 0
        if ordered:
            self.left[fault] -= 1
        return ordered

"""What a simulator was asked and what it took: the truth that tests compare us with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.local.simulators.faults import Answer, Fault


class Outcome(StrEnum):
    """How a charge ended, if it has."""

    WAITING = "waiting"
    PAID = "paid"
    FAILED = "failed"


@dataclass(kw_only=True)
class Sale:
    """What a caller asked for. `amount` is in major units of `currency`, as the wire has it."""

    refid: str
    amount: int | float
    currency: str
    msisdn: str
    pmethod: str
    details: str
    retailerid: str
    returl: str
    redirecturl: str


@dataclass(kw_only=True)
class Charge(Sale):
    """A sale that the provider took on. Times are Unix seconds."""

    tid: str
    made_at: float
    lapses_at: float
    faults: frozenset[Fault] = frozenset()
    answer: Answer | None = None
    answers_at: float = 0.0
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    payaccount: str = ""
    momtransactionid: str = ""
    settled_at: float | None = None
    ignored: bool = False


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What a handset shows. `lapses_at` is in Unix seconds."""

    tid: str
    asker: str
    about: str
    amount: int | float
    currency: str
    msisdn: str
    lapses_at: float


@dataclass
class Charges:
    """Every charge in the order it was made; `asked` counts each refid's pay requests."""

    made: list[Charge] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def by_refid(self, refid: str) -> Charge | None:
        """Find the charge that carries the caller's reference."""
        return next((charge for charge in self.made if charge.refid == refid), None)

    def by_tid(self, tid: str) -> Charge | None:
        """Find the charge that carries the provider's reference."""
        return next((charge for charge in self.made if charge.tid == tid), None)

    def waiting(self) -> list[Charge]:
        """Every charge without an outcome."""
        return [charge for charge in self.made if charge.outcome is Outcome.WAITING]

    def paid(self, refid: str | None = None) -> list[Charge]:
        """Every charge that took money, or those of one refid."""
        return [
            charge
            for charge in self.made
            if charge.outcome is Outcome.PAID and refid in (None, charge.refid)
        ]

"""What V-Pay's simulator was asked and what it took: the truth that tests compare us with."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from infra.local.simulators.charges import Outcome

if TYPE_CHECKING:
    from infra.local.simulators.vpay_faults import Answer, Fault


@dataclass(kw_only=True)
class Sale:
    """What a caller asked for. `amount` is in whole francs, `phone` 07XXXXXXXX.

    `refid` is the wire's external_id: control routes use one word for it in every simulator.
    """

    refid: str
    amount: int
    currency: str
    phone: str
    payer_name: str
    method: str
    message: str
    callback_url: str
    metadata: dict[str, Any]


@dataclass(kw_only=True)
class Charge(Sale):
    """A sale that V-Pay took on. `tid` is the wire's transaction_id. Times are Unix seconds."""

    tid: str
    page: str
    made_at: float
    lapses_at: float
    answers_at: float
    faults: frozenset[Fault] = frozenset()
    answer: Answer | None = None
    prompted: bool = False
    """The wallet was asked: at once for mtnrw, by a choice on the page for "all"."""
    outcome: Outcome = Outcome.WAITING
    error_code: str = ""
    reason: str = ""
    payer: str = ""
    settled_at: float | None = None
    ignored: bool = False


@dataclass
class Charges:
    """Every charge in the order it was made; `asked` counts each reference's pay requests."""

    made: list[Charge] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def by_refid(self, refid: str) -> Charge | None:
        """Find the charge that carries the caller's reference."""
        return next((charge for charge in self.made if charge.refid == refid), None)

    def by_tid(self, tid: str) -> Charge | None:
        """Find the charge that carries V-Pay's reference."""
        return next((charge for charge in self.made if charge.tid == tid), None)

    def by_page(self, page: str) -> Charge | None:
        """Find the charge that is paid on this page."""
        return next((charge for charge in self.made if charge.page == page), None)

    def waiting(self) -> list[Charge]:
        """Every charge without an outcome."""
        return [charge for charge in self.made if charge.outcome is Outcome.WAITING]

    def paid(self, refid: str | None = None) -> list[Charge]:
        """Every charge that took money, or those of one reference."""
        return [
            charge
            for charge in self.made
            if charge.outcome is Outcome.PAID and refid in (None, charge.refid)
        ]

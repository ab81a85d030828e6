"""DGS-Pay's ledger: what it was asked for and what it took, the truth that tests compare us with.

It is told nothing of ours but the address that it calls back, so two equal requests are two
charges here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from infra.local.simulators.charges import Outcome

if TYPE_CHECKING:
    from infra.local.simulators.dgspay_faults import Fault
    from infra.local.simulators.faults import Answer


@dataclass(frozen=True, kw_only=True)
class Order:
    """What a caller asked for. `phone` has nine digits, `amount` is in whole francs."""

    amount: int
    currency: str
    phone: str
    network: str
    narration: str
    redirect_url: str
    callback_url: str = ""
    answer: Answer | None = None
    """What a sandbox `scenario_key` has the customer do."""


@dataclass(kw_only=True)
class Charge:
    """An order that was taken on. Times are Unix seconds."""

    tid: str
    """`transaction_id` on the wire."""
    dgs_reference: str
    order: Order
    made_at: float
    lapses_at: float
    answers_at: float
    faults: frozenset[Fault] = frozenset()
    answer: Answer | None = None
    outcome: Outcome = Outcome.WAITING
    reason: str = ""
    settled_at: float | None = None
    ignored: bool = False

    @property
    def refid(self) -> str:
        """The attempt that the address to call back names; blank when it names none."""
        return refid_in(self.order.callback_url)


@dataclass
class Charges:
    """Every charge in the order it was made; `asked` counts each attempt's requests."""

    made: list[Charge] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)

    def by_reference(self, reference: str) -> Charge | None:
        """Find the charge that bears either of DGS-Pay's two names."""
        return next((c for c in self.made if reference in (c.dgs_reference, c.tid)), None)

    def waiting(self) -> list[Charge]:
        """Every charge without an outcome."""
        return [charge for charge in self.made if charge.outcome is Outcome.WAITING]

    def paid(self, refid: str | None = None) -> list[Charge]:
        """Every charge that took money, or those of one attempt."""
        return [
            charge
            for charge in self.made
            if charge.outcome is Outcome.PAID and refid in (None, charge.refid)
        ]


def refid_in(callback_url: str) -> str:
    """The attempt's reference in `…/webhooks/dgspay/<attempt>/<token>`."""
    folders = urlsplit(callback_url).path.split("/")
    return folders[-2] if len(folders) > 1 else ""

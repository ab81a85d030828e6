"""What RwandaPay's simulator was asked and what it took: the truth that tests compare us with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from infra.local.simulators.charges import Outcome, Prompt

if TYPE_CHECKING:
    from decimal import Decimal

    from infra.local.simulators.faults import Answer
    from infra.local.simulators.rwandapay_faults import Fault


@dataclass(kw_only=True)
class Order:
    """What `initialize` was asked. `amount` is in whole units of `currency`, as the wire has it."""

    refid: str
    amount: Decimal
    currency: str
    name: str
    email: str
    phone: str
    details: str
    webhook_url: str
    redirect_url: str
    mode: str


@dataclass(kw_only=True)
class Session(Order):
    """An open checkout, and a charge from its prompt on. Times are Unix seconds.

    `status` is one of RwandaPay's words; `tid` is the session id.
    """

    tid: str
    made_at: float
    expires_at: float
    msisdn: str = ""
    network: str = ""
    prompted_at: float | None = None
    lapses_at: float = 0.0
    faults: frozenset[Fault] = frozenset()
    answer: Answer | None = None
    answers_at: float = 0.0
    ignored: bool = False
    status: str = "pending"
    reason: str = ""
    settled_at: float | None = None
    transaction_id: str = ""
    paypack_reference: str = ""

    @property
    def outcome(self) -> Outcome:
        """How it ended, in the words of every simulator."""
        if self.settled_at is None:
            return Outcome.WAITING
        return Outcome.PAID if self.status == "successful" else Outcome.FAILED

    @property
    def is_waiting(self) -> bool:
        """Whether a prompt is out and has no outcome."""
        return self.prompted_at is not None and self.settled_at is None

    @property
    def prompt(self) -> Prompt:
        """What the handset shows. Its sums are whole, so a broken one is told beside."""
        is_whole = self.amount == int(self.amount)
        return Prompt(
            tid=self.tid,
            asker="RwandaPay",
            about=self.details if is_whole else f"{self.details} ({self.amount} {self.currency})",
            amount=int(self.amount),
            currency=self.currency,
            msisdn=self.msisdn,
            lapses_at=self.lapses_at,
        )

    @property
    def return_url(self) -> str:
        """Where the customer goes at the end: a test and a failure name no transaction (seed)."""
        told = {"reference": self.refid, "status": self.status}
        if self.status == "successful" and self.mode == "live":
            told["transaction_id"] = self.transaction_id
        joint = "&" if "?" in self.redirect_url else "?"
        return f"{self.redirect_url}{joint}{urlencode(told)}"


def number(amount: Decimal) -> int | float:
    """An amount as JSON carries it."""
    return int(amount) if amount == int(amount) else float(amount)


def iso(moment: float) -> str:
    """A moment as the seed writes it: 2024-12-15T14:30:00Z."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

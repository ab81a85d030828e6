"""What everyone knows of the payments of a run: five ledgers that must agree."""

from dataclasses import dataclass, field
from decimal import Decimal

from payments.references import payment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The merchant's own ledger: a payment that it was told stands, and what must come of it."""

    tx_ref: str
    session_id: str
    amount: int
    ends: str
    what: str
    """In words: the provider and the kind."""
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A provider's ledger: one charge. `outcome` is "paid", "failed" or "waiting"."""

    provider: str
    refid: str
    outcome: str
    amount: Decimal
    asked: int
    """How often the provider was asked to charge this reference."""
    settled_at: float | None = None

    @property
    def session_id(self) -> str:
        """The payment that the reference leads to; blank when to none."""
        found = payment_of(self.refid)
        return found[0] if found else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """An attempt as our ledger has it."""

    ref: str
    status: str
    is_live: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Our ledger: one payment."""

    session_id: str
    tx_ref: str
    status: str
    amount: Decimal
    attempts: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Our ledger: one thing that a merchant should hear of."""

    event_id: str
    session_id: str
    type: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What came to the merchant's endpoint, each time that it came."""

    event_id: str
    session_id: str
    tx_ref: str
    type: str
    status: str
    body: str
    problems: tuple[str, ...]
    """Of its signatures."""
    answered: int
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All five."""

    orders: tuple[Order, ...] = ()
    charges: tuple[Charge, ...] = ()
    payments: tuple[Payment, ...] = ()
    events: tuple[Event, ...] = ()
    messages: tuple[Message, ...] = ()
    troubles: tuple[str, ...] = field(default=())
    """What the merchant and its customers were answered and should not have been."""

"""A payment and its attempts, as facts. How they may change is settlement's to say."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from payments.event_types import EventType
from payments.mode import Mode
from payments.money import Money
from payments.phone import Network
from payments.references import attempt_ref
from payments.report import Reason
from payments.status import LIVE, AttemptStatus, SettledBy, Status

MOST_TRIES = 5
SESSION_LIFE = timedelta(hours=1)


class Method(StrEnum):
    """How a customer pays: by a prompt on the phone, or on the provider's own page."""

    MOBILE_MONEY = "mobile_money"
    CARD = "card"
    SMARTCASH = "smartcash"
    SPENN = "spenn"
    BANK = "bank"


BY_PHONE = frozenset({Method.MOBILE_MONEY, Method.SPENN})
"""Methods that ask a phone, and so need its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Who pays. `phone` in national form (0788123456)."""

    name: str
    email: str
    phone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to pay, at one provider, known to it by `ref`."""

    ref: str
    number: int
    provider: str
    method: Method
    phone: str | None
    """The wallet asked, in national form; None for a card."""
    network: Network | None
    payer_name: str
    payer_email: str
    status: AttemptStatus
    started_at: datetime
    token_hash: str
    """SHA-256, hex, of the token in the address that the provider calls back."""
    decline_is_final: bool
    """True where nobody can try again: a merchant's own page or a direct charge (DESIGN.md, 9)."""
    try_number: int = 1
    """Which of the customer's tries this serves; a failover is another attempt of the same try."""
    falls_over: bool = False
    """Another provider is asked if this one refuses at once: then a refusal ends nothing."""
    accepted_at: datetime | None = None
    """When the provider first said that it has it, and no more."""
    ended_at: datetime | None = None
    provider_ref: str | None = None
    network_ref: str | None = None
    next_url: str | None = None
    reason: Reason | None = None
    settled_by: SettledBy | None = None
    times_not_found: int = 0
    not_found_since: datetime | None = None
    """When the provider first said that it does not know the attempt."""
    bank: str | None = None
    """The code of the bank that was chosen, for a bank transfer."""
    idempotency_hash: str | None = None
    """Of the Idempotency-Key that this try came under, from a merchant's own page."""
    request_hash: str | None = None
    """Of what was asked under it."""
    test_card: str | None = None
    """Test mode only: the documented test card that was chosen."""
    needs_review: str | None = None
    """Why a person has to look: the provider's word disagrees with ours, or never came."""
    decided_by: str | None = None
    """Who said how it ended, when it was settled by a person: the name that AWS knows them by."""
    decided_because: str | None = None
    """What that person went by."""

    @property
    def is_live(self) -> bool:
        """Whether money may still move."""
        return self.status in LIVE

    @property
    def is_refused_at_once(self) -> bool:
        """Whether the charge itself was plainly refused: nobody was asked to pay."""
        return self.status is AttemptStatus.REFUSED and self.settled_by is SettledBy.REPLY


@dataclass(frozen=True, slots=True)
class Owed:
    """News that the merchant is owed: it was written with the very change that brought it."""

    version: int
    """The payment's version that brought it."""
    type: EventType
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """What a merchant asked for, and all that has come of it."""

    session_id: str
    merchant_id: str
    mode: Mode
    tx_ref: str
    money: Money
    customer: Customer
    status: Status
    version: int
    """Goes up by one with every change that counts."""
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    attempts: tuple[Attempt, ...] = ()
    request_hash: str | None = None
    """Of the request that opened it; None for a payment by a link."""
    idempotency_hash: str | None = None
    """Of that request's Idempotency-Key."""
    link_id: str | None = None
    """The payment link that it was made by."""
    description: str | None = None
    meta: str | None = None
    """The merchant's own object, as JSON text, given back as it came."""
    redirect_url: str | None = None
    webhook_url: str | None = None
    paid_at: datetime | None = None
    transaction_id: str | None = None
    owed: tuple[Owed, ...] = ()
    """Every news that it brought, in the order of versions, told by now or not."""

    @property
    def live_attempt(self) -> Attempt | None:
        """The attempt whose outcome is open; there is never more than one."""
        return next((attempt for attempt in self.attempts if attempt.is_live), None)

    @property
    def paid_attempt(self) -> Attempt | None:
        """The attempt that brought the money, the first if there were two."""
        return next((a for a in self.attempts if a.status is AttemptStatus.PAID), None)

    @property
    def tries(self) -> int:
        """How often the customer has tried."""
        return max((attempt.try_number for attempt in self.attempts), default=0)

    @property
    def next_attempt_ref(self) -> str:
        """What the next attempt will be known by."""
        return attempt_ref(self.session_id, len(self.attempts) + 1)

    @property
    def needs_review(self) -> bool:
        """Whether a person has to look at any of its attempts."""
        return any(attempt.needs_review for attempt in self.attempts)

    def attempt(self, reference: str) -> Attempt | None:
        """The attempt that a provider knows by this reference."""
        return next((attempt for attempt in self.attempts if attempt.ref == reference), None)

    def status_at(self, now: datetime) -> Status:
        """The status as anyone should see it now: nobody waits for the sweep to see an expiry."""
        return status_by_clock(
            self.status, self.expires_at, now, is_live=self.live_attempt is not None
        )


def status_by_clock(
    status: Status, expires_at: datetime, now: datetime, *, is_live: bool
) -> Status:
    """A payment's status at a moment: what nobody paid in time expires, unless money may move."""
    is_over = status is Status.PENDING and now >= expires_at
    return Status.EXPIRED if is_over and not is_live else status

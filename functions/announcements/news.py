"""What a merchant should hear of a change: the event, with the very bytes that will be signed."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from announcements.event_types import EventType
from ledger.events import Event
from payments.clock import iso
from payments.mode import Mode
from payments.references import event_id
from payments.report import Reason
from payments.status import AttemptStatus, Status

if TYPE_CHECKING:
    from payments.payment import Payment


GIVEN_UP = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED})


class LetterCustomer(TypedDict):
    """Who was to pay."""

    name: str
    email: str
    phone: str


class LetterPayment(TypedDict):
    """The payment when the event happened."""

    reference: str
    """Your `tx_ref`."""
    amount: int | float
    currency: str
    status: Status
    customer: LetterCustomer
    paid_at: str | None
    transaction_id: str | None
    paypack_reference: str | None
    """The provider's own reference; the name is seed 000's."""
    mode: Mode
    session_id: str
    provider: str | None
    reason: Reason | None
    """Why the last attempt brought no money."""
    meta: dict[str, Any] | None
    """What you gave at opening."""
    version: int
    """It grows with each change of the payment: events may come out of order."""
    late: bool
    """Paid after you had heard otherwise."""


class Letter(TypedDict):
    """The body of a webhook: seed 000's, and beside it what the field expects."""

    event: str
    data: LetterPayment
    timestamp: str
    """When it happened."""


def event_of(before: "Payment", after: "Payment", now: datetime) -> Event | None:
    """The event that a change is, or None when the merchant need not hear of it."""
    if after.status is not before.status:
        kind = EventType(f"payment.{after.status}")
    elif times_paid(after) > max(times_paid(before), 1):
        kind = EventType.DUPLICATE_CHARGE
    else:
        return None
    late = before.status in GIVEN_UP and after.status is Status.SUCCESSFUL
    return Event(
        event_id=event_id(after.session_id, after.version),
        payment_id=after.session_id,
        version=after.version,
        merchant_id=after.merchant_id,
        mode=after.mode,
        type=kind.value,
        reference=after.tx_ref,
        body=body_of(kind, after, late=late, now=now),
        created_at=now,
        webhook_url=after.webhook_url,
    )


def times_paid(payment: "Payment") -> int:
    """How many attempts brought money."""
    return sum(attempt.status is AttemptStatus.PAID for attempt in payment.attempts)


def body_of(kind: str, payment: "Payment", *, late: bool, now: datetime) -> str:
    """Seed 000's webhook body, and beside it what the field expects."""
    attempt = payment.paid_attempt or (payment.attempts[-1] if payment.attempts else None)
    told: LetterPayment = {
        "reference": payment.tx_ref,
        "amount": payment.money.json_number,
        "currency": payment.money.currency,
        "status": payment.status,
        "customer": {
            "name": payment.customer.name,
            "email": payment.customer.email,
            "phone": payment.customer.phone,
        },
        "paid_at": iso(payment.paid_at) if payment.paid_at else None,
        "transaction_id": payment.transaction_id,
        # Seed 000 gives Paypack's reference here; ours is whichever provider was paid through.
        "paypack_reference": attempt.provider_ref if attempt else None,
        "mode": payment.mode,
        "session_id": payment.session_id,
        "provider": attempt.provider if attempt else None,
        "reason": attempt.reason if attempt else None,
        "meta": json.loads(payment.meta) if payment.meta else None,
        "version": payment.version,
        "late": late,
    }
    body: Letter = {"event": kind, "data": told, "timestamp": iso(now)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

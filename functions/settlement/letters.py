"""What a merchant hears: the event of a news, with the very bytes that will be signed."""

import json
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from ledger.events import Event
from payments.clock import iso
from payments.event_types import EventType
from payments.mode import Mode
from payments.references import event_id
from payments.report import Reason
from payments.status import AttemptStatus, Status

if TYPE_CHECKING:
    from payments.payment import Attempt, Owed, Payment


GIVEN_UP = frozenset({EventType.FAILED, EventType.CANCELLED, EventType.EXPIRED})


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


def event_of(payment: "Payment", owed: "Owed", now: datetime) -> Event:
    """The event of a news. The payment may have moved on since: it tells what was true then."""
    told = payment_then(payment, owed)
    return Event(
        event_id=event_id(payment.session_id, owed.version),
        payment_id=payment.session_id,
        version=owed.version,
        merchant_id=payment.merchant_id,
        mode=payment.mode,
        type=owed.type.value,
        reference=payment.tx_ref,
        body=body_of(owed.type, told, late=is_late(payment, owed), at=owed.at),
        created_at=now,
        webhook_url=payment.webhook_url,
    )


def is_late(payment: "Payment", owed: "Owed") -> bool:
    """Whether money came after the merchant was to hear that none would."""
    before = [told.type for told in payment.owed if told.version < owed.version]
    return owed.type is EventType.SUCCESSFUL and bool(before) and before[-1] in GIVEN_UP


def payment_then(payment: "Payment", owed: "Owed") -> "Payment":
    """The payment as its version was that brought the news, as far as is remembered."""
    if owed.version == payment.version:
        return payment
    status = status_then(payment, owed)
    has_money = status not in {Status.PENDING, Status.FAILED, Status.CANCELLED, Status.EXPIRED}
    return replace(
        payment,
        version=owed.version,
        status=status,
        attempts=tuple(
            attempt_then(attempt, owed.at)
            for attempt in payment.attempts
            if attempt.started_at <= owed.at
        ),
        paid_at=payment.paid_at if has_money else None,
        transaction_id=payment.transaction_id if has_money else None,
    )


def status_then(payment: "Payment", owed: "Owed") -> Status:
    """The status that a news brought; a second charge changes none."""
    moves = [
        told.type
        for told in payment.owed
        if told.version <= owed.version and told.type is not EventType.DUPLICATE_CHARGE
    ]
    return Status(moves[-1].removeprefix("payment.")) if moves else payment.status


def attempt_then(attempt: "Attempt", then: datetime) -> "Attempt":
    """An attempt at a moment: money that came later had not come."""
    if attempt.status is AttemptStatus.PAID and attempt.ended_at and attempt.ended_at > then:
        return replace(attempt, status=AttemptStatus.UNKNOWN)
    return attempt


def body_of(kind: EventType, payment: "Payment", *, late: bool, at: datetime) -> str:
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
    body: Letter = {"event": kind, "data": told, "timestamp": iso(at)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

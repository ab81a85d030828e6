"""What a merchant should hear of a change: the event, with the very bytes that will be signed."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.events import Event
from payments.clock import iso
from payments.references import event_id
from payments.status import AttemptStatus, Status

if TYPE_CHECKING:
    from payments.payment import Payment


def event_of(before: "Payment", after: "Payment", now: datetime) -> Event | None:
    """The event that a change is, or None when the merchant need not hear of it."""
    if after.status is not before.status:
        kind = f"payment.{after.status}"
    elif times_paid(after) > max(times_paid(before), 1):
        kind = "payment.duplicate_charge"
    else:
        return None
    late = before.status is not Status.PENDING and after.status is Status.SUCCESSFUL
    return Event(
        event_id=event_id(after.session_id, after.version),
        payment_id=after.session_id,
        version=after.version,
        merchant_id=after.merchant_id,
        mode=after.mode,
        type=kind,
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
    told: dict[str, Any] = {
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
    body = {"event": kind, "data": told, "timestamp": iso(now)}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

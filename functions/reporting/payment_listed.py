"""A payment as a list shows it: what the index holds, its status by the clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from payments.clock import iso, parse_iso
from payments.mode import Mode
from payments.money import Money
from payments.payment import status_by_clock
from payments.status import Status

if TYPE_CHECKING:
    from payments.payment import Payment


class PaymentListed(TypedDict):
    """A payment in short."""

    reference: str
    """Your own: the tx_ref that the payment was opened with."""
    session_id: str
    status: Status
    amount: int | float
    """In major units: 5000 RWF, 12.5 USD."""
    currency: str
    provider: str | None
    """Of the last attempt."""
    link_id: str | None
    """The payment link that it was made by."""
    created_at: str
    expires_at: str
    paid_at: str | None
    transaction_id: str | None
    mode: Mode


def payment_listed(record: Mapping[str, Any], mode: Mode, now: datetime) -> PaymentListed:
    """A payment as the index holds it."""
    expires_at = parse_iso(record["expires_at"])
    is_live = "live_attempt" in record
    return {
        "reference": record["tx_ref"],
        "session_id": record["pk"],
        "status": status_by_clock(Status(record["status"]), expires_at, now, is_live=is_live),
        "amount": Money(record["amount"], record["currency"]).json_number,
        "currency": record["currency"],
        "provider": record.get("provider"),
        "link_id": record.get("link_id"),
        "created_at": record["created_at"],
        "expires_at": record["expires_at"],
        "paid_at": record.get("paid_at"),
        "transaction_id": record.get("transaction_id"),
        "mode": mode,
    }


def listed_as(payment: "Payment", now: datetime) -> PaymentListed:
    """A payment read whole, in short."""
    return {
        "reference": payment.tx_ref,
        "session_id": payment.session_id,
        "status": payment.status_at(now),
        "amount": payment.money.json_number,
        "currency": payment.money.currency,
        "provider": payment.attempts[-1].provider if payment.attempts else None,
        "link_id": payment.link_id,
        "created_at": iso(payment.created_at),
        "expires_at": iso(payment.expires_at),
        "paid_at": iso(payment.paid_at) if payment.paid_at else None,
        "transaction_id": payment.transaction_id,
        "mode": payment.mode,
    }

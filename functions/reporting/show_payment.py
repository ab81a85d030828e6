"""GET /api/v1/payments/{reference}: all that is known of one payment, in one read."""

import json
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from payments.clock import iso
from payments.errors import SessionNotFound
from payments.payment import Method
from payments.phone import Network
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.own_payments import belongs, sessions_meant
from plumbing.requests import Request, path_parameter, query
from reporting.payment_listed import PaymentListed, listed_as
from reporting.timeline import Happening, timeline

if TYPE_CHECKING:
    from ledger.whole_payments import WholePayment
    from payments.merchant import ApiKey
    from payments.payment import Attempt


class CustomerTold(TypedDict):
    """Who was asked to pay."""

    name: str
    email: str
    phone: str
    """In national form: 0788123456."""


class AttemptTold(TypedDict):
    """One try at one provider."""

    attempt_ref: str
    """What the provider knows it by."""
    number: int
    try_number: int
    """Which of the customer's tries it served: a second provider is another attempt at it."""
    provider: str
    method: Method
    network: Network | None
    phone: str | None
    """The wallet that was asked."""
    bank: str | None
    status: AttemptStatus
    reason: Reason | None
    """Why it ended without money."""
    settled_by: SettledBy | None
    provider_ref: str | None
    network_ref: str | None
    """The wallet network's or bank's own transaction number."""
    started_at: str
    ended_at: str | None
    needs_review: str | None
    """Why a person has to look at it."""


class PaymentTold(PaymentListed):
    """A payment in full."""

    customer: CustomerTold
    description: str | None
    meta: dict[str, Any] | None
    """Your own object, as it came."""
    redirect_url: str | None
    webhook_url: str | None
    version: int
    """Goes up with every change that counts."""
    updated_at: str
    attempts: list[AttemptTold]
    timeline: list[Happening]


class PaymentShown(TypedDict):
    """The answer."""

    success: Literal[True]
    message: str
    data: PaymentTold


def show_payment(request: Request) -> Answer:
    """Tell a payment with its attempts, and what happened when."""
    key = authenticate(request)
    query(request)
    whole = found(path_parameter(request, "reference"), key)
    return json_answer(HTTPStatus.OK, told(whole, wiring.outside.clock()))


def found(reference: str, key: "ApiKey") -> "WholePayment":
    """The payment that the key's merchant means. Raises SessionNotFound."""
    for session in sessions_meant(reference, key):
        whole = wiring.whole_payments().get(session)
        if whole is not None and belongs(whole.payment, key):
            return whole
    raise SessionNotFound


def told(whole: "WholePayment", now: datetime) -> PaymentShown:
    """All of it but what proves who somebody is: no token, no hash."""
    payment = whole.payment
    return {
        "success": True,
        "message": "The payment as it stands",
        "data": {
            **listed_as(payment, now),
            "customer": {
                "name": payment.customer.name,
                "email": payment.customer.email,
                "phone": payment.customer.phone,
            },
            "description": payment.description,
            "meta": json.loads(payment.meta) if payment.meta else None,
            "redirect_url": payment.redirect_url,
            "webhook_url": payment.webhook_url,
            "version": payment.version,
            "updated_at": iso(payment.updated_at),
            "attempts": [attempt_told(attempt) for attempt in payment.attempts],
            "timeline": timeline(whole, now),
        },
    }


def attempt_told(attempt: "Attempt") -> AttemptTold:
    """An attempt as its merchant may see it."""
    return {
        "attempt_ref": attempt.ref,
        "number": attempt.number,
        "try_number": attempt.try_number,
        "provider": attempt.provider,
        "method": attempt.method,
        "network": attempt.network,
        "phone": attempt.phone,
        "bank": attempt.bank,
        "status": attempt.status,
        "reason": attempt.reason,
        "settled_by": attempt.settled_by,
        "provider_ref": attempt.provider_ref,
        "network_ref": attempt.network_ref,
        "started_at": iso(attempt.started_at),
        "ended_at": iso(attempt.ended_at) if attempt.ended_at else None,
        "needs_review": attempt.needs_review,
    }


handler = answering({"GET": show_payment})

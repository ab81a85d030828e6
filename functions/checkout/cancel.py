"""POST /api/v1/checkout/{reference}/cancel: call a payment off while no money can move.

The stream then tells the merchant `payment.cancelled`. Money that comes all the same still lands.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict

from payments.errors import AttemptInProgress, PaymentClosed
from payments.mode import Mode
from payments.status import Status
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.fields import Asked
from plumbing.idempotency import claim
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.own_payments import own_payment
from plumbing.requests import Request, json_object, path_parameter, raw_body
from settlement.judge import cancel
from settlement.settle import change

if TYPE_CHECKING:
    from datetime import datetime

    from payments.payment import Payment


class Cancellation(Asked):
    """Nothing more has to be said: an empty object, or no body at all."""


class CancelledPayment(TypedDict):
    """The payment that was called off."""

    reference: str
    """Your own: the tx_ref that the payment was opened with."""
    session_id: str
    status: Status
    amount: int | float
    """In major units: 5000 RWF, 12.5 USD."""
    currency: str
    mode: Mode


class Cancelled(TypedDict):
    """The answer."""

    success: Literal[True]
    message: str
    data: CancelledPayment


def cancel_payment(request: Request) -> Answer:
    """Cancel: 200, and quietly 200 again for what is cancelled already."""
    key = authenticate(request)
    body = raw_body(request)
    asked = Cancellation.read(json_object(body) if body else {})
    payment = own_payment(path_parameter(request, "reference"), key)
    claim(key, request, asked.model_dump())
    return json_answer(HTTPStatus.OK, told(cancelled(payment, wiring.outside.clock())))


def cancelled(payment: "Payment", now: "datetime") -> "Payment":
    """The payment, called off. Raises AttemptInProgress, PaymentClosed.

    Against a click that starts an attempt, whichever is written first wins.
    """
    after = change(wiring.payments(), payment, lambda standing: cancel(standing, now))
    match after.status_at(now):
        case Status.CANCELLED:
            return after
        case Status.PENDING:
            raise AttemptInProgress
        case status:
            raise PaymentClosed(status)


def told(payment: "Payment") -> Cancelled:
    """The payment as it stands now."""
    return {
        "success": True,
        "message": "Payment cancelled",
        "data": {
            "reference": payment.tx_ref,
            "session_id": payment.session_id,
            "status": payment.status,
            "amount": payment.money.json_number,
            "currency": payment.money.currency,
            "mode": payment.mode,
        },
    }


handler = answering({"POST": cancel_payment})

"""POST /api/v1/checkout/initialize: open a payment and answer with the page where it is paid.

With `payment_method` the customer is asked at once: for merchants with a page of their own.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from checkout.order import Order
from ledger.payments import MovedOn
from payments.clock import iso
from payments.errors import DuplicateReference, IdempotencyKeyReused
from payments.mode import Mode
from payments.status import Status
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.error_answers import NOT_OPENED
from plumbing.idempotency import digest_of_key, request_hash
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.pages import page_url
from plumbing.requests import Request, json_object, public_base_url, raw_body
from plumbing.terms import terms_of

if TYPE_CHECKING:
    from checkout.first_answer import FirstAnswer
    from payments.payment import Payment


class OpenedPayment(TypedDict):
    """The payment as it was opened; the fields are seed 000's."""

    reference: str
    session_id: str
    payment_url: str
    status: Status
    amount: int | float
    currency: str
    mode: Mode
    expires_at: str
    authorization_url: NotRequired[str]
    """Where to send the customer, for a card and the like that was charged at once."""


class Opened(TypedDict):
    """The answer to `initialize`."""

    success: Literal[True]
    message: str
    data: OpenedPayment


def initialize(request: Request) -> Answer:
    """Open a payment: 201, and 201 again for the same request under the same Idempotency-Key."""
    key = authenticate(request)
    digest = digest_of_key(key, request)
    merchant = wiring.merchant(key.merchant_id)
    order = Order.read(json_object(raw_body(request)), terms_of(merchant, key.mode))
    asked = replace(
        order.payment(merchant, key.mode, wiring.outside.clock()),
        idempotency_hash=digest,
        request_hash=request_hash(request, order.model_dump(mode="json")),
    )
    base_url = public_base_url(request)
    if order.payment_method is None:
        return json_answer(HTTPStatus.CREATED, told(opened(asked), base_url))
    from checkout.direct_charge import DirectCharge  # noqa: PLC0415  # few orders charge at once

    charge = DirectCharge.of(asked, order.payment_method)
    payment, answer = charge.at_once(opened(asked), base_url)
    return json_answer(HTTPStatus.CREATED, charged(payment, answer, base_url))


def opened(payment: "Payment") -> "Payment":
    """The payment as it stands in the ledger: this one, or the one that this request opened before.

    Raises DuplicateReference, IdempotencyKeyReused.
    """
    try:
        wiring.payments().open(payment)
    except MovedOn as taken:
        before = taken.current
        if not payment.idempotency_hash or payment.idempotency_hash != before.idempotency_hash:
            raise DuplicateReference from taken
        if payment.request_hash != before.request_hash:
            raise IdempotencyKeyReused from taken
        return before
    return payment


def told(payment: "Payment", base_url: str) -> Opened:
    """Seed 000's answer. Its status is the one at opening, also when the answer is repeated."""
    return {
        "success": True,
        "message": "Checkout session created successfully",
        "data": {
            "reference": payment.tx_ref,
            "session_id": payment.session_id,
            "payment_url": page_url(payment, base_url),
            "status": Status.PENDING,
            "amount": payment.money.json_number,
            "currency": payment.money.currency,
            "mode": payment.mode,
            "expires_at": iso(payment.expires_at),
        },
    }


def charged(payment: "Payment", answer: "FirstAnswer", base_url: str) -> Opened:
    """The same answer, with how the provider took the charge."""
    opened_first = told(payment, base_url)
    data = opened_first["data"]
    data["status"] = answer.status
    if answer.authorization_url:
        data["authorization_url"] = answer.authorization_url
    return {"success": True, "message": answer.message, "data": data}


handler = answering({"POST": initialize}, unexpected=NOT_OPENED)

"""POST /api/v1/checkout/initialize: open a payment and answer with the page where it is paid."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from checkout.order import Order, Terms
from checkout.pages import page_url
from ledger.payments import MovedOn
from payments.clock import iso
from payments.errors import DuplicateReference, IdempotencyKeyReused
from payments.status import Status
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.error_answers import NOT_OPENED
from plumbing.merchant_api import json_answer, merchant_api
from plumbing.observability import logger
from plumbing.requests import idempotency_key, json_object, public_base_url, raw_body
from plumbing.settings import settings
from providers.registry import REGISTRY
from providers.routing import currencies_of, routes_in

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.merchant import Merchant
    from payments.mode import Mode
    from payments.payment import Payment

api = merchant_api(unexpected=NOT_OPENED)


@api.post(".*")
def initialize() -> Response[str]:
    """Open a payment: 201, and 201 again for the same request under the same Idempotency-Key."""
    request = api.current_event.raw_event
    key = authenticate(request)
    repeat_key = idempotency_key(request)
    merchant = wiring.merchant(key.merchant_id)
    order = Order.read(json_object(raw_body(request)), terms_of(merchant, key.mode))
    payment = opened(order.payment(merchant, key.mode, repeat_key, wiring.outside.clock()))
    return json_answer(HTTPStatus.CREATED, told(payment, public_base_url(request)))


def terms_of(merchant: "Merchant", mode: "Mode") -> Terms:
    """What this merchant may ask for."""
    return Terms(
        mode=mode,
        currencies=currencies_of(routes_in(mode, merchant.routes), REGISTRY),
        rates=settings().rates,
        loopback_allowed=settings().loopback_allowed,
    )


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


def told(payment: "Payment", base_url: str) -> dict[str, Any]:
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


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

"""GET /api/v1/checkout/{reference}/verify: how a payment stands, in one read."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from checkout.pages import way_back
from payments.errors import SessionNotFound
from payments.mode import Mode
from payments.references import looks_like_session_id, may_be_tx_ref, session_id
from payments.status import Status
from plumbing import wiring
from plumbing.authentication import identify
from plumbing.merchant_api import json_answer, merchant_api
from plumbing.observability import logger
from plumbing.requests import path_parameter, public_base_url

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.merchant import ApiKey
    from payments.payment import Payment

MESSAGES = {
    Status.PENDING: "Waiting for payment confirmation...",
    Status.SUCCESSFUL: "Payment successful!",
    Status.FAILED: "Payment failed",
    Status.CANCELLED: "Payment cancelled",
    Status.EXPIRED: "Checkout session expired",
    Status.REFUNDED: "Payment refunded",
    Status.DISPUTED: "Payment disputed",
}
TEST_SUCCESS = "Test payment successful!"

api = merchant_api()


@api.get(".*")
def verify() -> Response[str]:
    """Tell how the payment stands. Never personal data: anyone with the reference may ask."""
    request = api.current_event.raw_event
    key = identify(request)
    reference = path_parameter(request, "reference")
    if not may_be_tx_ref(reference):
        raise SessionNotFound
    payment = found(reference, key)
    return json_answer(
        HTTPStatus.OK, told(payment, wiring.outside.clock(), public_base_url(request))
    )


def found(reference: str, key: "ApiKey | None") -> "Payment":
    """The payment that this asker means. Raises SessionNotFound, also for a stranger's."""
    payment = None
    if looks_like_session_id(reference):
        payment = wiring.payments().get(reference)
    if payment is None:
        meant = session_meant(reference, key)
        payment = wiring.payments().get(meant) if meant else None
    if payment is None or (key and not belongs(payment, key)):
        raise SessionNotFound
    return payment


def session_meant(tx_ref: str, key: "ApiKey | None") -> str | None:
    """The session of a tx_ref: the key's own, or without keys the only one that there is."""
    if key:
        return session_id(wiring.merchant(key.merchant_id).salt, key.mode, tx_ref)
    sessions = wiring.payments().sessions_of(tx_ref)
    return sessions[0] if len(sessions) == 1 else None


def belongs(payment: "Payment", key: "ApiKey") -> bool:
    """Whether a key speaks for the payment's merchant, in its mode."""
    return payment.merchant_id == key.merchant_id and payment.mode is key.mode


def told(payment: "Payment", now: "datetime", base_url: str) -> dict[str, Any]:
    """Seed 000's answers, field for field."""
    status = payment.status_at(now)
    answer: dict[str, Any] = {
        "status": status,
        "completed": status is not Status.PENDING,
        "success": status is Status.SUCCESSFUL,
        "message": MESSAGES[status],
    }
    if status is Status.PENDING:
        elapsed = int((now - payment.created_at).total_seconds())
        return answer | {"elapsed_seconds": elapsed, "mode": payment.mode}
    answer["redirect_url"] = way_back(payment, status, base_url)
    if status is Status.SUCCESSFUL:
        answer |= {"amount": payment.money.json_number, "mode": payment.mode}
        if payment.mode is Mode.TEST:
            answer["message"] = TEST_SUCCESS
    return answer


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

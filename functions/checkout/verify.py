"""GET /api/v1/checkout/{reference}/verify: how a payment stands, in one read."""

from http import HTTPStatus
from typing import TYPE_CHECKING, NotRequired, TypedDict

from payments.errors import SessionNotFound
from payments.mode import Mode
from payments.references import looks_like_session_id, may_be_tx_ref
from payments.status import Status
from plumbing import wiring
from plumbing.authentication import identify
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.own_payments import own_payment
from plumbing.pages import way_back
from plumbing.requests import Request, path_parameter, public_base_url

if TYPE_CHECKING:
    from datetime import datetime

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


def verify(request: Request) -> Answer:
    """Tell how the payment stands. Never personal data: anyone with the reference may ask."""
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
    payment = own_payment(reference, key) if key else anybodys_payment(reference)
    if payment is None:
        raise SessionNotFound
    return payment


def anybodys_payment(reference: str) -> "Payment | None":
    """The payment of a session, or else the only one that there is of a tx_ref."""
    if looks_like_session_id(reference):
        payment = wiring.payments().get(reference)
        if payment is not None:
            return payment
    sessions = wiring.payments().sessions_of(reference)
    return wiring.payments().get(sessions[0]) if len(sessions) == 1 else None


class Verified(TypedDict):
    """How a payment stands, in seed 000's fields."""

    status: Status
    completed: bool
    """Whether it has ended; ask again in a few seconds while it has not."""
    success: bool
    """Whether it was paid."""
    message: str
    elapsed_seconds: NotRequired[int]
    """While it is pending: the seconds since it was opened."""
    mode: NotRequired[Mode]
    redirect_url: NotRequired[str]
    """Once it has ended: where the customer goes on, with `reference`, `status` and
    `transaction_id` in the query."""
    amount: NotRequired[int | float]
    """Once it is paid."""


def told(payment: "Payment", now: "datetime", base_url: str) -> Verified:
    """Seed 000's answers, field for field."""
    status = payment.status_at(now)
    answer: Verified = {
        "status": status,
        "completed": status is not Status.PENDING,
        "success": status is Status.SUCCESSFUL,
        "message": MESSAGES[status],
    }
    if status is Status.PENDING:
        elapsed = int((now - payment.created_at).total_seconds())
        answer |= {"elapsed_seconds": elapsed, "mode": payment.mode}
        return answer
    answer["redirect_url"] = way_back(payment, status, base_url)
    if status is Status.SUCCESSFUL:
        answer |= {"amount": payment.money.json_number, "mode": payment.mode}
        if payment.mode is Mode.TEST:
            answer["message"] = TEST_SUCCESS
    return answer


handler = answering({"GET": verify})

"""What the page shows of a payment: one of a few states, in words that a customer understands."""

from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from payments.mode import Mode
from payments.payment import BY_PHONE
from payments.references import looks_like_session_id
from payments.report import Reason
from payments.status import AttemptStatus, Status
from plumbing import wiring
from plumbing.html import page_answer
from plumbing.pages import way_back
from plumbing.provider_desk import routes_of
from providers.registry import REGISTRY
from providers.routing import banks_for, methods_for

if TYPE_CHECKING:
    from payments.payment import Attempt, Payment

TEMPLATES = Path(__file__).parent / "templates"

WHY = {
    Reason.DECLINED: "The payment was declined.",
    Reason.INSUFFICIENT_FUNDS: "There was not enough money in the wallet or on the card.",
    Reason.CANCELLED: "The payment was cancelled on the phone.",
    Reason.TIMED_OUT: "Nobody answered the prompt in time.",
    Reason.UNREACHABLE: "The network could not be reached. You were not charged.",
    Reason.NOT_ENABLED: "This way to pay is not available now. You were not charged.",
    Reason.NEVER_ARRIVED: "The request never reached the network. You were not charged.",
}


# Seed 003, bank codes.
BANK_NAMES = {"040": "Bank of Kigali", "130": "COGEBANQUE"}


class State(StrEnum):
    """What the customer can do next."""

    CHOOSE = "choose"
    CHECK_PHONE = "check_phone"
    GO_TO_PROVIDER = "go_to_provider"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, and what is wrong with it, when the form is shown again."""

    phone: str
    error: str | None = None


def state_of(payment: "Payment", status: Status) -> State:
    """The state of the page for a payment that stands so."""
    live = payment.live_attempt
    match status:
        case Status.PENDING if live and live.next_url:
            return State.GO_TO_PROVIDER
        case Status.PENDING:
            return State.CHECK_PHONE if live else State.CHOOSE
        case Status.SUCCESSFUL | Status.REFUNDED | Status.DISPUTED:
            return State.PAID
        case Status.CANCELLED:
            return State.CANCELLED
        case Status.EXPIRED:
            return State.EXPIRED
        case _:
            return State.FAILED


def payment_page(payment: "Payment", base_url: str, form: Form | None = None) -> dict[str, Any]:
    """The page of a payment."""
    status = payment.status_at(wiring.outside.clock())
    merchant = wiring.merchant(payment.merchant_id)
    attempt = payment.attempts[-1] if payment.attempts else None
    return page_answer(
        HTTPStatus.UNPROCESSABLE_ENTITY if form and form.error else HTTPStatus.OK,
        TEMPLATES / "checkout.html",
        state=state_of(payment, status),
        shop=merchant.name,
        amount=payment.money.written,
        currency=payment.money.currency,
        description=payment.description,
        is_test=payment.mode is Mode.TEST,
        asks_phone=attempt is not None and attempt.method in BY_PHONE,
        methods=methods_for(payment.money, routes_of(payment), REGISTRY),
        banks=[
            (code, BANK_NAMES.get(code, code))
            for code in banks_for(payment.money, routes_of(payment), REGISTRY)
        ],
        next_url=attempt.next_url if attempt else None,
        asked_phone=attempt.phone if attempt else None,
        last_decline=why(attempt) if attempt else None,
        transaction_id=payment.transaction_id,
        try_number=payment.tries + 1,
        way_back=way_back(payment, status, base_url) if payment.redirect_url else None,
        form=form or Form(phone=payment.customer.phone),
    )


def why(attempt: "Attempt") -> str | None:
    """Why the last try failed, in plain words."""
    if attempt.status not in {AttemptStatus.DECLINED, AttemptStatus.REFUSED}:
        return None
    return WHY[attempt.reason or Reason.DECLINED]


def shown_payment(session: str) -> "Payment | None":
    """The payment of a page's address."""
    return wiring.payments().get(session) if looks_like_session_id(session) else None


def not_found_page() -> dict[str, Any]:
    """The page for an address that leads nowhere."""
    return page_answer(HTTPStatus.NOT_FOUND, TEMPLATES / "not_found.html")

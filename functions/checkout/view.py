"""What the page shows of a payment: one of a few states, in words that a customer understands."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkout.magic import magic_numbers
from payments.mode import Mode
from payments.payment import BY_PHONE, MOST_TRIES
from payments.phone import NETWORKS
from payments.references import looks_like_session_id
from payments.report import Reason
from payments.status import AttemptStatus, Status
from plumbing import wiring
from plumbing.html import came_back, page_answer
from plumbing.pages import logo_url, way_back
from plumbing.provider_desk import routes_of
from plumbing.requests import Request, public_base_url
from providers.registry import REGISTRY
from providers.routing import banks_for, methods_for, networks_for

if TYPE_CHECKING:
    from datetime import datetime

    from payments.payment import Attempt, Payment

TEMPLATES = Path(__file__).parent / "templates"

# Seed 003, bank codes.
BANK_NAMES = {"040": "Bank of Kigali", "130": "COGEBANQUE"}

# [assume] A prompt on the phone goes away by itself after two minutes.
PROMPT_LIFE = timedelta(seconds=120)
PAID_JUST_NOW = timedelta(minutes=10)
"""Whoever opens the page of a payment that was paid longer ago is not coming from paying it."""


class State(StrEnum):
    """What the customer can do next."""

    CHOOSE = "choose"
    CHECK_PHONE = "check_phone"
    NO_ANSWER = "no_answer"
    """The prompt is over, and nobody has said yet what came of it."""
    GO_TO_PROVIDER = "go_to_provider"
    CONFIRMING = "confirming"
    """Back from the provider's page, or a provider was silent: the outcome is not known yet."""
    PAID = "paid"
    ALREADY_PAID = "already_paid"
    DECLINED = "declined"
    """The last try came to nothing, and another may be made."""
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


OPEN = frozenset({State.CHOOSE, State.DECLINED})
"""The form is shown."""
WAITING = frozenset({State.CHECK_PHONE, State.NO_ANSWER, State.GO_TO_PROVIDER, State.CONFIRMING})
"""The page looks again by itself."""
OVER = frozenset({State.PAID, State.ALREADY_PAID, State.FAILED, State.CANCELLED, State.EXPIRED})
LEAVING = frozenset({State.PAID, State.FAILED})
"""The page goes back to the shop by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What was typed, and what is wrong with it, when the form is shown again."""

    phone: str
    network: str = ""
    error: str | None = None
    """The key of its words."""


def state_of(payment: "Payment", now: "datetime", *, is_back: bool = False) -> State:
    """The state of the page. `is_back` is the visitor's word, and decides nothing about money."""
    match payment.status_at(now):
        case Status.PENDING if payment.live_attempt:
            return state_of_live(payment.live_attempt, now, is_back=is_back)
        case Status.PENDING:
            return State.DECLINED if payment.attempts else State.CHOOSE
        case Status.SUCCESSFUL | Status.REFUNDED | Status.DISPUTED:
            is_long_ago = payment.paid_at is not None and now - payment.paid_at > PAID_JUST_NOW
            return State.ALREADY_PAID if is_long_ago else State.PAID
        case Status.CANCELLED:
            return State.CANCELLED
        case Status.EXPIRED:
            return State.EXPIRED
        case _:
            return State.FAILED


def state_of_live(attempt: "Attempt", now: "datetime", *, is_back: bool) -> State:
    """What the customer can do about an attempt whose outcome is open."""
    if attempt.next_url:
        return State.CONFIRMING if is_back else State.GO_TO_PROVIDER
    if attempt.method not in BY_PHONE:
        return State.CONFIRMING
    return State.CHECK_PHONE if seconds_left(attempt, now) else State.NO_ANSWER


def seconds_left(attempt: "Attempt", now: "datetime") -> int:
    """How much of the prompt's life is left, in whole seconds; 0 when none is."""
    return max(0, int((attempt.started_at + PROMPT_LIFE - now).total_seconds()))


def payment_page(event: Request, payment: "Payment", form: Form | None = None) -> dict[str, Any]:
    """The page of a payment."""
    now = wiring.outside.clock()
    status = payment.status_at(now)
    state = state_of(payment, now, is_back=came_back(event))
    attempt = payment.attempts[-1] if payment.attempts else None
    routes = routes_of(payment)
    merchant = wiring.merchant(payment.merchant_id)
    return page_answer(
        event,
        HTTPStatus.UNPROCESSABLE_ENTITY if form and form.error else HTTPStatus.OK,
        TEMPLATES / "checkout.html",
        state=state,
        is_open=state in OPEN,
        is_waiting=state in WAITING,
        is_over=state in OVER,
        is_leaving=state in LEAVING and payment.redirect_url is not None,
        version=payment.version,
        shop=merchant.name,
        logo_url=logo_url(merchant, public_base_url(event)),
        money=payment.money,
        description=payment.description,
        is_test=payment.mode is Mode.TEST,
        magic_numbers=magic_numbers(payment.mode),
        methods=methods_for(payment.money, routes, REGISTRY),
        networks=networks_for(payment.money, routes, REGISTRY),
        prefixes=NETWORKS,
        banks=[
            (code, BANK_NAMES.get(code, code))
            for code in banks_for(payment.money, routes, REGISTRY)
        ],
        next_url=attempt.next_url if attempt else None,
        asked_phone=masked(attempt.phone) if attempt and attempt.phone else None,
        asked_network=attempt.network if attempt else None,
        seconds_left=seconds_left(attempt, now) if attempt else None,
        reason=why(attempt) if attempt else None,
        tries_left=MOST_TRIES - payment.tries,
        transaction_id=payment.transaction_id,
        paid_at=payment.paid_at,
        try_number=payment.tries + 1,
        way_back=(
            way_back(payment, status, public_base_url(event)) if payment.redirect_url else None
        ),
        form=form or Form(phone=payment.customer.phone),
    )


def masked(phone: str) -> str:
    """A number that its owner knows and nobody else learns: 0788 ••• 456."""
    return f"{phone[:4]} ••• {phone[-3:]}"


def why(attempt: "Attempt") -> Reason | None:
    """Why the last try failed."""
    if attempt.status not in {AttemptStatus.DECLINED, AttemptStatus.REFUSED}:
        return None
    return attempt.reason or Reason.DECLINED


def shown_payment(session: str) -> "Payment | None":
    """The payment of a page's address."""
    return wiring.payments().get(session) if looks_like_session_id(session) else None


def not_found_page(event: Request) -> dict[str, Any]:
    """The page for an address that leads nowhere."""
    return page_answer(event, HTTPStatus.NOT_FOUND, TEMPLATES / "not_found.html")

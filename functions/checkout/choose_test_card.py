"""/test-cards/{attempt_ref}/{token}: test mode's stand-in for a provider's card page.

A card is chosen from a list, never typed: no card number is ever asked for here.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from checkout.view import TEMPLATES, not_found_page
from payments.callback_tokens import token_hash
from payments.errors import BodyTooLarge, MalformedBody
from payments.keys import same
from payments.mode import Mode
from payments.references import payment_of
from plumbing import wiring
from plumbing.html import page_answer, see_other, with_apology
from plumbing.observability import logger
from plumbing.pages import page_url
from plumbing.provider_desk import http
from plumbing.requests import Request, form_fields, path_parameter, public_base_url, raw_body
from providers.sandbox import TEST_CARDS, Sandbox
from settlement.judge import next_version
from settlement.settle import change

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.payment import Attempt, Payment


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return shown(event)


@with_apology
def shown(event: Request) -> dict[str, Any]:
    """Show the cards; take the chosen one, tell ourselves by webhook, send the customer back."""
    reference = path_parameter(event, "attempt_ref")
    token = path_parameter(event, "token")
    payment = payment_with(reference, token)
    if payment is None:
        return not_found_page(event)
    base_url = public_base_url(event)
    if event["httpMethod"] == "GET":
        return card_page(event, payment)
    try:
        card = form_fields(raw_body(event)).get("card", "")
    except (MalformedBody, BodyTooLarge):
        card = ""
    if card not in TEST_CARDS:
        return card_page(event, payment)
    if choose(payment, reference, card):
        callback_url = f"{base_url}/webhooks/sandbox/{reference}/{token}"
        Sandbox(http(), wiring.outside.clock).tell(callback_url)
    return see_other(page_url(payment, base_url))


def payment_with(reference: str, token: str) -> "Payment | None":
    """The test payment whose attempt bears this token."""
    named = payment_of(reference)
    payment = wiring.payments().get(named[0]) if named else None
    attempt = payment.attempt(reference) if payment else None
    if payment is None or attempt is None or payment.mode is not Mode.TEST:
        return None
    return payment if same(token_hash(token), attempt.token_hash) else None


def choose(payment: "Payment", reference: str, card: str) -> bool:
    """Note the card on the attempt; False when it has one, or is over."""

    def with_card(standing: "Payment") -> "Payment | None":
        attempt = standing.attempt(reference)
        if attempt is None or not attempt.is_live or attempt.test_card:
            return None
        return next_version(standing, replace(attempt, test_card=card), wiring.outside.clock())

    after = change(wiring.payments(), payment, with_card)
    return chosen(after.attempt(reference)) == card


def chosen(attempt: "Attempt | None") -> str | None:
    """The card of an attempt."""
    return attempt.test_card if attempt else None


def card_page(event: Request, payment: "Payment") -> dict[str, Any]:
    """The list of test cards with what each stands for."""
    return page_answer(
        event,
        HTTPStatus.OK,
        TEMPLATES / "choose_test_card.html",
        money=payment.money,
        cards=[
            (number, " ".join(number[i : i + 4] for i in range(0, 16, 4)), ending.reason or "paid")
            for number, ending in TEST_CARDS.items()
        ],
    )

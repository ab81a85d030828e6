"""A provider's notification, from the token in its address to a settled payment.

It is a hint and no more: its body is not read for money. The token says that the address came
from us; then the provider is asked, and only its answer can settle (RELIABILITY.md).
"""

from typing import TYPE_CHECKING

from payments.callback_tokens import token_hash
from payments.errors import MethodUnavailable, ProviderSilent
from payments.status import AttemptStatus, SettledBy
from plumbing import wiring
from plumbing.observability import logger
from plumbing.provider_desk import open_provider
from plumbing.requests import Event, path_parameter
from settlement.settle import settle

if TYPE_CHECKING:
    from payments.payment import Attempt, Payment


def receive(event: Event, provider: str) -> None:
    """Ask the provider about the attempt that the address names, at most once in two seconds.

    Quiet about everything: a stranger must not learn whether the reference exists. What stays
    open is asked again by the watch.
    """
    reference = path_parameter(event, "attempt_ref")
    token = path_parameter(event, "token")
    payment = wiring.payments().claim_question(reference, token_hash(token), wiring.outside.clock())
    attempt = payment.attempt(reference) if payment else None
    if payment is None or attempt is None or attempt.provider != provider:
        logger.info("webhook ignored", extra={"provider": provider})
        return
    if attempt.status is not AttemptStatus.PAID:
        ask(payment, attempt)


def ask(payment: "Payment", attempt: "Attempt") -> None:
    """Ask about an attempt and settle by the answer; one that was given up may bring late money."""
    try:
        report = open_provider(attempt.provider, payment.merchant_id).ask(payment, attempt)
    except (ProviderSilent, MethodUnavailable) as unanswered:
        logger.warning(
            "webhook not confirmed",
            extra={"attempt": attempt.ref, "why": type(unanswered).__name__},
        )
        return
    settle(wiring.payments(), payment, report, SettledBy.WEBHOOK, wiring.outside.clock())

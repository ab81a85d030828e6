"""A provider's notification, from the token in its address to a settled payment.

An unsigned one is a hint and no more: its body is not read for money, the token only says that
the address came from us, and the provider is asked. A signed one is believed when its signature
is good and all that it states agrees; where it does not agree, the provider is asked as well
(PROVIDERS.md, RELIABILITY.md).
"""

from http import HTTPStatus
from typing import TYPE_CHECKING

from ledger.payments import QUESTION_PAUSE, AskedJustNow
from payments.callback_tokens import token_hash
from payments.errors import ForgedWebhook, MethodUnavailable, ProviderSilent
from payments.keys import same
from payments.references import payment_of
from payments.report import Outcome
from payments.status import AttemptStatus, SettledBy
from plumbing import wiring
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.observability import Figure, count, logger
from plumbing.provider_desk import open_provider
from plumbing.provider_words import count_disagreement
from plumbing.requests import Request, headers, path_parameter, raw_body
from providers.port import Notice
from providers.registry import REGISTRY
from settlement.judge import agrees
from settlement.settle import settle

if TYPE_CHECKING:
    from payments.payment import Attempt, Payment
    from payments.report import Report
    from plumbing.merchant_api import Handler

# A function has 28 seconds, and the question itself may take most of them.
MOST_TURNS = 4


def receiver(provider: str) -> "Handler":
    """The Lambda handler of one provider's notifications."""

    def hear(request: Request) -> Answer:
        return receive(request, provider)

    def probe(_request: Request) -> Answer:
        # RwandaPay's may come before a webhook; the same for every address, and nothing is read.
        return Answer(HTTPStatus.OK)

    return answering({"POST": hear, "HEAD": probe})


def receive(event: Request, provider: str) -> Answer:
    """Hear a provider out, and answer as it expects.

    The answer is the same whether or not the reference exists. Raises ForgedWebhook for every
    notification of a signing provider that does not prove itself, MalformedBody, BodyTooLarge.
    """
    body = raw_body(event)
    reference = path_parameter(event, "attempt_ref")
    token = path_parameter(event, "token")
    listing = REGISTRY[provider]
    notice = Notice(body=body, headers=headers(event))
    try:
        believed = listing.signs and believe(reference, token, provider, notice)
    except ForgedWebhook:
        count(Figure.WEBHOOK_FORGED, provider=provider)
        raise
    if not believed:
        ask_about(reference, token, provider)
    return json_answer(HTTPStatus.OK, dict(listing.acknowledge(body)))


def believe(reference: str, token: str, provider: str, notice: Notice) -> bool:
    """Settle by a signed notification; False when the provider has to be asked after all.

    Raises ForgedWebhook.
    """
    payment = addressed(reference)
    attempt = payment.attempt(reference) if payment else None
    if (
        payment is None
        or attempt is None
        or attempt.provider != provider
        or not same(token_hash(token), attempt.token_hash)
    ):
        raise ForgedWebhook
    report = heard(payment, attempt, notice)
    if report is None:
        return False
    count_disagreement(payment, report, provider)
    # Settlement parks a sum that differs, and keeps a reference that lets us ask from now on.
    settle(wiring.payments(), payment, report, SettledBy.WEBHOOK, wiring.outside.clock())
    return agrees(payment, report) and report.outcome in {Outcome.PAID, Outcome.DECLINED}


def heard(payment: "Payment", attempt: "Attempt", notice: Notice) -> "Report | None":
    """What the notification says, once its signature is good. Raises ForgedWebhook."""
    try:
        provider = open_provider(attempt.provider, payment.merchant_id)
    except MethodUnavailable as unknown:
        # Without the secret nothing can be proven.
        raise ForgedWebhook from unknown
    return provider.hear(payment, attempt, notice)


def addressed(reference: str) -> "Payment | None":
    """The payment that an attempt reference leads to."""
    named = payment_of(reference)
    return wiring.payments().get(named[0]) if named else None


def ask_about(reference: str, token: str, provider: str) -> None:
    """Ask the provider about the attempt that the address names, at most once in two seconds.

    Quiet about everything: a stranger must not learn whether the reference exists. What stays
    open is asked again by the watch.
    """
    payment = claimed(reference, token_hash(token))
    attempt = payment.attempt(reference) if payment else None
    if payment is None or attempt is None or attempt.provider != provider:
        logger.info("webhook ignored", extra={"provider": provider})
        return
    if attempt.status is not AttemptStatus.PAID:
        ask(payment, attempt)


def claimed(reference: str, digest: str) -> "Payment | None":
    """The payment, with the right to ask about an attempt; None where nobody has to ask now.

    One that is open is asked about by its watch. Of one that ended without money this may be the
    only word of late money that ever comes, so it waits for its turn.
    """
    for turn in range(MOST_TURNS):
        if turn:
            wiring.outside.sleep(QUESTION_PAUSE.total_seconds())
        try:
            return wiring.payments().claim_question(reference, digest, wiring.outside.clock())
        except AskedJustNow as asked:
            attempt = asked.current.attempt(reference)
            if attempt is None or attempt.is_live or attempt.status is AttemptStatus.PAID:
                return None
    logger.error("a hint about an ended attempt was not followed", extra={"attempt": reference})
    return None


def ask(payment: "Payment", attempt: "Attempt") -> None:
    """Ask about an attempt and settle by the answer; one that was given up may bring late money."""
    try:
        report = open_provider(attempt.provider, payment.merchant_id).ask(payment, attempt)
    except (ProviderSilent, MethodUnavailable) as unanswered:
        logger.warning(
            "webhook not confirmed",
            extra={"attempt": attempt.ref, "why": type(unanswered).__name__},
        )
        count(Figure.PROVIDER_SILENT, provider=attempt.provider)
        return
    count_disagreement(payment, report, attempt.provider)
    settle(wiring.payments(), payment, report, SettledBy.WEBHOOK, wiring.outside.clock())

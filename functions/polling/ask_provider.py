"""AskProvider: nobody told us how an attempt ended, so ask its provider. WatchAttempt calls it.

In: {"payment_id": "CHK-…", "attempt": "…01", "last": false}. Out: {"settled": true}.
"""

from typing import TYPE_CHECKING, Any

from payments.errors import MethodUnavailable, ProviderSilent
from payments.status import SettledBy
from plumbing import wiring
from plumbing.observability import Figure, count, logger
from plumbing.provider_desk import open_provider
from plumbing.provider_words import count_disagreement
from settlement.judge import UNANSWERED, parked
from settlement.settle import change, settle

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.payment import Attempt, Payment
    from payments.report import Report


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, bool]:
    """Ask once. The last question of a day leaves an open attempt to a person, never to a guess."""
    payment = wiring.payments().get(event["payment_id"])
    attempt = payment.attempt(event["attempt"]) if payment else None
    if payment is None or attempt is None:
        raise LookupError(event["attempt"])
    if attempt.is_live or attempt.needs_review:
        payment = ask(payment, attempt)
    settled = is_settled(payment, attempt.ref)
    if event["last"] and not settled:
        logger.error("unresolved", extra={"attempt": attempt.ref})
        change(wiring.payments(), payment, lambda standing: leave(standing, attempt.ref))
        count(Figure.UNRESOLVED_FOUND, provider=attempt.provider)
    return {"settled": settled}


def ask(payment: "Payment", attempt: "Attempt") -> "Payment":
    """The payment after the provider's answer; unchanged when there is none."""
    report = word_of(payment, attempt)
    if report is None:
        return payment
    return settle(wiring.payments(), payment, report, SettledBy.POLLING, wiring.outside.clock())


def word_of(payment: "Payment", attempt: "Attempt") -> "Report | None":
    """What the provider says of the attempt; None when it says nothing."""
    try:
        report = open_provider(attempt.provider, payment.merchant_id).ask(payment, attempt)
    except (ProviderSilent, MethodUnavailable) as unanswered:
        logger.warning(
            "provider silent",
            extra={"attempt": attempt.ref, "why": type(unanswered).__name__},
        )
        count(Figure.PROVIDER_SILENT, provider=attempt.provider)
        return None
    count_disagreement(payment, report, attempt.provider)
    return report


def is_settled(payment: "Payment", reference: str) -> bool:
    """Whether the attempt has come to its end."""
    attempt = payment.attempt(reference)
    return attempt is not None and not attempt.is_live


def leave(payment: "Payment", reference: str) -> "Payment | None":
    """The payment with this attempt set aside for a person; None when it ended, or was before.

    What it was set aside for then, a sum that disagrees, tells the person more.
    """
    attempt = payment.attempt(reference)
    if attempt is None or not attempt.is_live or attempt.needs_review:
        return None
    return parked(payment, attempt, UNANSWERED, wiring.outside.clock())

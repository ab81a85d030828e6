"""What in a provider's word is the operator's business as well as settlement's."""

from typing import TYPE_CHECKING

from payments.report import Outcome
from plumbing.observability import Figure, count, logger
from settlement.judge import agrees

if TYPE_CHECKING:
    from payments.payment import Payment
    from payments.report import Report


def count_disagreement(payment: "Payment", report: "Report", provider: str) -> None:
    """Count money that is not the sum that was asked; settlement sets the attempt aside.

    Counted each time that the provider says so, so that its alarm stays on as long as it does.
    """
    if report.outcome is Outcome.PAID and not agrees(payment, report):
        logger.error("another sum", extra={"attempt": report.attempt_ref, "provider": provider})
        count(Figure.SUM_DISAGREES, provider=provider)

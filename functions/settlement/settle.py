"""The only door to a final status: one conditional update."""

from datetime import datetime
from typing import TYPE_CHECKING

from ledger.payments import MovedOn, News
from payments.status import AttemptStatus, SettledBy
from settlement.judge import judge
from settlement.news import with_news

if TYPE_CHECKING:
    from collections.abc import Callable

    from ledger.payments import Payments
    from payments.payment import Payment
    from payments.report import Report


def settle(
    payments: "Payments", payment: "Payment", report: "Report", by: "SettledBy", now: datetime
) -> "Payment":
    """Let a provider's word change the payment, and answer with how it stands then.

    The same word twice, or a word that comes after a final one, is quiet; so is one that turns
    out to be about another attempt's charge.
    """
    is_ours = keeps_name(payments, payment, report)
    if by is SettledBy.WEBHOOK and not is_ours:
        return payment
    return change(payments, payment, lambda standing: judge(standing, report, by, now))


def keeps_name(payments: "Payments", payment: "Payment", report: "Report") -> bool:
    """Keep a charge's name as this attempt's where nothing else tells; False when it is another's.

    DGS-Pay's letters name nothing of ours. Sent to the address of an attempt whose reply was
    lost, another charge's would else be taken for its own. A reply is its request's own.
    """
    attempt = payment.attempt(report.attempt_ref)
    if attempt is None or not report.is_named_by_itself or report.provider_ref is None:
        return True
    return payments.take_name(attempt.provider, report.provider_ref, attempt.ref)


def change(
    payments: "Payments",
    payment: "Payment",
    decide: "Callable[[Payment], Payment | None]",
) -> "Payment":
    """Write what `decide` makes of the payment; decide anew whenever another write came between.

    What the merchant is owed to hear of it is written with it.
    """
    while (decided := decide(payment)) is not None:
        after = with_news(payment, decided)
        try:
            payments.save(after, news_of(payment, after))
        except MovedOn as moved:
            payment = moved.current
        else:
            return after
    return payment


def news_of(before: "Payment", after: "Payment") -> News:
    """What the stream has to pass on: an ending of a payment or an attempt, or nothing."""
    if before.status is not after.status or open_and_paid(before) != open_and_paid(after):
        return News.STATUS
    return News.NOTHING


def open_and_paid(payment: "Payment") -> tuple[str | None, list[str]]:
    """The attempt that someone watches, and those that brought money."""
    live = payment.live_attempt
    return (
        live.ref if live else None,
        [attempt.ref for attempt in payment.attempts if attempt.status is AttemptStatus.PAID],
    )

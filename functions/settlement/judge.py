"""What a provider's word makes of a payment. Pure: facts in, the next version out.

The payment moves only by the table of transitions, and becomes successful only on a report that
agrees with it in everything that the provider stated.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from payments.payment import MOST_TRIES, Attempt, Payment
from payments.references import transaction_id
from payments.report import Outcome, Reason, Report
from payments.status import AttemptStatus, SettledBy, Status
from settlement.transitions import may_become

# "Not found" is no answer until several queries over at least five minutes say so
# (PROVIDERS.md, last section).
NOT_FOUND_TIMES = 3
NOT_FOUND_FOR = timedelta(minutes=5)

DISAGREES = "the provider states another sum"
UNANSWERED = "no final word from the provider in a day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a person says of an attempt."""

    is_paid: bool
    by: str
    """The name that AWS knows them by."""
    because: str


def judge(payment: Payment, report: Report, by: SettledBy, now: datetime) -> Payment | None:
    """The next version of the payment, or None when the report changes nothing."""
    attempt = payment.attempt(report.attempt_ref)
    if attempt is None or attempt.status is AttemptStatus.PAID:
        return None
    if report.outcome is not Outcome.PAID:
        return judge_without_money(payment, attempt, report, by, now) if attempt.is_live else None
    if not agrees(payment, report):
        return parked(payment, attempt, DISAGREES, now)
    heard = with_references(attempt, report)
    return paid(payment, ended(heard, AttemptStatus.PAID, None, by, now), now)


def judge_without_money(
    payment: Payment, attempt: Attempt, report: Report, by: SettledBy, now: datetime
) -> Payment | None:
    """What any word but "paid" makes of a payment with a live attempt."""
    heard = with_references(attempt, report)
    match report.outcome:
        case Outcome.DECLINED:
            reason = report.reason or Reason.DECLINED
            return unpaid(payment, ended(heard, AttemptStatus.DECLINED, reason, by, now), now)
        case Outcome.REFUSED:
            refused = ended(heard, AttemptStatus.REFUSED, report.reason, by, now)
            return unpaid(payment, refused, now)
        case Outcome.NOT_FOUND if attempt.status is AttemptStatus.UNKNOWN:
            return missed(payment, attempt, by, now)
        case Outcome.PENDING:
            is_new = attempt.status is AttemptStatus.UNKNOWN
            accepted = replace(
                heard,
                status=AttemptStatus.ACCEPTED,
                accepted_at=now if is_new else attempt.accepted_at,
            )
            return None if accepted == attempt else next_version(payment, accepted, now)
    return None


def agrees(payment: Payment, report: Report) -> bool:
    """Whether the sum that the provider states, if it states one, is the one that was asked."""
    return report.stated in (None, payment.money)


def begin(payment: Payment, attempt: Attempt, now: datetime) -> Payment:
    """The payment with a new attempt, before its provider hears of it."""
    return replace(
        payment,
        attempts=(*payment.attempts, attempt),
        version=payment.version + 1,
        updated_at=now,
    )


def give_up(payment: Payment, now: datetime) -> Payment | None:
    """The customer goes back to the shop unpaid; None when that ends nothing."""
    if payment.live_attempt or not may_become(payment.status, Status.FAILED):
        return None
    return replace(payment, status=Status.FAILED, version=payment.version + 1, updated_at=now)


def cancel(payment: Payment, now: datetime) -> Payment | None:
    """The merchant calls it off; None when money may still move, or it is over by the clock."""
    if payment.live_attempt or not may_become(payment.status_at(now), Status.CANCELLED):
        return None
    return replace(payment, status=Status.CANCELLED, version=payment.version + 1, updated_at=now)


def decided(payment: Payment, reference: str, decision: Decision, now: datetime) -> Payment | None:
    """What a person's word makes of the payment; None when nothing about the attempt is open.

    It is the word of last resort, for what neither a notification nor an answer has settled
    (infra/decisions/0012-a-payment-says-when-to-look-at-it-again.md).
    """
    attempt = payment.attempt(reference)
    if attempt is None or not is_open_to_a_person(attempt):
        return None
    told = replace(attempt, decided_by=decision.by, decided_because=decision.because)
    if decision.is_paid:
        return paid(payment, ended(told, AttemptStatus.PAID, None, SettledBy.PERSON, now), now)
    if not attempt.is_live:
        # It ended unpaid before, and so it stays: only the doubt is gone.
        return next_version(payment, replace(told, needs_review=None), now)
    declined = ended(told, AttemptStatus.DECLINED, Reason.DECLINED, SettledBy.PERSON, now)
    return unpaid(payment, declined, now)


def is_open_to_a_person(attempt: Attempt) -> bool:
    """Whether a person may say how an attempt ended: while it is live, or was set aside."""
    return attempt.is_live or attempt.needs_review is not None


def expire(payment: Payment, now: datetime) -> Payment | None:
    """Nobody paid in time; None when it is not over, or money may still move."""
    is_over = payment.status_at(now) is Status.EXPIRED
    if not is_over or not may_become(payment.status, Status.EXPIRED):
        return None
    return replace(payment, status=Status.EXPIRED, version=payment.version + 1, updated_at=now)


def parked(payment: Payment, attempt: Attempt, why: str, now: datetime) -> Payment | None:
    """The attempt set aside for a person, its status untouched; None when it is already."""
    if attempt.needs_review == why:
        return None
    return next_version(payment, replace(attempt, needs_review=why), now)


def paid(payment: Payment, attempt: Attempt, now: datetime) -> Payment:
    """Money came. On a payment that has money already it is a duplicate, kept beside."""
    after = next_version(payment, attempt, now)
    if payment.paid_attempt or not may_become(payment.status, Status.SUCCESSFUL):
        return after
    return replace(
        after,
        status=Status.SUCCESSFUL,
        paid_at=now,
        transaction_id=transaction_id(attempt.ref, payment.mode, now),
    )


def unpaid(payment: Payment, attempt: Attempt, now: datetime) -> Payment:
    """The attempt ended without money, and the payment with it where nobody can try again."""
    after = next_version(payment, attempt, now)
    is_last = attempt.decline_is_final or payment.tries >= MOST_TRIES
    if is_last and not goes_on(attempt) and may_become(payment.status, Status.FAILED):
        return replace(after, status=Status.FAILED)
    return after


def goes_on(attempt: Attempt) -> bool:
    """Whether the next provider is asked: only after a plain refusal, never after silence."""
    return attempt.falls_over and attempt.is_refused_at_once


def missed(payment: Payment, attempt: Attempt, by: SettledBy, now: datetime) -> Payment:
    """The provider does not know an attempt whose reply was lost: in the end it never arrived.

    One that the provider accepted did arrive; "not found" is no answer about it.
    """
    since = attempt.not_found_since or now
    again = replace(attempt, times_not_found=attempt.times_not_found + 1, not_found_since=since)
    is_long_enough = now >= since + NOT_FOUND_FOR
    if again.times_not_found < NOT_FOUND_TIMES or not is_long_enough:
        return next_version(payment, again, now)
    return unpaid(payment, ended(again, AttemptStatus.REFUSED, Reason.NEVER_ARRIVED, by, now), now)


def ended(
    attempt: Attempt, status: AttemptStatus, reason: Reason | None, by: SettledBy, now: datetime
) -> Attempt:
    """The attempt as it ended; what was to be reviewed has found its answer."""
    return replace(
        attempt, status=status, reason=reason, settled_by=by, ended_at=now, needs_review=None
    )


def with_references(attempt: Attempt, report: Report) -> Attempt:
    """The attempt with the names that the provider gave it."""
    return replace(
        attempt,
        provider_ref=report.provider_ref or attempt.provider_ref,
        network_ref=report.network_ref or attempt.network_ref,
        next_url=report.next_url or attempt.next_url,
    )


def next_version(payment: Payment, attempt: Attempt, now: datetime) -> Payment:
    """The payment with this attempt in the place of its former self."""
    attempts = tuple(attempt if a.ref == attempt.ref else a for a in payment.attempts)
    return replace(payment, attempts=attempts, version=payment.version + 1, updated_at=now)

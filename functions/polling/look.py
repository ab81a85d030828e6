"""One look of the sweep at one payment: whatever is due for it is done (DESIGN.md, 10).

What nobody paid expires. A watch that never started starts. An attempt that is open after a day
is asked about day by day, and one that ended without money once more. News that the stream did
not bring to the merchant is told. Each step may be repeated harmlessly.
"""

from functools import partial
from typing import TYPE_CHECKING

from ledger.check_times import is_between_looks
from ledger.payments import News
from payments.clock import iso
from payments.errors import EventNotFound, ResentTooOften
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy
from plumbing import wiring
from plumbing.machines import deliver, watch
from plumbing.observability import Figure, count, logger
from plumbing.tally import count_event
from polling.ask_provider import leave, word_of
from settlement.judge import UNANSWERED, expire, parked
from settlement.letters import event_of
from settlement.next_look import (
    ASKED_EVERY,
    given_up_at,
    is_asked_about,
    is_asked_again,
    is_left_to_a_person,
    is_underway,
    is_untold,
    next_look,
    next_look_at,
)
from settlement.settle import change, news_of, settle

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.checks import Due
    from ledger.events import Event
    from payments.payment import Attempt, Payment


def look(due: "Due", now: "datetime") -> None:
    """Look at what is due, and say when to look again.

    The index lags, and another run may have been here: what is not due any more is left alone.
    """
    version = due.version_of_event
    if version is None:
        look_at_payment(due.session_id, now)
    else:
        look_at_sent_event(due.session_id, version, now)


def look_at_sent_event(payment_id: str, version: int, now: "datetime") -> None:
    """Look at an event that somebody sent by itself, a resend or a test."""
    event = wiring.events().get(payment_id, version)
    if event is None or event.check_at is None or event.check_at > iso(now):
        return
    wiring.checks().looked_at_event(event, next_look_at(look_at_event(event, now), now))


def look_at_payment(session_id: str, now: "datetime") -> None:
    """Look at a payment with all that lies beside it."""
    whole = wiring.whole_payments().get(session_id)
    if whole is None or whole.check_at is None or whole.check_at > iso(now):
        return
    payment, unanswered = look_at_attempts(whole.payment, whole.looked_at, now)
    payment = change(wiring.payments(), payment, lambda standing: expire(standing, now))
    payment = look_at_presumed(payment, unanswered, now)
    events = look_at_news(payment, whole.events, now)
    if sets_its_own_time(whole.payment, payment):
        return
    then = next_look(payment, events, now)
    is_again = any(is_asked_again(attempt, now) for attempt in unanswered)
    if is_again:
        then = min(then or now + ASKED_EVERY, now + ASKED_EVERY)
    wiring.checks().looked(payment, whole.check_at, None if is_again else now, then)


def sets_its_own_time(before: "Payment", after: "Payment") -> bool:
    """Whether this look's own change said when to look again (ledger/payments.py)."""
    return news_of(before, after) is News.STATUS and is_between_looks(after)


def look_at_attempts(
    payment: "Payment", looked_at: "datetime | None", now: "datetime"
) -> "tuple[Payment, list[Attempt]]":
    """The payment after all that its providers say, and the ended attempts that got no answer."""
    unanswered: list[Attempt] = []
    for attempt in payment.attempts:
        if not is_asked_about(attempt, looked_at, now):
            if attempt.is_live:
                watch(payment, attempt.ref)
            continue
        asked = ask(payment, attempt, now)
        payment = asked or payment
        if is_left_to_a_person(attempt, now):
            payment = leave_open(payment, attempt)
        elif asked is None and not attempt.is_live:
            unanswered.append(attempt)
    return payment, unanswered


def look_at_presumed(payment: "Payment", unanswered: "list[Attempt]", now: "datetime") -> "Payment":
    """The payment with what was only presumed never to have arrived left to a person.

    After a week of questions that its provider did not answer; what a provider itself declined
    needs nobody.
    """
    for attempt in unanswered:
        if attempt.reason is Reason.NEVER_ARRIVED and not is_asked_again(attempt, now):
            payment = change(
                wiring.payments(), payment, partial(presumed, reference=attempt.ref, now=now)
            )
    return payment


def presumed(standing: "Payment", *, reference: str, now: "datetime") -> "Payment | None":
    """The payment with this attempt set aside, unless it was paid in the meantime."""
    attempt = standing.attempt(reference)
    if attempt is None or attempt.status is AttemptStatus.PAID:
        return None
    return parked(standing, attempt, UNANSWERED, now)


def ask(payment: "Payment", attempt: "Attempt", now: "datetime") -> "Payment | None":
    """The payment after the provider's answer; None when there is none."""
    report = word_of(payment, attempt)
    if report is None:
        return None
    return settle(wiring.payments(), payment, report, SettledBy.POLLING, now)


def leave_open(payment: "Payment", asked: "Attempt") -> "Payment":
    """The payment with what is open still set aside for a person, if it is not yet."""
    left = change(wiring.payments(), payment, lambda standing: leave(standing, asked.ref))
    attempt = left.attempt(asked.ref)
    if attempt and attempt.needs_review and not asked.needs_review:
        logger.error("unresolved", extra={"attempt": asked.ref})
        count(Figure.UNRESOLVED_FOUND, provider=asked.provider)
    return left


def look_at_news(payment: "Payment", events: "tuple[Event, ...]", now: "datetime") -> "list[Event]":
    """The payment's events, once all that should be told is on its way."""
    standing = [look_at_event(event, now) for event in events]
    for owed in payment.owed:
        if is_untold(owed, events, now):
            event = event_of(payment, owed, now)
            logger.error("news that nobody told", extra={"event_id": event.event_id})
            if wiring.events().add(event):
                count_event(event, payment)
            deliver(event)
            standing.append(event)
    return standing


def look_at_event(event: "Event", now: "datetime") -> "Event":
    """The event, its delivery started again if it should be underway, anew if that has died."""
    if not is_underway(event, now):
        return event
    if now >= given_up_at(event):
        logger.error("delivery died", extra={"event_id": event.event_id})
        try:
            event = wiring.events().resend(event, None, now)
        except (ResentTooOften, EventNotFound):
            return event
    deliver(event)
    return event

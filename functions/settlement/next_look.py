"""When a payment has to be looked at again, if nobody brings news before. Pure.

What is due by now, the look that is going on does; only what is due later is told. The rules are
DESIGN.md's (10) and RELIABILITY.md's (invariants 4 and 6).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger.check_times import CHECKED_AFTER
from ledger.events import REMEMBERED, DeliveryState
from payments.status import AttemptStatus, Status

if TYPE_CHECKING:
    from ledger.events import Event
    from payments.payment import Attempt, Owed, Payment

# The watch asks by itself; but one that died cannot be started again, its name being used.
ASKED_BESIDE_THE_WATCH = (timedelta(hours=1), timedelta(hours=6))
# An hour after the watch has asked for the last time.
ASKED_AFTER = timedelta(hours=25)
ASKED_EVERY = timedelta(days=1)
ASKED_FOR = timedelta(days=8)
# A delivery is over in less than four days, unless its endpoint asks for longer pauses, of up to
# a day; none is longer than this (announcements/schedule.py).
DELIVERED_WITHIN = timedelta(days=4)
LONGEST_PAUSE = timedelta(hours=30)


def next_look(payment: "Payment", events: "Sequence[Event]", now: datetime) -> datetime | None:
    """When to look again; None when nothing is left to look at."""
    return min((moment for moment in looks(payment, events) if moment > now), default=None)


def next_look_at(event: "Event", now: datetime) -> datetime | None:
    """When to look again at an event that somebody sent by itself; None when it came to its end."""
    return min((moment for moment in looks_at_event(event) if moment > now), default=None)


def looks(payment: "Payment", events: "Sequence[Event]") -> Iterator[datetime]:
    """Every moment at which something falls due, past ones too."""
    if payment.status is Status.PENDING and payment.live_attempt is None:
        yield payment.expires_at
    for attempt in payment.attempts:
        yield from looks_at_attempt(attempt)
    told = {event.version for event in events}
    for owed in payment.owed:
        if owed.version not in told:
            yield owed.at + CHECKED_AFTER
    for event in events:
        yield from looks_at_event(event)


def looks_at_event(event: "Event") -> Iterator[datetime]:
    """When an event's delivery is looked at: whether it began, and whether it died."""
    if event.state is DeliveryState.PENDING:
        yield event.sent_at + CHECKED_AFTER
        yield given_up_at(event)


def looks_at_attempt(attempt: "Attempt") -> Iterator[datetime]:
    """When an attempt is looked at: its watch, then the provider, day by day."""
    if attempt.is_live:
        yield attempt.started_at + CHECKED_AFTER
        for beside in ASKED_BESIDE_THE_WATCH:
            yield attempt.started_at + beside
        after = ASKED_AFTER
        while after <= ASKED_FOR:
            yield attempt.started_at + after
            after += ASKED_EVERY
    elif may_bring_late_money(attempt):
        yield attempt.started_at + ASKED_AFTER


def may_bring_late_money(attempt: "Attempt") -> bool:
    """Whether an attempt ended without money, and not by a plain refusal of the charge itself."""
    is_paid = attempt.status is AttemptStatus.PAID
    return not (attempt.is_live or is_paid or attempt.is_refused_at_once)


def is_asked_about(attempt: "Attempt", looked_at: datetime | None, now: datetime) -> bool:
    """Whether a look asks the provider about an attempt.

    While it is open, at every look from its second hour on, for a week; after its end once more.
    `looked_at` is when the last look got all that it asked for.
    """
    if attempt.is_live:
        # One that nobody has looked at in all that time is asked about once.
        is_in_time = now <= attempt.started_at + ASKED_FOR or attempt.needs_review is None
        return is_in_time and now >= attempt.started_at + ASKED_BESIDE_THE_WATCH[0]
    due = attempt.started_at + ASKED_AFTER
    return may_bring_late_money(attempt) and now >= due and (looked_at is None or looked_at < due)


def is_left_to_a_person(attempt: "Attempt", now: datetime) -> bool:
    """Whether an attempt that is open still has had its day."""
    return attempt.is_live and now >= attempt.started_at + ASKED_AFTER


def is_asked_again(attempt: "Attempt", now: datetime) -> bool:
    """Whether a question about an ended attempt that got no answer is asked again in a day."""
    return now + ASKED_EVERY <= attempt.started_at + ASKED_FOR


def is_untold(owed: "Owed", events: "Sequence[Event]", now: datetime) -> bool:
    """Whether nobody has written the event of a news, though the stream had the time to.

    An event is forgotten after a month; news older than that was told or is too old to tell.
    """
    is_written = any(event.version == owed.version for event in events)
    return not is_written and owed.at + CHECKED_AFTER <= now < owed.at + REMEMBERED


def is_underway(event: "Event", now: datetime) -> bool:
    """Whether an event should have a delivery that goes on."""
    return event.state is DeliveryState.PENDING and event.sent_at + CHECKED_AFTER <= now


def given_up_at(event: "Event") -> datetime:
    """When a delivery that has come to no end must have died."""
    begun = event.sent_at + DELIVERED_WITHIN
    return max(begun, event.tries[-1].at + LONGEST_PAUSE) if event.tries else begun

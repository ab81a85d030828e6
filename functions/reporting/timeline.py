"""What happened to a payment, in order of time: told from the facts that are kept, none invented.

Times are to the second. What happened in one second stands in the order of cause and effect.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Literal, NotRequired, TypedDict

from payments.clock import iso
from payments.payment import Method
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ledger.events import Event
    from ledger.whole_payments import WholePayment
    from payments.payment import Attempt


class Happening(TypedDict):
    """One thing that happened. Which of the other facts it bears depends on what it is."""

    at: str
    what: Literal[
        "opened",
        "attempt_started",
        "attempt_ended",
        "paid",
        "expired",
        "event_created",
        "delivery_tried",
    ]
    attempt_ref: NotRequired[str]
    """Of an attempt."""
    provider: NotRequired[str]
    """Of an attempt that started."""
    method: NotRequired[Method]
    """Of an attempt that started."""
    status: NotRequired[AttemptStatus]
    """Of an attempt that ended."""
    reason: NotRequired[Reason | None]
    """Of an attempt that ended without money."""
    settled_by: NotRequired[SettledBy | None]
    """Who brought the news that ended an attempt."""
    transaction_id: NotRequired[str | None]
    """Of the money."""
    event_id: NotRequired[str]
    """Of an event, or of a try to deliver it. Events are kept for 30 days."""
    type: NotRequired[str]
    """Of an event: payment.successful and so on."""
    status_code: NotRequired[int | None]
    """Of a try to deliver: what the endpoint answered, if it did."""
    error: NotRequired[str | None]
    """Of a try to deliver: why there was no answer."""


def timeline(whole: "WholePayment", now: datetime) -> list[Happening]:
    """Everything that happened, oldest first."""
    # Sorting keeps the order of those that are equal: it is that of cause and effect.
    return sorted(happenings(whole, now), key=lambda happening: happening["at"])


def happenings(whole: "WholePayment", now: datetime) -> "Iterator[Happening]":
    """Everything that happened; of things in one second, causes before effects."""
    payment = whole.payment
    yield {"at": iso(payment.created_at), "what": "opened"}
    for attempt in payment.attempts:
        yield from course_of(attempt)
    if payment.paid_at:
        yield {
            "at": iso(payment.paid_at),
            "what": "paid",
            "transaction_id": payment.transaction_id,
        }
    if payment.status_at(now) is Status.EXPIRED:
        yield {"at": iso(payment.expires_at), "what": "expired"}
    for event in whole.events:
        yield from course_of_event(event)


def course_of(attempt: "Attempt") -> "Iterator[Happening]":
    """What happened to an attempt."""
    yield {
        "at": iso(attempt.started_at),
        "what": "attempt_started",
        "attempt_ref": attempt.ref,
        "provider": attempt.provider,
        "method": attempt.method,
    }
    if attempt.ended_at:
        yield {
            "at": iso(attempt.ended_at),
            "what": "attempt_ended",
            "attempt_ref": attempt.ref,
            "status": attempt.status,
            "reason": attempt.reason,
            "settled_by": attempt.settled_by,
        }


def course_of_event(event: "Event") -> "Iterator[Happening]":
    """What happened to an event."""
    yield {
        "at": iso(event.created_at),
        "what": "event_created",
        "event_id": event.event_id,
        "type": event.type,
    }
    for attempt in event.tries:
        yield {
            "at": iso(attempt.at),
            "what": "delivery_tried",
            "event_id": event.event_id,
            "status_code": attempt.status_code,
            "error": attempt.error,
        }

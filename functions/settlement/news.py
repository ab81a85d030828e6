"""What a merchant is owed to hear of a change. It is written with the change itself.

So whoever tells it, the stream's reader at once or the sweep days later, tells the same: the
version gives the event its id, and the list of what is owed says what it is.
"""

from dataclasses import replace

from payments.event_types import EventType
from payments.payment import Owed, Payment
from payments.status import AttemptStatus


def with_news(before: Payment, after: Payment) -> Payment:
    """The next version of a payment, with the news that it brings, if it brings any."""
    kind = kind_of(before, after)
    if kind is None:
        return after
    return replace(after, owed=(*after.owed, Owed(after.version, kind, after.updated_at)))


def kind_of(before: Payment, after: Payment) -> EventType | None:
    """What a change is to the merchant, or None when they need not hear of it."""
    if after.status is not before.status:
        return EventType(f"payment.{after.status}")
    if times_paid(after) > max(times_paid(before), 1):
        return EventType.DUPLICATE_CHARGE
    return None


def times_paid(payment: Payment) -> int:
    """How many attempts brought money."""
    return sum(attempt.status is AttemptStatus.PAID for attempt in payment.attempts)


def owed_now(payment: Payment) -> Owed | None:
    """The news that this very version brought."""
    return next((owed for owed in payment.owed if owed.version == payment.version), None)

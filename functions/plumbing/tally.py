"""Count what merchants are told and how they take it, for the operator's alarms and dashboard.

Only with real money: a merchant who rehearses wakes nobody.
"""

from typing import TYPE_CHECKING

from ledger.events import DeliveryState
from payments.event_types import EventType
from payments.mode import Mode
from plumbing.observability import Figure, count, logger

if TYPE_CHECKING:
    from ledger.events import Event
    from payments.payment import Payment

EVENTS = {
    EventType.SUCCESSFUL: Figure.PAYMENT_PAID,
    EventType.FAILED: Figure.PAYMENT_ENDED_UNPAID,
    EventType.CANCELLED: Figure.PAYMENT_ENDED_UNPAID,
    EventType.EXPIRED: Figure.PAYMENT_ENDED_UNPAID,
    EventType.DUPLICATE_CHARGE: Figure.DUPLICATE_CHARGE,
}
# A try that finds the endpoint disabled is none: its merchant was told, and so was the operator.
TRIES = {
    DeliveryState.DELIVERED: Figure.DELIVERY_MADE,
    DeliveryState.PENDING: Figure.DELIVERY_FAILED,
    DeliveryState.GONE: Figure.DELIVERY_EXHAUSTED,
    DeliveryState.EXHAUSTED: Figure.DELIVERY_EXHAUSTED,
    DeliveryState.ENDPOINT_DISABLED: Figure.DELIVERY_EXHAUSTED,
}


def count_event(event: "Event", payment: "Payment") -> None:
    """Count an event that was just written."""
    figure = EVENTS.get(EventType(event.type))
    if figure is Figure.DUPLICATE_CHARGE:
        logger.error(
            "paid twice", extra={"event_id": event.event_id, "merchant_id": event.merchant_id}
        )
    if figure and event.mode is Mode.LIVE:
        attempt = payment.paid_attempt or (payment.attempts[-1] if payment.attempts else None)
        count(figure, provider=attempt.provider if attempt else None)


def count_try(mode: Mode, state: DeliveryState) -> None:
    """Count one try to deliver, by where it left the delivery."""
    if mode is Mode.LIVE:
        count(TRIES[state])

"""The event that a merchant means. A stranger's, and one of the other mode, is not found."""

from typing import TYPE_CHECKING

from ledger.events import REMEMBERED
from payments.errors import EventNotFound
from payments.references import event_of
from plumbing import wiring

if TYPE_CHECKING:
    from ledger.events import Event
    from payments.merchant import ApiKey


def own_event(event_id: str, key: "ApiKey") -> "Event":
    """Read an event of the last 30 days. Raises EventNotFound."""
    named = event_of(event_id)
    event = wiring.events().get(*named) if named else None
    if event is None or (event.merchant_id, event.mode) != (key.merchant_id, key.mode):
        raise EventNotFound
    # DynamoDB forgets late, by days.
    if event.created_at < wiring.outside.clock() - REMEMBERED:
        raise EventNotFound
    return event

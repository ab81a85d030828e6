"""GET /api/v1/events: what a merchant was to hear in the last 30 days, newest first.

The list follows a change within moments; one event alone is always read as it stands.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from announcements.notices import Notice, notices_of
from announcements.wishes import Wishes, wished
from ledger.events import DeliveryState
from payments.event_types import EventType
from plumbing import cursors, wiring
from plumbing.authentication import authenticate
from plumbing.list_fields import Size
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, query

if TYPE_CHECKING:
    from datetime import datetime

    from payments.merchant import ApiKey


class Filters(Wishes):
    """The query of a list of events. Every value is text, as it came."""

    limit: Size = 20
    """At most 100."""


class EventListed(TypedDict):
    """An event in short."""

    event_id: str
    """What its messages bear as `webhook-id`."""
    type: EventType
    reference: str
    """Your own: the tx_ref that the payment was opened with."""
    state: DeliveryState
    created_at: str


class Meta(TypedDict):
    """What is said of a list as a whole."""

    next_cursor: str | None
    """Send it as `cursor` for the next page; null when there is none. A page may be short, or
    even empty, while there is one: a request looks at 500 events at the most."""


class EventList(TypedDict):
    """A page of events."""

    success: Literal[True]
    message: str
    data: list[EventListed]
    meta: Meta
    notices: list[Notice]
    """Empty while your endpoint is called."""


def list_events(request: Request) -> Answer:
    """Tell a page of events."""
    key = authenticate(request)
    filters = Filters.read(query(request, Filters.names()))
    return json_answer(HTTPStatus.OK, told(filters, key, wiring.outside.clock()))


def told(filters: Filters, key: "ApiKey", now: "datetime") -> EventList:
    """The page, and where the next begins."""
    records, rest = wished(filters, key, filters.limit, now)
    return {
        "success": True,
        "message": "Events, newest first",
        "data": [event_listed(record) for record in records],
        "meta": {"next_cursor": cursors.write(rest) if rest else None},
        "notices": notices_of(wiring.endpoints().get(key.merchant_id, key.mode)),
    }


def event_listed(record: dict[str, Any]) -> EventListed:
    """An event as the index holds it."""
    return {
        "event_id": record["event_id"],
        "type": EventType(record["type"]),
        "reference": record["reference"],
        "state": DeliveryState(record["state"]),
        "created_at": record["created_at"],
    }


handler = answering({"GET": list_events})

"""GET /api/v1/events/{event_id}: an event with every try to deliver it, in one read."""

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from announcements.own_events import own_event
from ledger.events import DeliveryState
from payments.clock import iso
from payments.event_types import EventType
from plumbing.authentication import authenticate
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, path_parameter, query

if TYPE_CHECKING:
    from ledger.events import Event, Try


class TryTold(TypedDict):
    """One try to deliver."""

    at: str
    url: str
    """Where it went; of a long address the first 300 characters."""
    milliseconds: int
    """How long your endpoint took."""
    status_code: int | None
    """What it answered, if it did."""
    error: str | None
    """Why there was no answer."""
    answer: str | None
    """The first 1,000 characters of what it answered."""


class EventTold(TypedDict):
    """An event in full."""

    event_id: str
    """What its messages bear as `webhook-id`."""
    type: EventType
    reference: str
    """Your own: the tx_ref that the payment was opened with."""
    state: DeliveryState
    created_at: str
    resends: int
    """How often you had it sent anew."""
    body: dict[str, Any]
    """What is sent."""
    deliveries: list[TryTold]


class EventShown(TypedDict):
    """The answer."""

    success: Literal[True]
    message: str
    data: EventTold


def show_event(request: Request) -> Answer:
    """Tell an event, and how its deliveries went."""
    key = authenticate(request)
    query(request)
    return json_answer(HTTPStatus.OK, told(own_event(path_parameter(request, "event_id"), key)))


def told(event: "Event") -> EventShown:
    """All of it."""
    return {
        "success": True,
        "message": "The event as it stands",
        "data": {
            "event_id": event.event_id,
            "type": EventType(event.type),
            "reference": event.reference,
            "state": event.state,
            "created_at": iso(event.created_at),
            "resends": event.resends,
            "body": json.loads(event.body),
            "deliveries": [try_told(attempt) for attempt in event.tries],
        },
    }


def try_told(attempt: "Try") -> TryTold:
    """A try as it went."""
    return {
        "at": iso(attempt.at),
        "url": attempt.url,
        "milliseconds": attempt.milliseconds,
        "status_code": attempt.status_code,
        "error": attempt.error,
        "answer": attempt.answer,
    }


handler = answering({"GET": show_event})

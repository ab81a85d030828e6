"""POST /api/v1/events/{event_id}/resend, POST /api/v1/events/resend: let merchants hear again.

Nothing is sent from here: the change of an event is what the stream passes on (DESIGN.md, 6).
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict

from pydantic import Field

from announcements.own_events import own_event
from announcements.wishes import Wishes, wished
from ledger.events import REMEMBERED, DeliveryState, Event
from payments.errors import EventNotFound, InvalidRequest, ResentTooOften
from plumbing import cursors, wiring
from plumbing.authentication import authenticate
from plumbing.fields import Asked
from plumbing.idempotency import claim
from plumbing.list_fields import First, Last
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, json_object, path_parameter, raw_body

if TYPE_CHECKING:
    from datetime import datetime

    from payments.merchant import ApiKey

MOST_AT_ONCE = 100


class Nothing(Asked):
    """A body without fields; it may be left out."""


class ResendRange(Wishes):
    """Which events to send anew: at most 100 by one request, newest first."""

    since: First = Field(alias="from")
    """A day (2026-11-21) or a moment (2026-11-21T14:30:00Z), in the last 30 days."""
    until: Last = Field(alias="to")
    """It counts too."""


class EventResent(TypedDict):
    """An event that is on its way again."""

    event_id: str
    state: DeliveryState
    resends: int
    """How often it was sent anew; 10 times at the most."""


class Resent(TypedDict):
    """The answer for one event."""

    success: Literal[True]
    message: str
    data: EventResent


class Counts(TypedDict):
    """What became of the events that were meant."""

    resent: int
    passed_over: int
    """Sent anew 10 times before."""


class Meta(TypedDict):
    """What is said of a range as a whole."""

    next_cursor: str | None
    """Send it as `cursor`, with the same range, for those that are left; null when none is."""


class RangeResent(TypedDict):
    """The answer for a range."""

    success: Literal[True]
    message: str
    data: Counts
    meta: Meta


def resend_range(request: Request) -> Answer:
    """Send anew what falls into a range."""
    key = authenticate(request)
    now = wiring.outside.clock()
    body = json_object(raw_body(request))
    wanted = ResendRange.read(body)
    if wanted.since < now - REMEMBERED:
        raise InvalidRequest({"from": ["Events are kept for 30 days"]})
    digest = claim(key, request, body)
    return json_answer(HTTPStatus.ACCEPTED, resent_of(wanted, key, digest, now))


def resend_one(request: Request) -> Answer:
    """Send one event anew, under the same id."""
    key = authenticate(request)
    body = raw_body(request)
    if body:
        Nothing.read(json_object(body))
    event = own_event(path_parameter(request, "event_id"), key)
    digest = claim(key, request, {})
    return json_answer(
        HTTPStatus.ACCEPTED,
        told(wiring.events().resend(event, digest, wiring.outside.clock())),
    )


def resend(request: Request) -> Answer:
    """The one that the path names, or all that the body means."""
    return (resend_one if path_parameter(request, "event_id") else resend_range)(request)


def told(event: Event) -> Resent:
    """The event as it stands now."""
    return {
        "success": True,
        "message": "The event is on its way again",
        "data": {"event_id": event.event_id, "state": event.state, "resends": event.resends},
    }


def resent_of(
    wanted: ResendRange, key: "ApiKey", digest: str | None, now: "datetime"
) -> RangeResent:
    """Send anew what is meant, up to a hundred, and tell where the next hundred begins."""
    records, rest = wished(wanted, key, MOST_AT_ONCE, now)
    outcomes = [is_resent(record["event_id"], key, digest, now) for record in records]
    return {
        "success": True,
        "message": "The events are on their way again",
        "data": {"resent": outcomes.count(True), "passed_over": outcomes.count(False)},
        "meta": {"next_cursor": cursors.write(rest) if rest else None},
    }


def is_resent(event_id: str, key: "ApiKey", digest: str | None, now: "datetime") -> bool:
    """Send an event anew; False when that was done too often, or it was just forgotten."""
    try:
        wiring.events().resend(own_event(event_id, key), digest, now)
    except (ResentTooOften, EventNotFound):
        return False
    return True


handler = answering({"POST resend": resend})

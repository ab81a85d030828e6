"""A merchant's questions about events and their endpoint, with live keys unless told otherwise."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from announcements import arrange_endpoint, list_events, resend, show_event
from tests.integration.gateway import Gateway, key_headers
from tests.integration.rest_events import Answer, Handler, Headers, Request, call

if TYPE_CHECKING:
    from payments.keys import KeyPair

ENDPOINT = "/api/v1/webhook-endpoint"
EVENT = "/api/v1/events/{event_id}"
RESEND = "/api/v1/events/{event_id}/resend"
RESEND_RANGE = "/api/v1/events/resend"


def listed(gateway: Gateway, query: Mapping[str, str], pair: "KeyPair | None" = None) -> Answer:
    """Ask for a page of events."""
    request = Request(
        method="GET",
        resource="/api/v1/events",
        headers=key_headers(pair or gateway.shop.live),
        query=query,
    )
    return call(list_events.handler, request)


def shown(gateway: Gateway, event_id: str, pair: "KeyPair | None" = None) -> Answer:
    """Ask for one event."""
    request = Request(
        method="GET",
        resource=EVENT,
        parameters={"event_id": event_id},
        headers=key_headers(pair or gateway.shop.live),
    )
    return call(show_event.handler, request)


def resent(
    gateway: Gateway,
    event_id: str,
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
    body: str | None = None,
) -> Answer:
    """Have one event sent anew."""
    request = Request(
        method="POST",
        resource=RESEND,
        parameters={"event_id": event_id},
        headers={**key_headers(pair or gateway.shop.live), **(headers or {})},
        body=body,
    )
    return call(resend.handler, request)


def posted(
    gateway: Gateway,
    resource: str,
    body: object = None,
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
) -> Answer:
    """Post to the endpoint's routes, or to that of a range."""
    return sent(gateway, "POST", resource, body, pair, headers)


def sent(  # noqa: PLR0913, PLR0917  # a request has so many parts
    gateway: Gateway,
    method: str,
    resource: str,
    body: object = None,
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
) -> Answer:
    """Send a request to a route without parts in its path. Text is sent as it is."""
    handlers: dict[str, Handler] = {RESEND_RANGE: resend.handler}
    is_raw = body is None or isinstance(body, str)
    request = Request(
        method=method,
        resource=resource,
        headers={**key_headers(pair or gateway.shop.live), **(headers or {})},
        body=body if is_raw else json.dumps(body),  # type: ignore[arg-type]  # text, by is_raw
    )
    return call(handlers.get(resource, arrange_endpoint.handler), request)


def endpoint(gateway: Gateway, pair: "KeyPair | None" = None) -> dict[str, Any]:
    """The endpoint as its merchant sees it."""
    answer = sent(gateway, "GET", ENDPOINT, pair=pair)
    assert answer.status == 200, answer.text
    told: dict[str, Any] = answer.json["data"]
    return told


def failed_payment(gateway: Gateway, reference: str, pair: "KeyPair | None" = None) -> str:
    """Let a payment fail; the id of the event that came of it."""
    session = gateway.opened(pair, tx_ref=reference, webhook_url=None)
    gateway.pay(session, leave="1")
    gateway.pump()
    (event,) = gateway.events_of(session)
    return str(event["event_id"])

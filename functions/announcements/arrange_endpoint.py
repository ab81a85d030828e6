"""/api/v1/webhook-endpoint: where a merchant hears of payments, in the mode of the keys.

GET shows it, PUT sets the address, POST …/enable calls it again, …/test sends a message that means
nothing, …/rotate-secret gives a new secret, beside which the old one signs on for a while.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import Field, WithJsonSchema

from announcements.notices import Notice, notices_of
from announcements.sample import sample_event
from ledger.endpoints import DisabledWhy, Endpoint
from ledger.payments import News
from payments.addresses import check_webhook_address
from payments.clock import iso
from payments.errors import InvalidRequest, NoWebhookEndpoint, UnusableAddress
from payments.mode import Mode
from payments.references import ID_LENGTH, base36
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.fields import AN_ADDRESS, Asked
from plumbing.idempotency import claim
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, json_object, query, raw_body
from plumbing.settings import settings

if TYPE_CHECKING:
    from payments.merchant import ApiKey
    from payments.webhook_secrets import WebhookSecrets

LONGEST_OVERLAP = 168


class Nothing(Asked):
    """A body without fields; it may be left out."""


class Address(Asked):
    """Where to hear of payments."""

    url: Annotated[str, WithJsonSchema(AN_ADDRESS)]
    """https on port 443; in test mode http too, and ports 80 and 8443."""


class Rotation(Asked):
    """How to change the secret."""

    overlap_hours: Annotated[int, Field(ge=0, le=LONGEST_OVERLAP)] = 24
    """How long the old secret signs beside the new one; 0 ends it at once."""


class EndpointStatus(StrEnum):
    """Whether an endpoint is called."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    NONE = "none"
    """No address was set."""


class EndpointTold(TypedDict):
    """A webhook endpoint."""

    url: str | None
    mode: Mode
    status: EndpointStatus
    disabled_at: str | None
    disabled_why: DisabledWhy | None
    failing_since: str | None
    """The first failure since the last success; after 5 days the endpoint is disabled."""
    notices: list[Notice]


class EndpointShown(TypedDict):
    """The endpoint as it stands."""

    success: Literal[True]
    message: str
    data: EndpointTold


class SecretTold(TypedDict):
    """A new secret."""

    secret: str
    """It is shown this once: "whsec_" and base64, as in Standard Webhooks."""
    previous_until: str | None
    """Until when the old secret signs as well; null when it does not."""


class SecretRotated(TypedDict):
    """The answer to a rotation."""

    success: Literal[True]
    message: str
    data: SecretTold


class EventNamed(TypedDict):
    """The event that is on its way."""

    event_id: str


class SampleSent(TypedDict):
    """The answer to a test."""

    success: Literal[True]
    message: str
    data: EventNamed


def show_endpoint(request: Request) -> Answer:
    """Tell how the endpoint stands."""
    key = authenticate(request)
    query(request)
    return json_answer(HTTPStatus.OK, told(standing(key), "The endpoint as it stands"))


def set_address(request: Request) -> Answer:
    """Say where to hear of payments; an endpoint that was disabled is called again."""
    key = authenticate(request)
    address = Address.read(json_object(raw_body(request)))
    url = usable(address.url, key.mode)
    claim(key, request, address.model_dump())
    wiring.endpoints().set_url(key.merchant_id, key.mode, url)
    return json_answer(HTTPStatus.OK, told(standing(key), "Events of this mode go there now"))


def enable(request: Request) -> Answer:
    """Call an endpoint that was disabled again."""
    key = authenticate(request)
    read_nothing(request)
    claim(key, request, {})
    wiring.endpoints().enable(key.merchant_id, key.mode)
    return json_answer(HTTPStatus.OK, told(standing(key), "The endpoint is called again"))


def rotate_secret(request: Request) -> Answer:
    """Give a new secret; the old one signs as well while both overlap."""
    key = authenticate(request)
    body = raw_body(request)
    rotation = Rotation.read(json_object(body) if body else {})
    digest = claim(key, request, rotation.model_dump())
    rotated = wiring.secrets().rotate_webhook_secret(
        key.merchant_id,
        key.mode,
        wiring.outside.clock(),
        timedelta(hours=rotation.overlap_hours),
        digest,
    )
    # After the secret itself: who signs by the new number finds the new secret.
    wiring.endpoints().note_rotation(key.merchant_id, key.mode)
    return json_answer(HTTPStatus.OK, rotation_told(rotated))


def send_test(request: Request) -> Answer:
    """Send a message that means nothing, on the ordinary way."""
    key = authenticate(request)
    read_nothing(request)
    if standing(key).url is None:
        raise NoWebhookEndpoint(key.merchant_id)
    digest = claim(key, request, {})
    marks = bytes.fromhex(digest) if digest else secrets.token_bytes(32)
    event = sample_event(key, f"CHK-{base36(marks, ID_LENGTH)}", wiring.outside.clock())
    wiring.events().add(event, News.DELIVER)
    answer: SampleSent = {
        "success": True,
        "message": "A test event is on its way",
        "data": {"event_id": event.event_id},
    }
    return json_answer(HTTPStatus.ACCEPTED, answer)


def read_nothing(request: Request) -> None:
    """Refuse a body that says anything."""
    body = raw_body(request)
    if body:
        Nothing.read(json_object(body))


def usable(url: str, mode: Mode) -> str:
    """An address that deliveries can call. Raises InvalidRequest."""
    try:
        return check_webhook_address(url, mode, loopback_allowed=settings().loopback_allowed)
    except UnusableAddress as unusable:
        raise InvalidRequest({"url": [str(unusable)]}) from unusable


def standing(key: "ApiKey") -> Endpoint:
    """The endpoint of the keys' merchant and mode."""
    return wiring.endpoints().get(key.merchant_id, key.mode)


def told(endpoint: Endpoint, message: str) -> EndpointShown:
    """All of it but the secret."""
    return {
        "success": True,
        "message": message,
        "data": {
            "url": endpoint.url,
            "mode": endpoint.mode,
            "status": status_of(endpoint),
            "disabled_at": iso(endpoint.disabled_at) if endpoint.disabled_at else None,
            "disabled_why": endpoint.disabled_why,
            "failing_since": iso(endpoint.failing_since) if endpoint.failing_since else None,
            "notices": notices_of(endpoint),
        },
    }


def status_of(endpoint: Endpoint) -> EndpointStatus:
    """Whether an endpoint is called."""
    if endpoint.url is None:
        return EndpointStatus.NONE
    return EndpointStatus.DISABLED if endpoint.disabled_at else EndpointStatus.ENABLED


def rotation_told(rotated: "WebhookSecrets") -> SecretRotated:
    """The new secret, this once."""
    until = rotated.previous_until
    return {
        "success": True,
        "message": "Keep this secret: it is not shown again",
        "data": {"secret": rotated.current, "previous_until": iso(until) if until else None},
    }


handler = answering(
    {
        "GET": show_endpoint,
        "PUT": set_address,
        "POST enable": enable,
        "POST rotate-secret": rotate_secret,
        "POST test": send_test,
    }
)

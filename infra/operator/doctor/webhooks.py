"""A merchant hears us: each endpoint is sent the test event that merchants can order themselves."""

import secrets
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from announcements.sample import sample_event
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from infra.operator.speaking_for import speaking_for
from ledger.endpoints import Endpoint
from ledger.events import DeliveryState, Event, Events
from ledger.payments import News
from payments.clock import iso
from payments.merchant import Merchant
from payments.mode import Mode
from payments.references import ID_LENGTH, base36

MOST_SECONDS = 30
PAUSE_SECONDS = 1
SUCCESS = range(HTTPStatus.OK, HTTPStatus.MULTIPLE_CHOICES)


def check_webhooks(
    examination: Examination, merchant: Merchant, *, send: bool
) -> Iterator[Finding]:
    """Look at each mode's endpoint, and unless told otherwise have it called."""
    for mode in Mode:
        endpoint = examination.deployment.endpoints.get(merchant.merchant_id, mode)
        about = About("webhook", merchant.merchant_id, mode)
        if endpoint.url is None:
            yield about.ok("No endpoint: only payments that name an address are told of.")
        elif endpoint.disabled_at:
            yield about.problem(
                f"{host_of(endpoint)} is not called since {iso(endpoint.disabled_at)}:"
                f" {endpoint.disabled_why}.",
                "Mend it, enable it by setting its address again"
                f" (`webhook set {merchant.merchant_id} URL --mode {mode}`), and send what it"
                " missed anew (`events resend`).",
            )
        elif send:
            yield outcome_of(about, endpoint, called(examination, endpoint))


def called(examination: Examination, endpoint: Endpoint) -> Event | None:
    """The test event after its first try; None when there was none in time."""
    deployment = examination.deployment
    events = Events(deployment.dynamodb, deployment.payments_table)
    key = speaking_for(endpoint.merchant_id, endpoint.mode, examination.clock())
    payment_id = f"CHK-{base36(secrets.token_bytes(32), ID_LENGTH)}"
    event = sample_event(key, payment_id, examination.clock())
    events.add(event, News.DELIVER)
    examination.say(f"waiting for {host_of(endpoint)}, {MOST_SECONDS} s at the most")
    for _ in range(MOST_SECONDS // PAUSE_SECONDS):
        examination.sleep(PAUSE_SECONDS)
        standing = events.get(event.payment_id, event.version)
        if standing and (standing.tries or standing.state is not DeliveryState.PENDING):
            return standing
    return None


def outcome_of(about: About, endpoint: Endpoint, event: Event | None) -> Finding:
    """What the first try says of the endpoint."""
    if event is None:
        return about.problem(
            f"No try to call {host_of(endpoint)} within {MOST_SECONDS} s.",
            "Look at the logs of Announce and Deliver, and at the machine DeliverWebhook.",
        )
    if not event.tries:
        return about.problem(
            f"{host_of(endpoint)} was not called: {event.state}.",
            "Look at the webhook secret and the endpoint.",
        )
    tried = event.tries[0]
    if tried.status_code in SUCCESS:
        return about.ok(
            f"{host_of(endpoint)} answered {tried.status_code} in {tried.milliseconds} ms."
        )
    if tried.status_code is not None:
        return about.problem(
            f"{host_of(endpoint)} answered {tried.status_code} in {tried.milliseconds} ms.",
            f"It must answer 2xx; see what it said with GET /api/v1/events/{event.event_id}.",
        )
    return about.problem(
        f"{host_of(endpoint)} could not be called: {tried.error}.",
        "Look at the address, its DNS, its certificate and its firewall.",
    )


def host_of(endpoint: Endpoint) -> str:
    """Where an endpoint is, without its path and query, which may hold what nobody should see."""
    parts = urlsplit(endpoint.url or "")
    return f"{parts.scheme}://{parts.netloc}"

"""Deliver: one try to tell a merchant of an event. DeliverWebhook calls it until it is done.

In: {"payment_id": "CHK-…", "version": 3, "round": 0}; the round is how often the event was sent
anew before. Out: {"state": "delivered"}, or "superseded" when it was sent anew since.
Raises NotDelivered with the seconds to the next try as its message.
"""

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from announcements.endpoint_health import noted
from announcements.post import Posted, post, seconds_asked_for
from announcements.public_network import Rules
from announcements.schedule import pause_after
from announcements.signature import signed_headers
from ledger.events import DeliveryState, Event, Try
from payments.addresses import WEBHOOK_PORTS
from plumbing import wiring
from plumbing.observability import logger
from plumbing.settings import settings
from plumbing.tally import count_try

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.webhook_secrets import WebhookSecrets

USER_AGENT = "Ishyura/1"
SUCCESS = range(200, 300)
SUPERSEDED = "superseded"


class NotDelivered(Exception):  # its name is what the state machine catches
    """Another try is due in as many seconds as the message says (deliver_webhook.asl.json)."""


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, str]:
    """Try once, and remember the try."""
    news = wiring.events().get(event["payment_id"], event["version"])
    if news is None:
        raise LookupError(event["payment_id"])
    if news.resends != event.get("round", 0):
        return {"state": SUPERSEDED}
    if news.state is not DeliveryState.PENDING:
        return {"state": news.state}
    return {"state": told(news)}


def told(news: Event) -> str:
    """Tell the merchant, or remember why not. Raises NotDelivered when it should be tried again."""
    endpoint = wiring.endpoints().get(news.merchant_id, news.mode)
    url = news.webhook_url or endpoint.url
    secrets = wiring.secrets().webhook_secrets(news.merchant_id, news.mode, endpoint.secret_version)
    if url is None or secrets is None:
        return remembered(news, None, DeliveryState.NOBODY_LISTENS)
    is_endpoints = news.webhook_url is None
    if is_endpoints and endpoint.disabled_at:
        return remembered(news, None, DeliveryState.ENDPOINT_DISABLED)
    at = wiring.outside.clock()
    posted = send(news, url, secrets, at)
    tried = news.tries[news.resent_after :]
    gone_by = at - tried[0].at if tried else timedelta(0)
    pause = pause_after(len(tried) + 1, gone_by, seconds_asked_for(posted.retry_after, at))
    state = state_after(posted, pause)
    if is_endpoints:
        state = noted(wiring.endpoints(), endpoint, state, at)
    attempt = Try(
        at=at,
        url=url,
        milliseconds=posted.milliseconds,
        status_code=posted.status_code,
        error=posted.error,
        answer=posted.answer,
    )
    logger.info(
        "webhook tried",
        extra={
            "event_id": news.event_id,
            "merchant_id": news.merchant_id,
            "state": state,
            "status_code": posted.status_code,
        },
    )
    stands = remembered(news, attempt, state)
    if stands == DeliveryState.PENDING:
        raise NotDelivered(str(pause))
    return stands


def send(news: Event, url: str, secrets: "WebhookSecrets", at: "datetime") -> Posted:
    """Send an event once."""
    body = news.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **signed_headers(
            secrets.current, news.event_id, at, body, previous=secrets.previous_at(at)
        ),
    }
    return post(url, headers, body, rules_for(news), wiring.outside.merchants)


def remembered(news: Event, attempt: Try | None, state: DeliveryState) -> str:
    """Where the delivery stands, once that is written; superseded when a new round began."""
    if not wiring.events().record_try(news, attempt, state):
        return SUPERSEDED
    if attempt is not None:
        count_try(news.mode, state)
    return state


def state_after(posted: Posted, pause: int | None) -> DeliveryState:
    """Where the delivery stands: any 2xx is delivered, 410 wants no more."""
    if posted.status_code in SUCCESS:
        return DeliveryState.DELIVERED
    if posted.status_code == HTTPStatus.GONE:
        return DeliveryState.GONE
    return DeliveryState.EXHAUSTED if pause is None else DeliveryState.PENDING


def rules_for(news: Event) -> Rules:
    """The ports that the event's mode allows."""
    return Rules(
        ports=WEBHOOK_PORTS[news.mode],
        loopback_allowed=settings().loopback_allowed,
    )

"""Deliver: one try to tell a merchant of an event. DeliverWebhook calls it until it is done.

In: {"payment_id": "CHK-…", "version": 3}. Out: {"state": "delivered"}.
Raises NotDelivered with the seconds to the next try as its message.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from announcements.post import Posted, post, seconds_asked_for
from announcements.public_network import LIVE_PORTS, TEST_PORTS, Rules
from announcements.schedule import pause_after
from announcements.signature import signed_headers
from ledger.events import DeliveryState, Event, Try
from payments.mode import Mode
from plumbing import wiring
from plumbing.observability import logger
from plumbing.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

USER_AGENT = "Ishyura/1"
SUCCESS = range(200, 300)


class NotDelivered(Exception):  # its name is what the state machine catches
    """Another try is due in as many seconds as the message says (deliver_webhook.asl.json)."""


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, str]:
    """Try once, and remember the try."""
    news = wiring.events().get(event["payment_id"], event["version"])
    if news is None:
        raise LookupError(event["payment_id"])
    if news.state is not DeliveryState.PENDING:
        return {"state": news.state}
    url, secret = destination(news)
    if url is None or secret is None:
        wiring.events().record_try(news, None, DeliveryState.NOBODY_LISTENS)
        return {"state": DeliveryState.NOBODY_LISTENS}
    return {"state": tell(news, url, secret)}


def tell(news: Event, url: str, secret: str) -> DeliveryState:
    """Send an event once. Raises NotDelivered when it should be sent again."""
    at = wiring.outside.clock()
    body = news.body.encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": USER_AGENT,
        **signed_headers(secret, news.event_id, at, body),
    }
    posted = post(url, headers, body, rules_for(news))
    pause = pause_after(news.times_tried + 1, seconds_asked_for(posted.retry_after, at))
    state = state_after(posted, pause)
    attempt = Try(
        at=at,
        url=url,
        milliseconds=posted.milliseconds,
        status_code=posted.status_code,
        error=posted.error,
    )
    wiring.events().record_try(news, attempt, state)
    logger.info(
        "webhook tried",
        extra={"event_id": news.event_id, "state": state, "status_code": posted.status_code},
    )
    if state is DeliveryState.PENDING:
        raise NotDelivered(str(pause))
    return state


def state_after(posted: Posted, pause: int | None) -> DeliveryState:
    """Where the delivery stands: any 2xx is delivered, 410 wants no more."""
    if posted.status_code in SUCCESS:
        return DeliveryState.DELIVERED
    if posted.status_code == HTTPStatus.GONE:
        return DeliveryState.GONE
    return DeliveryState.EXHAUSTED if pause is None else DeliveryState.PENDING


def destination(news: Event) -> tuple[str | None, str | None]:
    """Where an event goes, and the secret that signs it."""
    merchant = wiring.merchants().merchant(news.merchant_id)
    url = news.webhook_url or (merchant.webhook_url if merchant else None)
    return url, wiring.secrets().webhook_secret(news.merchant_id)


def rules_for(news: Event) -> Rules:
    """The ports that the event's mode allows."""
    return Rules(
        ports=LIVE_PORTS if news.mode is Mode.LIVE else TEST_PORTS,
        loopback_allowed=settings().loopback_allowed,
    )

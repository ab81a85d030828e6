"""POST and HEAD /webhooks/rwandapay/{attempt_ref}/{token}: RwandaPay's webhook (seed 000)."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import Response

from plumbing.merchant_api import merchant_api
from plumbing.observability import logger
from webhooks.receive import receive

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

api = merchant_api()


@api.head(".*")
def probe() -> "Response[str]":
    """Answer the probe that may come before a webhook, alike for every address."""
    return Response(status_code=int(HTTPStatus.OK), body="")


@api.post(".*")
def hear() -> "Response[str]":
    """Hear the provider out."""
    return receive(api.current_event.raw_event, "rwandapay")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

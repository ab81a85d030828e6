"""POST /webhooks/kpay/{attempt_ref}/{token}: K-Pay's postback (seeds 001 and 003)."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from plumbing.merchant_api import json_answer, merchant_api
from plumbing.observability import logger
from plumbing.requests import raw_body
from providers.kpay import acknowledgement
from webhooks.receive import receive

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.utilities.typing import LambdaContext

api = merchant_api()


@api.post(".*")
def hear() -> "Response[str]":
    """Let K-Pay's postback make us ask, and answer as K-Pay expects."""
    request = api.current_event.raw_event
    body = raw_body(request)
    receive(request, "kpay")
    return json_answer(HTTPStatus.OK, acknowledgement(body))


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

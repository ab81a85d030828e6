"""POST /webhooks/sandbox/{attempt_ref}/{token}: test mode's provider telling us to ask."""

from typing import TYPE_CHECKING, Any

from plumbing.merchant_api import merchant_api
from plumbing.observability import logger
from webhooks.receive import receive

if TYPE_CHECKING:
    from aws_lambda_powertools.event_handler import Response
    from aws_lambda_powertools.utilities.typing import LambdaContext

api = merchant_api()


@api.post(".*")
def hear() -> "Response[str]":
    """Hear the provider out."""
    return receive(api.current_event.raw_event, "sandbox")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

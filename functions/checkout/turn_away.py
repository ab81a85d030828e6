"""Whatever no other route takes: a 404 in the documented shape.

Without it the gateway itself would answer, and speak of a missing authentication token.
"""

from typing import TYPE_CHECKING, Any

from plumbing.merchant_api import merchant_api
from plumbing.observability import logger

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

# It has no routes: everything is unknown to it.
api = merchant_api()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

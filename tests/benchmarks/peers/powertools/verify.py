"""`verify` with Powertools: its resolver with validation."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.utilities.typing import LambdaContext
from by_hand import SESSION_ID, Verified, verified

logger = Logger(service="peer")
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig(allow_origin="*"))


@app.get("/api/v1/checkout/<reference>/verify")
def verify(reference: str) -> Verified:
    found = verified(reference) if SESSION_ID.fullmatch(reference) else None
    if found is None:
        raise NotFoundError("Checkout session not found or expired")
    return found


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)

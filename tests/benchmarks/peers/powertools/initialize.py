"""`initialize` with Powertools: its resolver with validation, and its idempotency."""

import os
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayRestResolver, CORSConfig
from aws_lambda_powertools.event_handler.exceptions import ServiceError, UnauthorizedError
from aws_lambda_powertools.event_handler.openapi.params import Header
from aws_lambda_powertools.utilities.idempotency import (
    DynamoDBPersistenceLayer,
    IdempotencyConfig,
    idempotent,
)
from aws_lambda_powertools.utilities.typing import LambdaContext
from by_hand import (
    DuplicateReference,
    NotAuthenticated,
    OpenedAnswer,
    Order,
    authenticate,
    dynamodb,
    opened,
)

logger = Logger(service="peer")
app = APIGatewayRestResolver(enable_validation=True, cors=CORSConfig(allow_origin="*"))
seen = DynamoDBPersistenceLayer(
    table_name=os.environ["IDEMPOTENCY_TABLE"], boto3_client=dynamodb, key_attr="pk"
)
config = IdempotencyConfig(event_key_jmespath='[headers."X-Public-Key", body]')


@app.post("/api/v1/checkout/initialize")
def initialize(
    order: Order,
    x_public_key: Annotated[str, Header()],
    x_secret_key: Annotated[str, Header()],
) -> tuple[OpenedAnswer, int]:
    try:
        return opened(authenticate(x_public_key, x_secret_key), order), HTTPStatus.CREATED
    except NotAuthenticated as refused:
        raise UnauthorizedError("Invalid API credentials") from refused
    except DuplicateReference as taken:
        raise ServiceError(HTTPStatus.CONFLICT, "This tx_ref was already used") from taken


@logger.inject_lambda_context(clear_state=True)
@idempotent(persistence_store=seen, config=config)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)

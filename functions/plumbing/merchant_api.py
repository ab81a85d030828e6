"""The JSON side of the deployment: one resolver per function, with CORS and the error table."""

import json
from typing import Any

from aws_lambda_powertools.event_handler import (
    APIGatewayRestResolver,
    CORSConfig,
    Response,
    content_types,
)
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from payments.errors import PaymentError
from plumbing.error_answers import NO_SUCH_ROUTE, UNEXPECTED, Said, body_of, said_of
from plumbing.observability import logger

# Merchants' pages call initialize and verify from the browser, as the seed's own sample does.
CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["X-Public-Key", "X-Secret-Key", "Content-Type", "Accept", "Idempotency-Key"],
    max_age=7200,
)


def merchant_api(unexpected: Said = UNEXPECTED) -> APIGatewayRestResolver:
    """A resolver that answers every error in the documented shape.

    `unexpected` is what it says when our own side fails.
    """
    api = APIGatewayRestResolver(cors=CORS, serializer=compact)

    def explain(error: PaymentError) -> Response[str]:
        said = said_of(error)
        return json_answer(said.status, body_of(said, error))

    def nothing_here(_: NotFoundError) -> Response[str]:
        return json_answer(NO_SUCH_ROUTE.status, body_of(NO_SUCH_ROUTE))

    def apologise(error: Exception) -> Response[str]:
        # The outermost door. It breaks no promise: whatever was written before stays true, an
        # attempt in flight stays unknown and watched, and the caller gets the documented shape.
        logger.error("unexpected", extra={"error_type": type(error).__name__}, exc_info=error)
        return json_answer(unexpected.status, body_of(unexpected))

    api.exception_handler(PaymentError)(explain)
    api.not_found(nothing_here)
    api.exception_handler(Exception)(apologise)
    return api


def json_answer(status: int, body: dict[str, Any]) -> Response[str]:
    """An answer with a JSON body that no cache keeps."""
    return Response(
        status_code=int(status),
        content_type=content_types.APPLICATION_JSON,
        body=compact(body),
        headers={"Cache-Control": "no-store"},
    )


def compact(body: object) -> str:
    """JSON without spaces, in the characters that people wrote."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

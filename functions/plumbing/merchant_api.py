"""The JSON side of the deployment: one resolver per function, with CORS and the error table."""

import json
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.event_handler import (
    APIGatewayRestResolver,
    CORSConfig,
    Response,
    content_types,
)
from aws_lambda_powertools.event_handler.exceptions import NotFoundError

from payments.errors import PaymentError, RateLimited
from plumbing.error_answers import NO_SUCH_ROUTE, UNEXPECTED, Said, body_of, said_of
from plumbing.observability import logger
from plumbing.quota import spent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# Merchants' pages call initialize and verify from the browser, as the seed's own sample does.
CORS = CORSConfig(
    allow_origin="*",
    allow_headers=["X-Public-Key", "X-Secret-Key", "Content-Type", "Accept", "Idempotency-Key"],
    expose_headers=[
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "Retry-After",
    ],
    max_age=7200,
)


def merchant_api(unexpected: Said = UNEXPECTED) -> APIGatewayRestResolver:
    """A resolver that answers every error in the documented shape.

    `unexpected` is what it says when our own side fails.
    """
    api = APIGatewayRestResolver(cors=CORS, serializer=compact)

    def explain(error: PaymentError) -> Response[str]:
        said = said_of(error)
        answer = json_answer(said.status, body_of(said, error))
        if isinstance(error, RateLimited):
            answer.headers["Retry-After"] = str(error.retry_after_seconds)
        return answer

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


def answering(api: APIGatewayRestResolver) -> "Handler":
    """The Lambda handler of an API: every answer to keys tells what is left of their requests."""

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
        spent.set(None)
        answer: dict[str, Any] = api.resolve(event, context)
        quota = spent.get()
        if quota:
            answer["multiValueHeaders"] |= {name: [v] for name, v in quota.headers.items()}
        return answer

    return handler


def json_answer(status: int, body: "Mapping[str, object]") -> Response[str]:
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

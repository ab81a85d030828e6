"""The JSON side of the deployment: each function answers its method, with CORS and the error table.

API Gateway has found the route before a function is called, so nothing is routed here but
methods, and a last word of the path where one function serves several. A general resolver would be
a good part of a cold start (infra/decisions/0015).
"""

import base64
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from payments.errors import PaymentError, RateLimited
from plumbing.error_answers import NO_SUCH_ROUTE, UNEXPECTED, Said, body_of, said_of
from plumbing.observability import logger
from plumbing.quota import spent
from plumbing.requests import Request, header

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    Act = Callable[[Request], "Answer"]
    Handler = Callable[[dict[str, Any], LambdaContext], dict[str, Any]]

# Merchants' pages call initialize and verify from the browser, as the seed's own sample does.
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": (
        "Accept,Content-Type,Idempotency-Key,X-Public-Key,X-Secret-Key"
    ),
    "Access-Control-Expose-Headers": (
        "Retry-After,X-RateLimit-Limit,X-RateLimit-Remaining,X-RateLimit-Reset"
    ),
    "Access-Control-Max-Age": "7200",
}
JSON = "application/json"


@dataclass(slots=True)
class Answer:
    """What a function answers."""

    status: int
    body: str | bytes = ""
    """Bytes are sent as base64, which the gateway turns into bytes again (template.yaml)."""
    headers: dict[str, str] = field(default_factory=dict)


def answering(acts: "Mapping[str, Act]", unexpected: Said = UNEXPECTED) -> "Handler":
    """The Lambda handler of these acts, each by its method: {"GET": show, "POST enable": enable}.

    Behind a method may stand the last word of the path. Every error is answered in the documented
    shape, `unexpected` when our own side fails; every answer to keys tells what is left of their
    requests.
    """

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
        spent.set(None)
        answer = answer_to(event, acts, unexpected)
        quota = spent.get()
        if quota:
            answer.headers |= quota.headers
        if header(event, "Origin"):
            answer.headers |= CORS
        return sent(answer)

    return handler


def answer_to(event: Request, acts: "Mapping[str, Act]", unexpected: Said) -> Answer:
    """What the act that is meant answers, or the error that it raises."""
    method = event["httpMethod"].upper()
    act = acts.get(f"{method} {event['path'].rpartition('/')[2]}") or acts.get(method)
    if act is None:
        return no_act(method, acts)
    try:
        return act(event)
    except PaymentError as error:
        return explained(error)
    except Exception as error:  # noqa: BLE001  # the outermost door, as said below
        # The outermost door. It breaks no promise: whatever was written before stays true, an
        # attempt in flight stays unknown and watched, and the caller gets the documented shape.
        logger.exception("unexpected", extra={"error_type": type(error).__name__})
        return json_answer(unexpected.status, body_of(unexpected))


def no_act(method: str, acts: "Mapping[str, Act]") -> Answer:
    """A browser's question whether it may ask, or a method that nobody serves."""
    if method == "OPTIONS":
        methods = sorted({"OPTIONS", *(served.partition(" ")[0] for served in acts)})
        allowed = {"Access-Control-Allow-Methods": ",".join(methods)}
        return Answer(HTTPStatus.NO_CONTENT, headers=allowed)
    return json_answer(NO_SUCH_ROUTE.status, body_of(NO_SUCH_ROUTE))


def explained(error: PaymentError) -> Answer:
    """An error in the documented shape."""
    said = said_of(error)
    answer = json_answer(said.status, body_of(said, error))
    if isinstance(error, RateLimited):
        answer.headers["Retry-After"] = str(error.retry_after_seconds)
    return answer


def sent(answer: Answer) -> dict[str, Any]:
    """An answer as API Gateway takes it from a function."""
    is_bytes = isinstance(answer.body, bytes)
    return {
        "statusCode": int(answer.status),
        "body": base64.b64encode(answer.body).decode()
        if isinstance(answer.body, bytes)
        else answer.body,
        "isBase64Encoded": is_bytes,
        "multiValueHeaders": {name: [value] for name, value in answer.headers.items()},
    }


def json_answer(status: int, body: "Mapping[str, object]") -> Answer:
    """An answer with a JSON body that no cache keeps."""
    return Answer(status, compact(body), {"Content-Type": JSON, "Cache-Control": "no-store"})


def compact(body: object) -> str:
    """JSON without spaces, in the characters that people wrote."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

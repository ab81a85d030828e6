"""API Gateway REST proxy events for the handlers, and their answers."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

Handler = Callable[[dict[str, Any], Any], Any]
Headers = Mapping[str, str | list[str]]


@dataclass(frozen=True)
class Context:
    """What Lambda hands over beside the event."""

    function_name: str = "function"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id: str = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request as it reaches a function. `parameters` fill `resource`, as they were sent."""

    method: str
    resource: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    headers: Headers = field(default_factory=dict)
    body: str | bytes | None = None
    query: Mapping[str, str] | None = None
    context: Mapping[str, object] = field(default_factory=dict)
    """What the gateway says of the request beside the usual."""

    def event(self) -> dict[str, Any]:
        """Bytes travel as base64, as API Gateway sends what is not text."""
        several = {k: [v] if isinstance(v, str) else list(v) for k, v in self.headers.items()}
        encoded = isinstance(self.body, bytes)
        return {
            "resource": self.resource,
            "path": self.resource.format(**self.parameters),
            "httpMethod": self.method,
            "headers": {name: values[-1] for name, values in several.items() if values},
            "multiValueHeaders": {name: values for name, values in several.items() if values},
            "queryStringParameters": self.query,
            "multiValueQueryStringParameters": {k: [v] for k, v in (self.query or {}).items()},
            "pathParameters": dict(self.parameters) or None,
            "requestContext": {
                "stage": "pay",
                "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
                "requestId": "request",
                "identity": {"sourceIp": "192.0.2.1"},
                **self.context,
            },
            "body": base64.b64encode(cast("bytes", self.body)).decode() if encoded else self.body,
            "isBase64Encoded": encoded,
        }


@dataclass(frozen=True)
class Answer:
    """What a function answered. Names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def json(self) -> Any:  # noqa: ANN401  # JSON is anything
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The error's code, once its shape is the documented one."""
        told = self.json
        assert set(told) == {"success", "message", "error"}
        assert told["success"] is False
        assert {"code", "message"} <= set(told["error"]) <= {"code", "message", "fields"}
        assert told["message"] == told["error"]["message"]
        return str(told["error"]["code"])

    @property
    def fields(self) -> set[str]:
        """The fields that the error names."""
        assert self.code == "VALIDATION_ERROR"
        told: dict[str, list[str]] = self.json["error"]["fields"]
        assert all(messages and all(messages) for messages in told.values())
        return set(told)


def call(handler: Handler, request: Request) -> Answer:
    """Hand a request to a function."""
    return answered(handler(request.event(), Context()))


def sent(said: object) -> None:
    """Send it as Lambda's runtime does (from Python 3.12 on), which must not fail."""
    json.dumps(said, ensure_ascii=False, allow_nan=False).encode()


def answered(said: Mapping[str, Any]) -> Answer:
    """Read what a function returned to API Gateway."""
    sent(said)
    headers = {name.lower(): value for name, value in (said.get("headers") or {}).items()}
    for name, values in (said.get("multiValueHeaders") or {}).items():
        headers[name.lower()] = values[-1]
    return Answer(said["statusCode"], headers, said["body"])

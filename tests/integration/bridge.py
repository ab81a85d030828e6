"""The gateway's front door in process: HTTP in, the handlers that template.yaml names behind it.

What API Gateway does and no more: find the route, hand the path's parts over as they were sent,
text as text and other bytes as base64.
"""

import base64
import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Request, Response

from tests.integration.rest_events import Context, Handler, sent

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
STAGE = "/pay"
WSGIApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Route:
    """A method and path of the template, and the function behind it."""

    method: str
    path: str
    handler: str
    """As the template has it: checkout/verify.handler."""

    @property
    def pattern(self) -> str:
        """A regular expression for the paths that it takes."""
        whole = re.sub(r"\{(\w+)\+\}", r"(?P<\1>.+)", self.path)
        return re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", whole)

    @property
    def vagueness(self) -> tuple[int, int]:
        """A fixed path goes before one with parts to fill in, and the greedy one comes last."""
        return self.path.count("+"), self.path.count("{")

    def load(self) -> Handler:
        """The handler itself."""
        module = importlib.import_module(self.handler.removesuffix(".handler").replace("/", "."))
        handler: Handler = module.handler
        return handler


@cache
def routes() -> tuple[Route, ...]:
    """Every route of the template, the plainest first."""
    resources: Mapping[str, Any] = yaml_parse(TEMPLATE.read_text())["Resources"]
    found = [
        Route(event["Properties"]["Method"], event["Properties"]["Path"], function["Handler"])
        for function in (one["Properties"] for one in resources.values() if is_function(one))
        for event in function.get("Events", {}).values()
        if event["Type"] == "Api"
    ]
    return tuple(sorted(found, key=lambda route: route.vagueness))


def is_function(resource: Mapping[str, Any]) -> bool:
    return bool(resource["Type"] == "AWS::Serverless::Function")


def route_to(method: str, path: str) -> tuple[Route, dict[str, str]] | None:
    """The route of a request, and the parts of its path."""
    for route in routes():
        match = re.fullmatch(route.pattern, path, re.DOTALL)
        if match and route.method == method:
            return route, match.groupdict()
    return None


@Request.application
def app(request: Request) -> Response:
    """The deployment as a WSGI application. The gateway fixture must stand."""
    path = urlsplit(request.environ.get("RAW_URI") or request.path).path
    path = re.sub("^https?://[^/]+", "", path).removeprefix(STAGE) or "/"
    found = route_to(request.method, path)
    if found is None:
        return Response('{"message":"Missing Authentication Token"}', 403)
    route, named = found
    told = route.load()(event_of(request, route, path, named), Context())
    sent(told)
    body = told["body"].encode()
    if told.get("isBase64Encoded"):
        body = base64.b64decode(body)
    headers = Headers(dict(told.get("headers") or {}))
    for name, values in (told.get("multiValueHeaders") or {}).items():
        headers.setlist(name, values)
    return Response(body, told["statusCode"], headers)


def event_of(request: Request, route: Route, path: str, named: dict[str, str]) -> dict[str, Any]:
    """The request as a function sees it."""
    several: dict[str, list[str]] = {}
    for name, value in request.headers.items():
        several.setdefault(name, []).append(value)
    asked = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
    body, is_encoded = body_of(request.get_data())
    return {
        "resource": route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in several.items()},
        "multiValueHeaders": several,
        "queryStringParameters": {name: values[-1] for name, values in asked.items()} or None,
        "multiValueQueryStringParameters": asked or None,
        "pathParameters": named or None,
        "requestContext": {
            "stage": STAGE.strip("/"),
            "domainName": "abc123.execute-api.eu-west-1.amazonaws.com",
            "requestId": "request",
            "identity": {"sourceIp": "192.0.2.1"},
        },
        "body": body,
        "isBase64Encoded": is_encoded,
    }


def body_of(sent_bytes: bytes) -> tuple[str | None, bool]:
    """The body as text, or as base64 where it is none."""
    try:
        return sent_bytes.decode() or None, False
    except UnicodeDecodeError:
        return base64.b64encode(sent_bytes).decode(), True

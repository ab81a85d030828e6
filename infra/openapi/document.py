"""The OpenAPI 3.1 document of the merchant's API, made from the code."""

import json
import tomllib
from pathlib import Path
from typing import Any

from infra.openapi import failures, guide
from infra.openapi.letters import webhooks
from infra.openapi.operation import Keys, Operation, Parameter
from infra.openapi.operations import OPERATIONS, TAGS
from infra.openapi.requests import body_schema, query_parameters
from infra.openapi.shapes import Shapes
from payments.errors import NotAuthenticated
from plumbing.error_answers import ANSWERS
from plumbing.requests import IDEMPOTENCY_KEY, MOST_IDEMPOTENCY_KEY

Schema = dict[str, Any]

ROOT = Path(__file__).parents[2]
EXAMPLES = Path(__file__).parent / "examples"
JSON = "application/json"
# Describe names the deployment's own address in its place.
SOMEWHERE = "https://pay.example"
BOTH: Schema = {"PublicKey": [], "SecretKey": []}
SECURITY: dict[Keys, list[Schema]] = {
    Keys.BOTH: [BOTH],
    Keys.OPTIONAL: [{}, {"PublicKey": []}, BOTH],
    Keys.NONE: [],
}
LIMIT_HEADERS = {
    "X-RateLimit-Limit": "The requests of the key's bucket or of its day, whichever leaves fewer.",
    "X-RateLimit-Remaining": "How many of them are left.",
    "X-RateLimit-Reset": "When all of them are there again, in seconds since 1970.",
}
RETRY_AFTER = "Whole seconds until another request is welcome."


def document() -> Schema:
    """The whole document."""
    shapes = Shapes()
    refusals: dict[str, Schema] = {}
    paths: dict[str, Schema] = {}
    for operation in OPERATIONS:
        refusals |= refusals_of(operation)
        paths.setdefault(operation.path, {})[operation.method.lower()] = told(operation, shapes)
    letters = webhooks(shapes)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Ishyura",
            "version": project["version"],
            "summary": project["description"],
            "description": guide.text(),
            "license": {"name": project["license"], "identifier": project["license"]},
        },
        "servers": [{"url": SOMEWHERE}],
        "tags": [{"name": name, "description": text} for name, text in TAGS.items()],
        "paths": paths,
        "webhooks": letters,
        "components": {
            "securitySchemes": security_schemes(),
            "headers": headers(),
            "responses": dict(sorted(refusals.items())),
            "schemas": dict(sorted((shapes.named | {"Error": failures.ERROR}).items())),
        },
    }


def text() -> str:
    """The document as it is checked in."""
    return json.dumps(document(), ensure_ascii=False, indent=1) + "\n"


def told(operation: Operation, shapes: Shapes) -> Schema:
    """One operation."""
    parameters = [parameter(one) for one in operation.parameters]
    if operation.query is not None:
        for one in query_parameters(operation.query, shapes):
            if one["name"] in operation.asked:
                one["example"] = operation.asked[one["name"]]
            parameters.append(one)
    if operation.is_repeatable:
        parameters.append(idempotency_key())
    said: Schema = {
        "operationId": operation.name,
        "tags": [operation.tag],
        "summary": operation.summary,
        "description": operation.description,
        "parameters": parameters,
        "security": SECURITY[operation.keys],
        "responses": responses(operation, shapes),
    }
    if operation.body is not None:
        example = {"example": operation.example} if operation.example is not None else {}
        schema = body_schema(operation.body, shapes)
        said["requestBody"] = {
            "required": not operation.may_body_be_missing,
            "content": {"application/json": {"schema": schema, **example}},
        }
    return said


def parameter(one: Parameter) -> Schema:
    """A part of the path."""
    return {
        "name": one.name,
        "in": "path",
        "required": True,
        "description": one.description,
        "schema": dict(one.schema),
        "example": one.example,
    }


def idempotency_key() -> Schema:
    """The header that makes a write repeatable."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": (
            f"1 to {MOST_IDEMPOTENCY_KEY} visible ASCII characters, bare or quoted, of your "
            "choice: the same key and request do nothing twice, for 24 hours."
        ),
        "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY.pattern}$"},
    }


def responses(operation: Operation, shapes: Shapes) -> Schema:
    """Every answer, good and bad, under its status; what is refused is said once for all."""
    said: Schema = {str(int(operation.answer.status)): success(operation, shapes)}
    for name in refusals_of(operation):
        said[name.split(".")[0]] = {"$ref": f"#/components/responses/{name}"}
    return said


def refusals_of(operation: Operation) -> dict[str, Schema]:
    """The error answers of an operation, by the name that says all of each: status and codes."""
    said: dict[str, Schema] = {}
    for status, reasons in failures.said_by(operation).items():
        codes = sorted({reason.code for reason in reasons})
        refusal: Schema = {
            "description": " ".join(f"`{code}`." for code in codes),
            "content": failures.content_of(reasons),
        }
        shown = limits_of(operation, is_counted=ANSWERS[NotAuthenticated] not in reasons)
        if status == failures.TOO_MANY:
            shown["Retry-After"] = {"$ref": "#/components/headers/Retry-After"}
        counted = ["counted"] if shown else []
        name = ".".join([str(status), *codes, *counted])
        said[name] = refusal | ({"headers": shown} if shown else {})
    return said


def success(operation: Operation, shapes: Shapes) -> Schema:
    """The good answer."""
    answer = operation.answer
    content: Schema = {media: {"schema": dict(schema)} for media, schema in answer.media.items()}
    if answer.told is not None:
        content[JSON] = {"schema": shapes.answer_of(answer.told)}
        example = example_of(operation)
        if example is not None:
            content[JSON]["example"] = example
    said: Schema = {"description": answer.description, "content": content}
    shown = limits_of(operation, is_counted=True)
    return said | ({"headers": shown} if shown else {})


def example_of(operation: Operation) -> object:
    """What the example's answer is; the tests hold it against what the functions answer."""
    path = EXAMPLES / f"{operation.name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def limits_of(operation: Operation, *, is_counted: bool) -> Schema:
    """The headers that tell what is left, on answers to requests that are counted."""
    if operation.keys is Keys.NONE or not is_counted:
        return {}
    return {name: {"$ref": f"#/components/headers/{name}"} for name in LIMIT_HEADERS}


def headers() -> Schema:
    """The headers of answers."""
    return {
        name: {"description": text, "schema": {"type": "integer", "minimum": 0}}
        for name, text in {**LIMIT_HEADERS, "Retry-After": RETRY_AFTER}.items()
    }


def security_schemes() -> Schema:
    """The two keys, which belong together."""
    return {
        "PublicKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Public-Key",
            "description": "`pk_live_…` or `pk_test_…`. It may stand in a page.",
        },
        "SecretKey": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Secret-Key",
            "description": "`sk_live_…` or `sk_test_…`. On your server alone, never in a page.",
        },
    }

"""The error answers, all from the one table that the functions answer by."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from infra.openapi.operation import Keys, Operation
from payments import errors
from plumbing.error_answers import ANSWERS, NO_FUNDS, NO_SUCH_ROUTE, NOT_OPENED, UNEXPECTED, Said

Schema = dict[str, Any]
TOO_MANY = int(HTTPStatus.TOO_MANY_REQUESTS)

# The one is said to providers, the other on a page.
NOT_THE_MERCHANTS = frozenset({errors.ForgedWebhook, errors.LinkClosed})
TABLE: tuple[Said, ...] = (*ANSWERS.values(), NO_FUNDS, NO_SUCH_ROUTE, NOT_OPENED, UNEXPECTED)

ERROR: Schema = {
    "type": "object",
    "description": "The shape of every error. `message` stands there twice.",
    "properties": {
        "success": {"const": False},
        "message": {"type": "string"},
        "error": {
            "type": "object",
            "properties": {
                "code": {"type": "string", "enum": sorted({said.code for said in TABLE})},
                "message": {"type": "string"},
                "fields": {
                    "type": "object",
                    "description": (
                        "With VALIDATION_ERROR: each wrong field, dotted (`customer.phone`), "
                        "with everything that is wrong with it."
                    ),
                    "additionalProperties": {
                        "type": "array",
                        "items": {"type": "string"},
                        "minItems": 1,
                    },
                },
            },
            "required": ["code", "message"],
            "additionalProperties": False,
        },
    },
    "required": ["error", "message", "success"],
    "additionalProperties": False,
}


def said_by(operation: Operation) -> dict[int, list[Said]]:
    """Status -> everything that an operation may say with it."""
    happens: list[type[errors.PaymentError]] = list(operation.happens)
    said = [operation.unexpected, *operation.also_says]
    if operation.keys is not Keys.NONE:
        happens += [errors.NotAuthenticated, errors.RateLimited]
    if operation.body is not None:
        happens += [errors.MalformedBody, errors.BodyTooLarge, errors.InvalidRequest]
    if operation.query is not None or operation.refuses_unknown_queries:
        happens.append(errors.InvalidRequest)
    if operation.is_repeatable:
        happens += [errors.InvalidRequest, errors.IdempotencyKeyReused]
    if operation.parameters:
        said.append(NO_SUCH_ROUTE)
    if errors.Declined in happens:
        said.append(NO_FUNDS)
    said += [ANSWERS[happened] for happened in happens]
    return by_status(said)


def by_status(said: Iterable[Said]) -> dict[int, list[Said]]:
    """What is said, each once, under its status."""
    sorted_out: dict[int, list[Said]] = {}
    for one in sorted(dict.fromkeys(said), key=lambda one: (one.status, one.code, one.message)):
        sorted_out.setdefault(int(one.status), []).append(one)
    return sorted_out


def content_of(said: list[Said]) -> Schema:
    """The body of an error answer: the shape, with the codes that this one may bear."""
    codes = sorted({one.code for one in said})
    return {
        "application/json": {
            "schema": {
                "allOf": [
                    {"$ref": "#/components/schemas/Error"},
                    {"properties": {"error": {"properties": {"code": {"enum": codes}}}}},
                ]
            },
            "examples": {one.code: {"value": example_of(one)} for one in reversed(said)},
        }
    }


def example_of(said: Said) -> Schema:
    """An error as it comes."""
    told: Schema = {"code": said.code, "message": said.message}
    if said is ANSWERS[errors.InvalidRequest]:
        told["fields"] = {"amount": ["The amount must be at least 100 RWF"]}
    return {"success": False, "message": said.message, "error": told}


def table() -> list[tuple[str, int, str]]:
    """Every code with its status and its meaning; a code with two meanings has two rows."""
    rows = {(said.code, int(said.status), said.message) for said in TABLE}
    return sorted(rows)

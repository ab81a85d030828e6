"""Reading an API Gateway request: raw bytes first, headers without regard to case."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from payments.errors import BodyTooLarge, InvalidRequest, MalformedBody
from plumbing.settings import settings

MOST_BODY_BYTES = 64 * 1024
MOST_LEVELS = 32
MOST_FORM_FIELDS = 20
MOST_IDEMPOTENCY_KEY = 255
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)

Request = Mapping[str, Any]


def raw_body(event: Request) -> bytes:
    """The body's bytes. Raises MalformedBody for broken base64, BodyTooLarge past 64 KiB."""
    text = event.get("body") or ""
    if len(text) > MOST_BODY_BYTES * 2:
        raise BodyTooLarge
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else None
        body = text.encode() if body is None else body
    except (binascii.Error, ValueError) as broken:
        raise MalformedBody("The body is not what its encoding says") from broken
    if len(body) > MOST_BODY_BYTES:
        raise BodyTooLarge
    return body


def json_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body. Raises MalformedBody."""
    try:
        spoken = json.loads(body.decode(), parse_constant=refuse_constant)
        # A lone surrogate is JSON but no text, and 1e999 becomes an infinity: nothing could store
        # or sign either.
        json.dumps(spoken, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as unreadable:
        raise MalformedBody("The body is not valid JSON") from unreadable
    if not isinstance(spoken, dict):
        raise MalformedBody("The body must be a JSON object")
    if is_deeper(spoken, MOST_LEVELS):
        raise MalformedBody("The body is nested too deeply")
    return spoken


def is_deeper(spoken: object, levels: int) -> bool:
    """Tell whether objects and arrays lie in each other by more levels than these.

    What is read at one depth of the call stack could else not be written at another.
    """
    if isinstance(spoken, dict):
        spoken = list(spoken.values())
    return isinstance(spoken, list) and (
        levels == 0 or any(is_deeper(part, levels - 1) for part in spoken)
    )


def refuse_constant(name: str) -> None:
    """Refuse NaN and Infinity, which Python reads and JSON does not have."""
    raise ValueError(name)


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a posted form, the last of each name. Raises MalformedBody."""
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=MOST_FORM_FIELDS, errors="strict"))
    except ValueError as unreadable:
        raise MalformedBody("The form cannot be read") from unreadable


def header(event: Request, name: str) -> list[str]:
    """Every value that a header came with."""
    return [
        value
        for key, values in values_of_headers(event).items()
        if key.lower() == name.lower()
        for value in values
    ]


def headers(event: Request) -> dict[str, str]:
    """Every header by its name in lower case; the last value of each."""
    return {name.lower(): values[-1] for name, values in values_of_headers(event).items() if values}


def values_of_headers(event: Request) -> dict[str, list[str]]:
    """Every value of every header, as the gateway hands them over."""
    several = event.get("multiValueHeaders")
    if several:
        return {name: list(values or ()) for name, values in several.items()}
    return {name: [value] for name, value in (event.get("headers") or {}).items()}


def idempotency_key(event: Request) -> str | None:
    """The Idempotency-Key, bare or quoted. Raises InvalidRequest when it is not one key."""
    given = header(event, "Idempotency-Key")
    if not given:
        return None
    key = given[0].strip()
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if len(set(given)) > 1 or not IDEMPOTENCY_KEY.fullmatch(key):
        raise InvalidRequest({"Idempotency-Key": ["Send one key of 1 to 255 visible characters"]})
    return key


def query(event: Request, known: frozenset[str] = frozenset()) -> dict[str, str]:
    """The query's parameters. Raises InvalidRequest for one that is unknown or comes twice."""
    several: Mapping[str, list[str]] = event.get("multiValueQueryStringParameters") or {}
    faults = {
        name: ["There is no such parameter" if name not in known else "Send this once"]
        for name, values in several.items()
        if name not in known or len(values) != 1
    }
    if faults:
        raise InvalidRequest(faults)
    return {name: values[0] for name, values in several.items()}


def arrival(event: Request, now: datetime) -> datetime:
    """When the gateway took the request in: what waits for a function still came when it came."""
    taken_in = event["requestContext"].get("requestTimeEpoch")
    return now if taken_in is None else datetime.fromtimestamp(taken_in / 1000, UTC)


def path_parameter(event: Request, name: str) -> str:
    """A part of the path, decoded: REST APIs hand it over as it was sent.

    No reference of ours may hold a percent sign, so decoding what was decoded already is harmless.
    """
    return unquote((event.get("pathParameters") or {}).get(name) or "")


def public_base_url(event: Request) -> str:
    """Where the world reaches this deployment, without a trailing slash."""
    if settings().public_base_url:
        return settings().public_base_url
    context = event["requestContext"]
    return f"https://{context['domainName']}/{context['stage']}"

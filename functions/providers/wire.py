"""JSON over HTTP to a provider, and the one distinction that matters: whether it was sent."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from payments.errors import ProviderRefused, ProviderSilent
from payments.report import Reason

# A provider's answer is hostile input: none of theirs comes near this size.
MOST_ANSWER_BYTES = 64 * 1024

# Their addresses are the longest texts that we keep.
LONGEST_TEXT = 2000

# These happen before a byte of the request leaves: nothing can have been charged.
NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.ProxyError,
)

# Answers of an HTTP layer that turned the request away unread.
TURNED_AWAY = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider said: one JSON object, its numbers int or Decimal."""

    spoken: Mapping[str, Any]
    turned_away: bool
    """The HTTP status alone already says that the request was not taken."""


def post_json(
    client: httpx.Client,
    url: str,
    body: Mapping[str, Any],
    headers: Mapping[str, str],
    auth: httpx.Auth | None = None,
) -> Answer:
    """Post, and read one JSON object.

    Raises ProviderRefused when the request was surely never sent or was turned away unread,
    ProviderSilent when nobody can tell.
    """
    try:
        with client.stream("POST", url, json=body, headers=headers, auth=auth) as answer:
            content = read_capped(answer)
            status = answer.status_code
    except NEVER_SENT as unreachable:
        raise ProviderRefused(Reason.UNREACHABLE) from unreachable
    except httpx.HTTPError as lost:
        raise ProviderSilent(type(lost).__name__) from lost
    spoken = read_object(content)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        raise ProviderSilent(f"HTTP {status}")
    if spoken is None:
        if status in TURNED_AWAY:
            raise ProviderRefused(Reason.NOT_ENABLED)
        raise ProviderSilent(f"HTTP {status} without a JSON object")
    return Answer(spoken=spoken, turned_away=status in TURNED_AWAY)


def read_capped(answer: httpx.Response) -> bytes:
    """The body, or nothing of it when it is larger than any honest answer."""
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_ANSWER_BYTES:
            return b""
    return content


def read_object(content: bytes) -> dict[str, Any] | None:
    """The JSON object in these bytes; None when there is none."""
    try:
        spoken = json.loads(content, parse_float=Decimal)
    except (ValueError, RecursionError, InvalidOperation):
        # InvalidOperation: a number with an exponent beyond what Decimal holds.
        return None
    return spoken if isinstance(spoken, dict) else None


def text_of(spoken: Mapping[str, Any], name: str) -> str | None:
    """A field as trimmed text, fit to store; None when absent, blank, endless or no scalar."""
    value = spoken.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    # JSON can carry half a surrogate pair ("\ud800"), which nothing could store or send on.
    text = str(value).encode(errors="replace").decode().strip()
    return text if 0 < len(text) <= LONGEST_TEXT else None

"""One POST to a merchant, and what came of it."""

import re
import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TYPE_CHECKING

import httpcore

from announcements.public_network import AddressNotPublic, GuardedNetwork, Rules
from payments.addresses import on_the_wire

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from datetime import datetime

TIMEOUTS = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}
MOST_ANSWER_BYTES = 16 * 1024
# What is kept of an answer, to be shown with its try.
MOST_CHARACTERS = 1000
MOST_BYTES_KEPT = 1500
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of a try: a status, or the error that kept it from one."""

    milliseconds: int
    status_code: int | None = None
    error: str | None = None
    retry_after: str | None = None
    answer: str | None = None
    """The beginning of the answer's body; None for an empty one."""


@cache
def trusted() -> "ssl.SSLContext":
    """The authorities that a merchant's certificate must lead to, read once: it takes 20 ms."""
    return httpcore.default_ssl_context()


def post(
    url: str,
    headers: "Mapping[str, str]",
    body: bytes,
    rules: Rules,
    network: httpcore.NetworkBackend | None = None,
) -> Posted:
    """Post once, through no redirect and no proxy. Whatever happens is an answer."""
    began = time.monotonic()
    way = GuardedNetwork(rules, network=network)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=trusted(), network_backend=way) as pool,
            pool.stream(
                "POST",
                on_the_wire(url),
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": TIMEOUTS},
            ) as answer,
        ):
            said = read_some(answer)
            posted = Posted(
                milliseconds=since(began),
                status_code=answer.status,
                retry_after=header_of(answer, b"retry-after"),
                answer=in_words(said),
            )
    except AddressNotPublic as refused:
        return Posted(milliseconds=since(began), error=f"address refused: {refused}")
    except (
        httpcore.NetworkError,
        httpcore.TimeoutException,
        httpcore.ProtocolError,
        httpcore.UnsupportedProtocol,
        ValueError,
    ) as failed:
        return Posted(milliseconds=since(began), error=type(failed).__name__)
    return posted


def read_some(answer: httpcore.Response) -> bytes:
    """Read the answer up to a bound, and give back its beginning."""
    size, kept = 0, b""
    for piece in answer.iter_stream():
        size += len(piece)
        kept += piece[: MOST_ANSWER_BYTES - len(kept)]
        if size > MOST_ANSWER_BYTES:
            break
    return kept


def in_words(said: bytes) -> str | None:
    """The first thousand characters of an answer, whatever its bytes are; None for no word.

    In fewer than a thousand where they are long ones, so that an event's item has room for all of
    its tries (ledger/events.py).
    """
    text = CONTROLS.sub("", said.decode(errors="replace"))[:MOST_CHARACTERS]
    return text.encode()[:MOST_BYTES_KEPT].decode(errors="ignore") or None


def header_of(answer: httpcore.Response, name: bytes) -> str | None:
    """A header of the answer."""
    return next(
        (value.decode("latin-1") for key, value in answer.headers if key.lower() == name), None
    )


def since(began: float) -> int:
    """Whole milliseconds gone by."""
    return round((time.monotonic() - began) * 1000)


def seconds_asked_for(retry_after: str | None, now: "datetime") -> float | None:
    """What a Retry-After header asks for, in seconds; None when it asks for nothing readable."""
    if retry_after is None:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after)
    try:
        return (parsedate_to_datetime(retry_after) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None

"""One POST to a merchant, and what came of it."""

import time
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import httpcore

from announcements.public_network import AddressNotPublic, GuardedNetwork, Rules
from payments.addresses import on_the_wire

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

TIMEOUTS = {"connect": 5.0, "read": 10.0, "write": 5.0, "pool": 5.0}
MOST_ANSWER_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What came of a try: a status, or the error that kept it from one."""

    milliseconds: int
    status_code: int | None = None
    error: str | None = None
    retry_after: str | None = None


def post(url: str, headers: "Mapping[str, str]", body: bytes, rules: Rules) -> Posted:
    """Post once, through no redirect and no proxy. Whatever happens is an answer."""
    began = time.monotonic()
    try:
        with (
            httpcore.ConnectionPool(network_backend=GuardedNetwork(rules)) as pool,
            pool.stream(
                "POST",
                on_the_wire(url),
                headers=list(headers.items()),
                content=body,
                extensions={"timeout": TIMEOUTS},
            ) as answer,
        ):
            read_some(answer)
            posted = Posted(
                milliseconds=since(began),
                status_code=answer.status,
                retry_after=header_of(answer, b"retry-after"),
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


def read_some(answer: httpcore.Response) -> None:
    """Read the answer up to a bound; nothing of it is used."""
    size = 0
    for piece in answer.iter_stream():
        size += len(piece)
        if size > MOST_ANSWER_BYTES:
            return


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

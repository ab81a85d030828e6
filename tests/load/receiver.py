"""The merchants' endpoint of a load run: checks signatures, keeps everything, fails some first."""

import json
import time
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from threading import Lock
from typing import Any, Protocol

import flask

from infra.local.ports import Ports
from infra.local.servers import serving
from infra.local.shop_inbox import problems_with
from tests.load.evidence import Message

ONE_IN = 10
"""Of so many events one is refused the first time."""


class Manners(Protocol):
    """Chooses the HTTP status of an answer."""

    def __call__(self, event_id: str, *, is_known: bool) -> int:
        """To an event that came before, or for the first time."""


class Receiver:
    """What came, in the order that it came. `secrets` are the merchants', by way through."""

    def __init__(self, secrets: Mapping[str, str], manners: Manners) -> None:
        self._secrets = secrets
        self._manners = manners
        self._lock = Lock()
        self._messages: list[Message] = []
        self.url = ""

    @property
    def messages(self) -> tuple[Message, ...]:
        """All so far."""
        with self._lock:
            return tuple(self._messages)

    def hear(self, through: str) -> tuple[str, int]:
        """Take one message."""
        now = time.time()
        body, headers = flask.request.get_data(), flask.request.headers
        problems = problems_with(body, headers, secret=self._secrets[through], now=now)
        event_id = headers.get("webhook-id", "")
        told = parsed(body)
        with self._lock:
            is_known = any(message.event_id == event_id for message in self._messages)
            status = self._manners(event_id, is_known=is_known)
            self._messages.append(
                Message(
                    event_id=event_id,
                    session_id=str(told["data"].get("session_id")),
                    tx_ref=str(told["data"].get("reference")),
                    type=str(told.get("event")),
                    status=str(told["data"].get("status")),
                    body=body.decode(errors="replace"),
                    problems=tuple(problems),
                    answered=status,
                    at=now,
                )
            )
        return "", status


def answer_to(event_id: str, *, is_known: bool) -> int:
    """503 to one event in ten the first time, 200 else."""
    is_refused = not is_known and zlib.crc32(event_id.encode()) % ONE_IN == 0
    return HTTPStatus.SERVICE_UNAVAILABLE if is_refused else HTTPStatus.OK


def parsed(body: bytes) -> dict[str, Any]:
    """The body's object, with "data" in it, whatever came."""
    try:
        told = json.loads(body)
    except ValueError:
        told = None
    whole = told if isinstance(told, dict) else {}
    data = whole.get("data")
    return whole | {"data": data if isinstance(data, dict) else {}}


@contextmanager
def listening(secrets: Mapping[str, str], manners: Manners = answer_to) -> Iterator[Receiver]:
    """Listen until the block ends."""
    receiver = Receiver(secrets, manners)
    app = flask.Flask("receiver")
    app.post("/<through>")(receiver.hear)
    with serving(app, Ports.free_ones().shop) as receiver.url:
        yield receiver

"""How a simulator can misbehave, and which numbers make it do so without a hand.

Errors: `LostReply`, in process and on the wire alike.
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NoReturn

import httpx

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


class LostReply(httpx.RemoteProtocolError, ConnectionError):
    """The charge was made and the connection dropped before a reply.

    In process it leaves the WSGI app as the very error that httpx raises on a dropped connection;
    werkzeug's server takes a `ConnectionError` for a client that left, and sends nothing.
    """


def drop(environ: WSGIEnvironment) -> NoReturn:
    """End a request without a reply. Raises LostReply, always."""
    # Werkzeug would keep the silent connection open, and its caller waiting.
    connection = environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    raise LostReply("Server disconnected without sending a response.")


class Fault(StrEnum):
    """One way in which a charge can go wrong around the money."""

    LOST_REPLY = "lost_reply"
    SLOW = "slow"
    ERROR_500 = "error_500"
    NO_POSTBACK = "no_postback"
    TWICE = "twice"
    LATE = "late"
    WRONG_AMOUNT = "wrong_amount"
    WRONG_REFID = "wrong_refid"
    REFUSED = "refused"


class Answer(StrEnum):
    """What the person with the handset does, where a number decides it."""

    APPROVE = "approve"
    DECLINE = "decline"
    NO_FUNDS = "no_funds"
    IGNORE = "ignore"


@dataclass(frozen=True)
class Behaviour:
    """What a number stands for. No answer means that the handset decides."""

    answer: Answer | None = None
    faults: frozenset[Fault] = frozenset()


def _approves(*faults: Fault) -> Behaviour:
    return Behaviour(Answer.APPROVE, frozenset(faults))


BY_LAST_FOUR_DIGITS = {
    "0001": _approves(),
    "0002": _approves(Fault.NO_POSTBACK),
    "0003": Behaviour(Answer.DECLINE),
    "0004": Behaviour(Answer.NO_FUNDS),
    "0005": Behaviour(Answer.IGNORE),
    "0006": _approves(Fault.LOST_REPLY),
    "0007": _approves(Fault.SLOW),
    "0008": _approves(Fault.ERROR_500),
    "0009": _approves(Fault.TWICE),
    "0010": _approves(Fault.LATE),
    "0011": Behaviour(faults=frozenset({Fault.REFUSED})),
}
# 0788 00…. (MTN) and 0738 00…. (Airtel), with or without the country code.
MAGIC_NUMBER = re.compile(r"(?:250|0)?7[83]800(\d{4})")


def behaviour_of(msisdn: str) -> Behaviour:
    """Tell what a number stands for; one that is not magic waits for the handset."""
    magic = MAGIC_NUMBER.fullmatch(msisdn)
    return BY_LAST_FOUR_DIGITS.get(magic[1], Behaviour()) if magic else Behaviour()


@dataclass
class Orders:
    """Faults ordered for the charges to come: each falls on the next so many of them."""

    left: dict[Fault, int] = field(default_factory=dict)

    def draw(self) -> frozenset[Fault]:
        """Take the faults that fall on the next charge."""
        drawn = frozenset(fault for fault, charges in self.left.items() if charges > 0)
        for fault in drawn:
            self.left[fault] -= 1
        return drawn

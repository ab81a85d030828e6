"""The shop's webhook inbox: every message, whether its signatures are good, how it was answered.

A merchant's own reading of the two schemes, so it shares no code with the side that signs.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

# Standard Webhooks: a message older or newer than this is a replay.
TOLERATED_SECONDS = 5 * 60


def problems_with(body: bytes, headers: Headers, *, secret: str, now: float) -> list[str]:
    """Name everything that is wrong with a message; an empty list means that it is genuine."""
    return _legacy_problems(body, headers, secret) + _standard_problems(body, headers, secret, now)


def _legacy_problems(body: bytes, headers: Headers, secret: str) -> list[str]:
    given = headers.get("X-Webhook-Signature")
    if given is None:
        return ["X-Webhook-Signature is missing"]
    expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    same = hmac.compare_digest(given.encode(), expected.encode())
    return [] if same else ["X-Webhook-Signature does not match"]


def _standard_problems(body: bytes, headers: Headers, secret: str, now: float) -> list[str]:
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    missing = [f"{name} is missing" for name in names if name not in headers]
    if missing:
        return missing
    message_id, timestamp, given = (headers[name] for name in names)
    if not timestamp.isascii() or not timestamp.isdecimal():
        return ["webhook-timestamp is not in Unix seconds"]
    stale = abs(now - int(timestamp)) > TOLERATED_SECONDS
    problems = ["webhook-timestamp is more than five minutes away"] if stale else []
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.digest(_decoded(secret), signed, "sha256")
    expected = b"v1," + base64.b64encode(digest)
    # Several signatures, one per active secret, may stand side by side.
    if not any(hmac.compare_digest(one.encode(), expected) for one in given.split()):
        problems.append("webhook-signature does not match")
    return problems


def _decoded(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix("whsec_"))
    except binascii.Error:
        return secret.encode()


@dataclass
class Message:
    """One webhook; the same message again only adds to `answered` (our HTTP status codes)."""

    id: str
    body: str
    headers: dict[str, str]
    problems: list[str]
    answered: list[int] = field(default_factory=list)

    @property
    def signature(self) -> str:
        """Sum the problems up."""
        return "bad" if self.problems else "good"

    @property
    def told(self) -> dict[str, Any]:
        """The body's own object; empty if it is none."""
        try:
            told = json.loads(self.body)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    @property
    def reference(self) -> str:
        """The order that the message speaks of. Believe it only under a good signature."""
        told = self.told.get("data")
        return str(told.get("reference", "")) if isinstance(told, dict) else ""

    def as_json(self) -> dict[str, Any]:
        """Render for scripts."""
        return {
            "id": self.id,
            "event": self.told.get("event"),
            "reference": self.reference,
            "signature": self.signature,
            "problems": self.problems,
            "deliveries": len(self.answered),
            "answered": self.answered,
            "body": self.body,
            "headers": self.headers,
        }


@dataclass
class Inbox:
    """Messages in order of first arrival, and how badly the next ones are to be answered."""

    messages: list[Message] = field(default_factory=list)
    fail_next: int = 0
    fail_status: int = 500

    def receive(self, body: bytes, headers: Headers, *, secret: str, now: float) -> int:
        """Keep a message and choose the HTTP status to answer with: 401 for a bad signature."""
        problems = problems_with(body, headers, secret=secret, now=now)
        message = self._kept(
            Message(
                id=headers.get("webhook-id", ""),
                body=body.decode(errors="replace"),
                headers=dict(headers),
                problems=problems,
            )
        )
        message.answered.append(self._status(problems))
        return message.answered[-1]

    def _kept(self, message: Message) -> Message:
        # By verdict and body too: a forgery under a known id must not pass for a delivery of it.
        for kept in self.messages:
            if (kept.id, kept.body, kept.problems) == (message.id, message.body, message.problems):
                return kept
        self.messages.append(message)
        return message

    def _status(self, problems: list[str]) -> int:
        if problems:
            return 401
        if self.fail_next > 0:
            self.fail_next -= 1
            return self.fail_status
        return 200

    def about(self, reference: str) -> list[Message]:
        """List what was received about an order, forgeries too."""
        return [message for message in self.messages if message.reference == reference]

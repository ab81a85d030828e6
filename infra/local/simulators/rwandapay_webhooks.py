"""What RwandaPay tells the address that a session named: two shapes, three signature forms."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from infra.local.simulators.postbacks import RECEIVER_SECONDS, Reply
from infra.local.simulators.rwandapay_faults import Fault
from infra.local.simulators.rwandapay_sessions import Session, iso, number

if TYPE_CHECKING:
    from decimal import Decimal

# Method, address, body, headers.
Sender = Callable[[str, str, bytes, Mapping[str, str]], Reply]

SHAPES = ("nested", "flat")
FORMS = ("hex", "prefixed", "base64")
HEADERS = ("X-Webhook-Signature", "X-Rwandapay-Signature")
ANOTHER_SECRET = "somebody else's"  # noqa: S105  # what a forger would use


@dataclass(kw_only=True)
class Webhook:
    """One message to `url`, sent at `due_at` (Unix seconds) or soon after."""

    tid: str
    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    due_at: float
    sent_at: float | None = None
    probe: Reply | None = None
    reply: Reply | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether we were answered as RwandaPay's own sample does (seed 000)."""
        if self.reply is None or self.reply.status != httpx.codes.OK:
            return False
        try:
            return bool(json.loads(self.reply.text) == {"status": "ok"})
        except ValueError:
            return False


def stated(session: Session) -> Decimal:
    """The sum that RwandaPay states, which a fault makes another."""
    return session.amount + (Fault.WRONG_AMOUNT in session.faults)


def nested(session: Session, status: str, now: float) -> dict[str, Any]:
    """Seed 000's webhook."""
    return {
        "event": f"payment.{status}",
        "data": {
            "reference": session.refid,
            "amount": number(stated(session)),
            "currency": session.currency,
            "status": status,
            "customer": {"name": session.name, "email": session.email, "phone": session.msisdn},
            "paid_at": iso(now) if status == "successful" else None,
            "transaction_id": session.transaction_id or None,
            "paypack_reference": session.paypack_reference,
            "mode": session.mode,
        },
        "timestamp": iso(now),
    }


def flat(session: Session, status: str, now: float) -> dict[str, Any]:
    """Paypack's notification, passed on: nothing of ours is in it."""
    return {
        "event_id": hashlib.sha256(f"{session.tid} {status}".encode()).hexdigest()[:32],
        "event_kind": "transaction:processed",
        "status": status,
        "amount": number(stated(session)),
        "network": session.network,
        "paypack_reference": session.paypack_reference,
        "created_at": iso(now),
    }


def render(session: Session, status: str, shape: str, now: float) -> bytes:
    """A webhook's exact bytes."""
    told = (flat if shape == "flat" else nested)(session, status, now)
    return json.dumps(told).encode()


def sign(body: bytes, secret: str, form: str) -> str:
    """The body's HMAC-SHA256 in one of the forms seen."""
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    forms = {
        "hex": digest.hex(),
        "prefixed": f"sha256={digest.hex()}",
        "base64": base64.b64encode(digest).decode(),
    }
    return forms[form]


def send_over_http(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send; a receiver that cannot be reached is a reply without a status."""
    try:
        answer = httpx.request(
            method,
            url,
            content=body,
            headers=dict(headers),
            timeout=RECEIVER_SECONDS,
            trust_env=False,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(None, f"{type(error).__name__}: {error}")
    return Reply(answer.status_code, answer.text)

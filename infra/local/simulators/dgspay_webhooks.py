"""DGS-Pay's webhooks: JSON, signed over the raw body, to the address that a charge named."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from infra.local.simulators.postbacks import RECEIVER_SECONDS, Reply

SIGNATURE_HEADER = "X-DGS-Signature"

Sender = Callable[[str, bytes, Mapping[str, str]], Reply]


@dataclass(kw_only=True)
class Webhook:
    """One message to `url`, sent at `due_at` (Unix seconds) or soon after."""

    tid: str
    url: str
    body: str
    signature: str
    due_at: float
    sent_at: float | None = None
    reply: Reply | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """What goes with the body."""
        return {"Content-Type": "application/json", SIGNATURE_HEADER: self.signature}

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver answered with any 2xx; seed 004 asks for no words."""
        return (
            self.reply is not None
            and self.reply.status is not None
            and httpx.codes.is_success(self.reply.status)
        )


def sign(body: str, secret: str) -> str:
    """Hex HMAC-SHA256 of the body as it is sent."""
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def post_over_http(url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Post `body`; a receiver that cannot be reached is a reply without a status."""
    try:
        answer = httpx.post(
            url, content=body, headers=headers, timeout=RECEIVER_SECONDS, trust_env=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(None, f"{type(error).__name__}: {error}")
    return Reply(answer.status_code, answer.text)

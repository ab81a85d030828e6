"""Signed webhooks to the address that a charge named, and what they were answered (seed 002)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from infra.local.simulators.postbacks import RECEIVER_SECONDS, Reply

Sender = Callable[[str, bytes, Mapping[str, str]], Reply]

WRONG_SECRET = "somebody else's"  # noqa: S105  # the point of the fault


@dataclass(kw_only=True)
class Webhook:
    """One message to `url`, sent at `due_at` (Unix seconds) or soon after. `body` is JSON text."""

    tid: str
    url: str
    body: str
    signature: str
    due_at: float
    sent_at: float | None = None
    reply: Reply | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver took it: any 2xx, since no answer is documented."""
        status = self.reply.status if self.reply else None
        return status is not None and httpx.codes.is_success(status)

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        return {"Content-Type": "application/json", "X-VPay-Signature": self.signature}


def signature_of(body: str, secret: str) -> str:
    """Sign a raw body as the seed's samples do: hex HMAC-SHA256."""
    return hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


def post_over_http(url: str, content: bytes, headers: Mapping[str, str]) -> Reply:
    """Post a signed body; a receiver that cannot be reached is a reply without a status."""
    try:
        answer = httpx.post(
            url, content=content, headers=headers, timeout=RECEIVER_SECONDS, trust_env=False
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(None, f"{type(error).__name__}: {error}")
    return Reply(answer.status_code, answer.text)

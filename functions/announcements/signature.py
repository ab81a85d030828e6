"""How our webhooks are signed: Standard Webhooks, and a plain HMAC that PHP checks in one line."""

import base64
import hashlib
import hmac
from datetime import datetime

from payments.webhook_secrets import PREFIX


def signed_headers(
    secret: str, event_id: str, at: datetime, body: bytes, *, previous: str | None = None
) -> dict[str, str]:
    """The headers that prove a body ours. `secret` is the whole "whsec_…" text.

    `webhook-signature` is keyed with the bytes that the secret encodes (Standard Webhooks 1.0);
    while `previous` still counts, its signature stands there as well, after a space.
    `X-Webhook-Signature` is keyed with the text as the merchant sees it (PROVIDERS.md, last
    section), and has room for one.
    """
    timestamp = str(int(at.timestamp()))
    content = f"{event_id}.{timestamp}.".encode() + body
    counting = [secret] if previous is None else [secret, previous]
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(standard_signature(each, content) for each in counting),
        "X-Webhook-Signature": hmac.digest(secret.encode(), body, hashlib.sha256).hex(),
    }


def standard_signature(secret: str, content: bytes) -> str:
    """One signature of Standard Webhooks: "v1," and base64."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()

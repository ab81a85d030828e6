"""How our webhooks are signed: Standard Webhooks, and a plain HMAC that PHP checks in one line."""

import base64
import hashlib
import hmac
from datetime import datetime

PREFIX = "whsec_"


def signed_headers(secret: str, event_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that prove a body ours. `secret` is the whole "whsec_…" text.

    `webhook-signature` is keyed with the bytes that the secret encodes (Standard Webhooks 1.0);
    `X-Webhook-Signature` with the text as the merchant sees it (PROVIDERS.md, last section).
    """
    timestamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix(PREFIX))
    content = f"{event_id}.{timestamp}.".encode() + body
    standard = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    plain = hmac.digest(secret.encode(), body, hashlib.sha256).hex()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{standard}",
        "X-Webhook-Signature": plain,
    }

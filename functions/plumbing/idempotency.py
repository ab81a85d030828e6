"""The Idempotency-Key of a write: the same key and request are one, another request is refused.

The digest of a key is what ids are derived from, so that a repeat finds what the first time made
(DESIGN.md, 2). It is remembered for 24 hours (ledger/repeats.py).
"""

import hashlib
import json
from typing import TYPE_CHECKING

from payments.errors import IdempotencyKeyReused
from plumbing import wiring
from plumbing.requests import Request, idempotency_key

if TYPE_CHECKING:
    from payments.merchant import ApiKey


def claim(key: "ApiKey", event: Request, asked: object) -> str | None:
    """The digest of the request's Idempotency-Key, now remembered; None without one.

    `asked` is the request's body as it was understood. Raises InvalidRequest for a bad key,
    IdempotencyKeyReused.
    """
    digest = digest_of_key(key, event)
    if digest is None:
        return None
    if not wiring.repeats().note(digest, request_hash(event, asked), wiring.outside.clock()):
        raise IdempotencyKeyReused
    return digest


def digest_of_key(key: "ApiKey", event: Request) -> str | None:
    """SHA-256, hex, of merchant, mode and Idempotency-Key. Raises InvalidRequest for a bad key."""
    given = idempotency_key(event)
    return None if given is None else sha256(f"{key.merchant_id}|{key.mode}|{given}")


def request_hash(event: Request, asked: object) -> str:
    """SHA-256, hex, of what tells a request from another: method, path, and body as understood."""
    return sha256(json.dumps([event["httpMethod"], event["path"], asked], sort_keys=True))


def sha256(text: str) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()

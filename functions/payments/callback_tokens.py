"""The token in a callback's address: 128 bits that only we and the provider have seen."""

import hashlib
import secrets

BYTES = 16


def mint_token() -> str:
    """A fresh token, fit for a path."""
    return secrets.token_urlsafe(BYTES)


def token_hash(token: str) -> str:
    """What the ledger keeps of a token: SHA-256, in hex. Comparing hashes gives no time away."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()

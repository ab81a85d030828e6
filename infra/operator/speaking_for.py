"""Whose turn it is, for the API's own code, which knows that by the keys of whoever asks."""

from datetime import datetime

from payments.merchant import ApiKey
from payments.mode import Mode


def speaking_for(merchant_id: str, mode: Mode, now: datetime) -> ApiKey:
    """A key of this merchant and mode that is stored nowhere and opens nothing."""
    return ApiKey(public_key="", merchant_id=merchant_id, mode=mode, secret_hash="", created_at=now)

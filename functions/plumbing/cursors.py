"""Where a list goes on, as text that a merchant hands back: base64url of the last record's keys.

It needs no signature: the owner in it is always the asker's own (ledger/listing.py).
"""

import base64
import binascii
import json

from ledger.listing import Place
from payments.errors import InvalidRequest

LONGEST = 500
PARTS = 3
NOT_OURS = {"cursor": ["This is no cursor of ours"]}


def write(place: Place) -> str:
    """The cursor of a place."""
    text = json.dumps([place.created_at, place.pk, place.sk], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str) -> Place:
    """The place of a cursor. Raises InvalidRequest."""
    try:
        parts = json.loads(base64.b64decode(padded(text), altchars=b"-_", validate=True))
    except (ValueError, RecursionError, binascii.Error) as unreadable:
        raise InvalidRequest(NOT_OURS) from unreadable
    is_place = isinstance(parts, list) and len(parts) == PARTS
    if not is_place or not all(isinstance(part, str) and part for part in parts):
        raise InvalidRequest(NOT_OURS)
    return Place(*parts)


def padded(text: str) -> str:
    """The cursor's base64 with the padding that was left away. Raises ValueError."""
    if len(text) > LONGEST or not text.isascii():
        raise ValueError(text)
    return text + "=" * (-len(text) % 4)

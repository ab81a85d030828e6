"""References: derived, so that each leads back to its payment without an index (DESIGN.md, 1)."""

import hashlib
import hmac
import re
from datetime import datetime

from payments.mode import Mode

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ID_LENGTH = 16
SESSION_ID = re.compile(r"CHK-([0-9A-Z]{16})", re.ASCII)
# A tx_ref stands in paths and query strings; "." and ".." would be walked away by every client.
LONGEST_TX_REF = 50
# Half a surrogate pair is no character: nothing could be derived from it.
TX_REF = re.compile(r"[^\x00-\x1f\x7f-\x9f/?#%\\\u2028\u2029\ud800-\udfff]+")
ATTEMPT_REF = re.compile(r"([0-9A-Z]{16})([0-9]{2})", re.ASCII)
EVENT_ID = re.compile(r"evt_([0-9A-Z]{16})_([1-9][0-9]{0,9})", re.ASCII)


def base36(digest: bytes, length: int) -> str:
    """The last `length` base-36 digits of the digest, read as a number."""
    number = int.from_bytes(digest)
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(BASE36))
        digits.append(BASE36[digit])
    return "".join(reversed(digits))


def session_id(salt: bytes, mode: Mode, tx_ref: str) -> str:
    """The one session id of a merchant's tx_ref in a mode: "CHK-V0CFMJGNI8ZWIJBR"."""
    digest = hmac.digest(salt, f"{mode}|{tx_ref}".encode(), hashlib.sha256)
    return f"CHK-{base36(digest, ID_LENGTH)}"


def may_be_tx_ref(text: str) -> bool:
    """Tell whether a merchant may call an order so: 1 to 50 characters, safe in a path."""
    return (
        len(text) <= LONGEST_TX_REF
        and TX_REF.fullmatch(text) is not None
        and text.strip() == text
        and text not in {".", ".."}
    )


def looks_like_session_id(reference: str) -> bool:
    """Tell whether a reference has the form of a session id."""
    return SESSION_ID.fullmatch(reference) is not None


def attempt_ref(payment_id: str, number: int) -> str:
    """What a provider knows an attempt by: 18 capitals and digits, which fits every provider."""
    return f"{payment_id.removeprefix('CHK-')}{number:02}"


def payment_of(reference: str) -> tuple[str, int] | None:
    """The session id and attempt number that an attempt reference names; None if it is none."""
    match = ATTEMPT_REF.fullmatch(reference)
    return (f"CHK-{match[1]}", int(match[2])) if match else None


def event_id(payment_id: str, version: int) -> str:
    """The id of the news that a payment's version brought; the same however often it is told."""
    return f"evt_{payment_id.removeprefix('CHK-')}_{version}"


def event_of(event_id: str) -> tuple[str, int] | None:
    """The session id and version that an event's id names; None if it is none."""
    match = EVENT_ID.fullmatch(event_id)
    return (f"CHK-{match[1]}", int(match[2])) if match else None


def transaction_id(reference: str, mode: Mode, paid_at: datetime) -> str:
    """Seed 000's form: "PAY-LIVE-XXXXXXXX-20241215143000", for the attempt that was paid.

    The eight characters are a hash, so that a receipt does not give away half a session id.
    """
    mark = base36(hashlib.sha256(reference.encode()).digest(), 8)
    return f"PAY-{mode.upper()}-{mark}-{paid_at:%Y%m%d%H%M%S}"

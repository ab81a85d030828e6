"""A merchant's API keys: "pk_live_", "pk_test_", "sk_live_" or "sk_test_" and 49 characters.

The first 43 are base-62 digits that hold 256 random bits; the last 6 are a CRC-32, in base 62, of
all that stands before them. So a typo is refused without asking the database, and a leaked key is
recognised for what it is. Only a hash of a secret is ever stored: 256 random bits cannot be
guessed, so a plain SHA-256 is enough where a password would need a slow hash.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib
from dataclasses import dataclass, field

from payments.mode import Mode

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
RANDOM_BITS = 256
RANDOM_LENGTH = 43
CHECKSUM_LENGTH = 6
FORM = re.compile(r"(?P<kind>pk|sk)_(?P<mode>test|live)_[0-9A-Za-z]{49}", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A fresh pair. The secret exists here alone: show it once, keep its hash."""

    mode: Mode
    public_key: str
    secret_key: str = field(repr=False)


def mint(mode: Mode) -> KeyPair:
    """Make a pair that nobody has had before."""
    return KeyPair(mode, public_key=_random_key("pk", mode), secret_key=_random_key("sk", mode))


def is_public_key(text: str) -> bool:
    """Tell whether this has the form of a public key, checksum included."""
    return _kind_and_mode(text)[0] == "pk"


def is_secret_key(text: str) -> bool:
    """Tell whether this has the form of a secret key, checksum included."""
    return _kind_and_mode(text)[0] == "sk"


def mode_of(key: str) -> Mode | None:
    """Tell the mode that a key of either kind names; None for what is no key at all."""
    return _kind_and_mode(key)[1]


def hash_secret(secret_key: str) -> str:
    """SHA-256 of the key's text, in hex: what the ledger keeps of a secret."""
    return hashlib.sha256(_bytes(secret_key)).hexdigest()


def is_secret_of(secret_key: str, secret_hash: str) -> bool:
    """Tell, in constant time, whether this is the secret whose hash was kept."""
    return same(hash_secret(secret_key), secret_hash)


def same(one: str, other: str) -> bool:
    """Compare two texts, one of them a stranger's, in constant time.

    As bytes: `hmac.compare_digest` raises on a `str` that is not ASCII.
    """
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    # JSON can carry half a surrogate pair ("\ud800"), which plain UTF-8 refuses to encode.
    return text.encode("utf-8", "surrogatepass")


def _kind_and_mode(text: str) -> tuple[str, Mode] | tuple[None, None]:
    form = FORM.fullmatch(text)
    if form is None or text[-CHECKSUM_LENGTH:] != _checksum(text[:-CHECKSUM_LENGTH]):
        return None, None
    return form["kind"], Mode(form["mode"])


def _random_key(kind: str, mode: Mode) -> str:
    body = f"{kind}_{mode}_{_base62(secrets.randbits(RANDOM_BITS), RANDOM_LENGTH)}"
    return body + _checksum(body)


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), CHECKSUM_LENGTH)


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(BASE62))
        digits.append(BASE62[digit])
    return "".join(reversed(digits))

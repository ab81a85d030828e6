"""A merchant's picture, as the pages show it. What it is, its own bytes say, and nobody's word."""

import hashlib
from dataclasses import dataclass

from payments.errors import PaymentError

MOST_BYTES = 16 * 1024
DIGEST_LENGTH = 32
WEBP_AT = 8


class UnusableLogo(PaymentError):
    """Not a picture that pages show; the message says which are."""


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture."""

    content: bytes
    content_type: str

    @classmethod
    def of(cls, content: bytes) -> "Logo":
        """Read a picture. Raises UnusableLogo.

        SVG is not taken: it may hold scripts.
        """
        if len(content) > MOST_BYTES:
            raise UnusableLogo(f"A logo has at most {MOST_BYTES} bytes; this has {len(content)}")
        kind = kind_of(content)
        if kind is None:
            raise UnusableLogo("A logo is a PNG, a JPEG or a WebP")
        return cls(content, kind)

    @property
    def digest(self) -> str:
        """Its name in its address: another picture has another, so that it may be kept for good."""
        return hashlib.sha256(self.content).hexdigest()[:DIGEST_LENGTH]


def kind_of(content: bytes) -> str | None:
    """The type of a picture, by its first bytes."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith(b"RIFF") and content[WEBP_AT:].startswith(b"WEBP"):
        return "image/webp"
    return None

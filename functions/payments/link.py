"""A payment link: one page, shared by its address or its QR code, where visitors open payments."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from payments.mode import Mode
from payments.money import Money
from payments.references import base36

LINK_ID = re.compile(r"lnk_[0-9a-z]{12}", re.ASCII)
ID_LENGTH = 12
# The slug stands in an address that people read aloud and type.
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,58}[a-z0-9]", re.ASCII)
LONGEST_NAME_IN_SLUG = 48
ID_IN_SLUG = 6
NO_SLUG = re.compile(r"[^a-z0-9]+", re.ASCII)
TX_REF_LENGTH = 24


class LinkType(StrEnum):
    """How often a link can be paid (seed 002)."""

    ONE_OFF = "one_off"
    MULTIPLE = "multiple"


class Standing(StrEnum):
    """Whether a link takes payments, and if not, why."""

    OPEN = "open"
    IN_USE = "in_use"
    """Every use is taken, but some by payments that may yet fail and give it back."""
    USED_UP = "used_up"
    EXPIRED = "expired"
    DEACTIVATED = "deactivated"


CLOSED_FOR_GOOD = frozenset({Standing.EXPIRED, Standing.DEACTIVATED})
"""Whatever becomes of the link's payments, nobody can pay by it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a merchant asks for, of whoever comes. Only `active` and the two counts ever change."""

    link_id: str
    """ "lnk_" and 12 of a-z0-9."""
    slug: str
    """Its name in its public address; no other link of the deployment has it."""
    merchant_id: str
    mode: Mode
    name: str
    money: Money | None
    """None where the payer says how much."""
    currency: str
    type: LinkType
    created_at: datetime
    description: str | None = None
    redirect_url: str | None = None
    max_uses: int | None = None
    """None where everyone may pay; 1 for a one_off link."""
    expires_at: datetime | None = None
    active: bool = True
    uses: int = 0
    """Payments made or being made; counted only under `max_uses`."""
    spent: int = 0
    """Those of them that are known to have brought money: a use once spent is never free again."""

    def standing_at(self, now: datetime) -> Standing:
        """Whether it can be paid now, as far as the link itself tells."""
        if not self.active:
            return Standing.DEACTIVATED
        if self.expires_at and now >= self.expires_at:
            return Standing.EXPIRED
        if self.max_uses is not None and self.uses >= self.max_uses:
            return Standing.USED_UP
        return Standing.OPEN


def link_id(digest: bytes | None = None) -> str:
    """The id that follows from a digest, or a random one."""
    return f"lnk_{base36(digest or secrets.token_bytes(16), ID_LENGTH).lower()}"


def slug_of(name: str, link_id: str) -> str:
    """A readable slug: the name in plain letters, and the end of the id to make it unique."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = NO_SLUG.sub("-", plain).strip("-")[:LONGEST_NAME_IN_SLUG].strip("-")
    return f"{words or 'link'}-{link_id[-ID_IN_SLUG:]}"


def tx_ref_of(link: Link, once: str) -> str:
    """The reference of the payment that a form opens: one form (`once`), one payment."""
    digest = hashlib.sha256(f"{link.link_id}|{once}".encode()).digest()
    return f"LNK-{base36(digest, TX_REF_LENGTH)}"

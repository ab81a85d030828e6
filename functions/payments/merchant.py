"""Who is paid, and the keys that speak for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from payments.mode import Mode
from payments.plan import STANDARD, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """One shop of this deployment."""

    merchant_id: str
    """ "mer_" and 12 of a-z0-9."""
    name: str
    salt: bytes = field(repr=False)
    """32 random bytes that session ids are derived with; never rotated (DESIGN.md, 1)."""
    created_at: datetime
    routes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Method -> providers, in order of preference. Test mode always goes to the sandbox."""
    public_keys: frozenset[str] = frozenset()
    """Every public key ever issued to this merchant, the revoked ones too."""
    plan: Plan = STANDARD
    logo_digest: str | None = None
    """Of the logo that its pages show (payments/logo.py); None for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """One issued pair; of its secret only the hash (hex SHA-256) was kept."""

    public_key: str
    merchant_id: str
    mode: Mode
    secret_hash: str = field(repr=False)
    created_at: datetime
    revoked_at: datetime | None = None
    """When the pair stops working; may lie in the future, while a rotation overlaps."""
    plan: Plan = STANDARD
    """The merchant's, copied to where it is counted."""

    def is_active(self, now: datetime) -> bool:
        """Whether the pair works at this moment."""
        return self.revoked_at is None or now < self.revoked_at

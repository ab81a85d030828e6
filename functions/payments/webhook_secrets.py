"""The secrets that a merchant's webhooks are signed with: one now, and for a while the one before.

They lie in the parameter store as one JSON document per merchant and mode:
{"current": "whsec_…", "previous": "whsec_…" | null, "previous_until": "2026-11-22T…Z" | null,
"rotated_by": "…" | null}.
"""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from payments.clock import iso, parse_iso

PREFIX = "whsec_"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSecrets:
    """What signs, and until when."""

    current: str = field(repr=False)
    """ "whsec_" and base64 of 32 random bytes (Standard Webhooks)."""
    previous: str | None = field(default=None, repr=False)
    previous_until: datetime | None = None
    rotated_by: str | None = None
    """The digest of the Idempotency-Key that the rotation came with."""

    def previous_at(self, now: datetime) -> str | None:
        """The secret before this one, while both sign."""
        overlaps = self.previous_until is not None and now < self.previous_until
        return self.previous if overlaps else None

    def followed_by(
        self, secret: str, now: datetime, overlap: timedelta, rotated_by: str | None
    ) -> "WebhookSecrets":
        """The secrets after a rotation; without an overlap the old one signs no more."""
        if not overlap:
            return WebhookSecrets(current=secret, rotated_by=rotated_by)
        return WebhookSecrets(
            current=secret,
            previous=self.current,
            previous_until=now + overlap,
            rotated_by=rotated_by,
        )


def new_secret() -> str:
    """Make a secret that nobody has had before."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def written(kept: WebhookSecrets) -> str:
    """The document of some secrets."""
    return json.dumps(
        {
            "current": kept.current,
            "previous": kept.previous,
            "previous_until": iso(kept.previous_until) if kept.previous_until else None,
            "rotated_by": kept.rotated_by,
        }
    )


def read(document: str) -> WebhookSecrets:
    """The secrets of a document."""
    found = json.loads(document)
    return WebhookSecrets(
        current=found["current"],
        previous=found["previous"],
        previous_until=parse_iso(found["previous_until"]) if found["previous_until"] else None,
        rotated_by=found["rotated_by"],
    )

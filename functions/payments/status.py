"""The words for where a payment, or one attempt to pay it, stands."""

from enum import StrEnum


class Status(StrEnum):
    """Where a payment stands; the words are those of the merchant's API (seed 000 and 002)."""

    PENDING = "pending"
    SUCCESSFUL = "successful"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REFUNDED = "refunded"
    DISPUTED = "disputed"


class AttemptStatus(StrEnum):
    """Where one try at one provider stands.

    `unknown` is written before the provider is called and stays when its answer never came.
    `refused` means that nobody was charged and that it was not the customer's doing.
    """

    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    PAID = "paid"
    DECLINED = "declined"
    REFUSED = "refused"


LIVE = frozenset({AttemptStatus.UNKNOWN, AttemptStatus.ACCEPTED})
"""While an attempt is live, money may still move: no other attempt may begin."""


class SettledBy(StrEnum):
    """Who brought the news that ended an attempt."""

    REPLY = "reply"
    WEBHOOK = "webhook"
    POLLING = "polling"
    PERSON = "person"
    """The operator, by what the provider's own back office shows."""

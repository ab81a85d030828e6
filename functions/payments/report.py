"""A provider's word about an attempt, in our words."""

from dataclasses import dataclass
from enum import StrEnum

from payments.money import Money


class Outcome(StrEnum):
    """What a provider said. Only a plain yes or a plain no is final; any other word is pending."""

    PAID = "paid"
    PENDING = "pending"
    DECLINED = "declined"
    REFUSED = "refused"
    """Nobody was charged, and not for the customer's sake: another provider may be tried."""
    NOT_FOUND = "not_found"
    """Not yet an answer: a lost request may still arrive (PROVIDERS.md, last section)."""


class Reason(StrEnum):
    """Why an attempt ended without money."""

    DECLINED = "declined"
    INSUFFICIENT_FUNDS = "insufficient_funds"
    CANCELLED = "cancelled"
    TIMED_OUT = "timed_out"
    UNREACHABLE = "unreachable"
    NOT_ENABLED = "not_enabled"
    NEVER_ARRIVED = "never_arrived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a provider said of one attempt. What it did not state is None."""

    attempt_ref: str
    outcome: Outcome
    provider_ref: str | None = None
    is_named_by_itself: bool = False
    """Nothing in it is ours and `provider_ref` is news to us: it may be another charge's word."""
    network_ref: str | None = None
    """The wallet network's or bank's own transaction number."""
    next_url: str | None = None
    """Where the customer goes on, at the provider (cards)."""
    stated: Money | None = None
    reason: Reason | None = None

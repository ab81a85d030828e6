"""What can go wrong with a payment, told as what happened. Nothing here knows of HTTP.

Said of a request
    InvalidRequest: fields that cannot be accepted, all of them at once
    MalformedBody: bytes that are not the JSON object they should be
    BodyTooLarge
    NotAuthenticated: keys missing, unknown, revoked, or secret wrong
    DuplicateReference: the merchant already used this tx_ref
    IdempotencyKeyReused: the same Idempotency-Key came with another request
    RateLimited: the key pair used up its requests for now
Said of a payment
    SessionNotFound: no such payment, or none that the asker may see
    PaymentClosed: the payment is final or expired, nothing more can be tried
    AttemptInProgress: money may still move, so no second attempt
    TriesUsedUp
Said of what stands around a payment
    LinkNotFound: no such payment link, or none that the asker may see
    LinkClosed: the link was deactivated, has expired or is used up
    SlugTaken: another link of this deployment has this slug
    EventNotFound: no such event, or none that the asker may see
    NoWebhookEndpoint: the merchant named no address to be told at
    ResentTooOften: an event was sent anew as often as anyone needs
Said of a provider
    ForgedWebhook: a notification without the provider's signature
    ProviderSilent: the outcome is unknown; never read it as a failure
    ProviderRefused: nothing was charged, for a cause that is not the customer's
    Declined: the customer's side said no
    MethodUnavailable: no provider of this merchant takes this method
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum


class PaymentError(Exception):
    """The root of everything that this project raises on purpose."""


class UnusableAmount(PaymentError):
    """Not a sum of money: no number, no such currency, or finer than its smallest coin."""


class PhoneFault(StrEnum):
    """What is wrong with a number."""

    UNREADABLE = "unreadable"
    NO_WALLET = "no_wallet"


class UnusablePhone(PaymentError):
    """A number that no Rwandan wallet has; the message says which numbers are good."""

    def __init__(self, message: str, fault: PhoneFault) -> None:
        super().__init__(message)
        self.fault = fault


class InvalidRequest(PaymentError):
    """`fields` maps each field, dotted ("customer.phone"), to what is wrong with it.

    `faults` maps it to the same without words ("too_small"), for who says it in other languages.
    """

    def __init__(
        self,
        fields: Mapping[str, Sequence[str]],
        faults: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__("; ".join(message for messages in fields.values() for message in messages))
        self.fields = fields
        self.faults = faults or {}


class MalformedBody(PaymentError):
    """The body is not what its route reads."""


class BodyTooLarge(PaymentError):
    """The body is larger than any honest request."""


class NotAuthenticated(PaymentError):
    """The keys do not open anything. The message must not say which part was wrong."""


class DuplicateReference(PaymentError):
    """This merchant has used this tx_ref in this mode."""


class IdempotencyKeyReused(PaymentError):
    """The same Idempotency-Key with a different request."""


class RateLimited(PaymentError):
    """Too many requests; another is welcome in `retry_after_seconds`."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(f"Try again in {retry_after_seconds} s")
        self.retry_after_seconds = retry_after_seconds


class SessionNotFound(PaymentError):
    """No payment under this reference for this asker."""


class PaymentClosed(PaymentError):
    """The payment takes no more tries; `status` says why."""

    def __init__(self, status: str) -> None:
        super().__init__(f"This payment is {status}")
        self.status = status


class AttemptInProgress(PaymentError):
    """An attempt is live: wait for its outcome."""


class TriesUsedUp(PaymentError):
    """All tries of this payment were used."""


class MethodUnavailable(PaymentError):
    """No provider of this merchant takes this method."""


class LinkNotFound(PaymentError):
    """No payment link under this name for this asker."""


class LinkClosed(PaymentError):
    """The payment link takes no payment now; `standing` says why."""

    def __init__(self, standing: str) -> None:
        super().__init__(f"This link is {standing}")
        self.standing = standing


class SlugTaken(PaymentError):
    """Another payment link of this deployment has this slug."""


class EventNotFound(PaymentError):
    """No event under this id for this asker."""


class NoWebhookEndpoint(PaymentError):
    """The merchant has no webhook endpoint in this mode."""


class ResentTooOften(PaymentError):
    """The event was sent anew as often as anyone needs."""


class ForgedWebhook(PaymentError):
    """A notification whose signature is missing or is not the provider's."""


class ProviderSilent(PaymentError):
    """The provider gave no answer that says what happened: the outcome is unknown."""


class ProviderRefused(PaymentError):
    """The provider plainly refused before anything was charged, for no fault of the customer."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Declined(PaymentError):
    """The customer's side said no; `reason` is one of payments.report.Reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnusableAddress(PaymentError):
    """A web address that we will not send anyone to; the message says why."""

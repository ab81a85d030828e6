"""What a merchant's own page hears of a try to charge: how the provider took it.

It is made from the attempt's record, so that the same request repeated under its Idempotency-Key
hears the same: what became of an attempt that the provider had accepted is `verify`'s and the
webhooks' to tell. Only where the first answer was of a silent provider may a repeat know more.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from payments.errors import Declined, ProviderRefused
from payments.report import Reason
from payments.status import AttemptStatus, Status

if TYPE_CHECKING:
    from payments.payment import Attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAnswer:
    """A try that the provider did not turn away."""

    status: Status
    message: str
    authorization_url: str | None = None
    """Where the customer goes on."""


def first_answer(attempt: "Attempt") -> FirstAnswer:
    """How the provider took it. Raises Declined and ProviderRefused for a try that it ended."""
    match attempt.status if attempt.accepted_at is None else AttemptStatus.ACCEPTED:
        case AttemptStatus.REFUSED:
            raise ProviderRefused(attempt.reason or Reason.NOT_ENABLED)
        case AttemptStatus.DECLINED:
            raise Declined(attempt.reason or Reason.DECLINED)
        case AttemptStatus.PAID:
            return FirstAnswer(status=Status.SUCCESSFUL, message="Payment successful!")
    if attempt.next_url:
        return FirstAnswer(
            status=Status.PENDING,
            message="Send the customer to authorization_url",
            authorization_url=attempt.next_url,
        )
    return FirstAnswer(status=Status.PENDING, message="Approve the payment on your phone")


def last_of_try(attempts: "tuple[Attempt, ...]", try_number: int) -> "Attempt":
    """The attempt that a try ended with, after the providers that refused before it."""
    return [attempt for attempt in attempts if attempt.try_number == try_number][-1]

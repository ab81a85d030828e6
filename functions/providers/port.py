"""What every provider is asked, and how it may answer. Adapters are stateless.

Rules that hold for all of them (PROVIDERS.md):
- Silence is not refusal: a time-out, a connection lost after sending, a 5xx: ProviderSilent.
- Only a plain yes or a plain no is final: an unknown word is Outcome.PENDING.
- What a provider states (reference, amount, currency) is passed on as it stated it; settlement
  holds it against the payment.
"""

from dataclasses import dataclass
from typing import Protocol

from payments.payment import Attempt, Payment
from payments.report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where a provider tells us, and where it sends the customer afterwards."""

    callback_url: str
    return_url: str


class Provider(Protocol):
    """One provider, opened with one merchant's credentials."""

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Ask for the money, once. Never sent again by itself.

        Raises ProviderSilent when nobody can say whether the request arrived.
        """
        ...

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Ask what became of an attempt. Raises ProviderSilent when the answer does not say."""
        ...

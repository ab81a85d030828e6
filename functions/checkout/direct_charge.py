"""A charge that comes with the order, for merchants with their own page. A decline is final.

Seed 002 calls it a self-hosted payment.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from checkout.ask import Ask
from checkout.charging import Turn, charge_at, refuse_unless_open, turns
from checkout.first_answer import FirstAnswer, first_answer, last_of_try
from payments.errors import AttemptInProgress, SessionNotFound
from plumbing import wiring

if TYPE_CHECKING:
    from checkout.payer import Payer
    from payments.payment import Payment

ITS_TRY = 1


@dataclass(frozen=True, slots=True)
class DirectCharge:
    """Who will be asked, known before anything is written: what nobody takes opens nothing."""

    ask: Ask
    in_turn: list[Turn]

    @classmethod
    def of(cls, payment: "Payment", payer: "Payer") -> Self:
        """Find the providers. Raises MethodUnavailable."""
        ask = payer.ask(payment)
        return cls(ask, turns(payment, ask))

    def at_once(self, payment: "Payment", base_url: str) -> "tuple[Payment, FirstAnswer]":
        """Charge a payment that was just opened, and tell how the provider took it.

        The same request repeated charges nothing again. Where the first one stopped between
        opening and charging, this one charges in its place.
        Raises Declined, ProviderRefused, SessionNotFound.
        """
        if not payment.attempts:
            payment = self._charged(payment, base_url)
        return payment, first_answer(last_of_try(payment.attempts, ITS_TRY))

    def _charged(self, payment: "Payment", base_url: str) -> "Payment":
        try:
            refuse_unless_open(payment, wiring.outside.clock())
            return charge_at(self.in_turn, payment, self.ask, base_url)
        except AttemptInProgress:
            # The same request, sent twice at once: the other one charged.
            after = wiring.payments().get(payment.session_id)
            if after is None:
                raise SessionNotFound from None
            return after

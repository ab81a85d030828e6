"""One attempt to charge: written down first, then sent, then settled by what the provider said."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkout.pages import page_url
from ledger.payments import MovedOn, News
from payments.callback_tokens import mint_token, token_hash
from payments.errors import (
    AttemptInProgress,
    PaymentClosed,
    ProviderSilent,
    SessionNotFound,
    TriesUsedUp,
)
from payments.payment import MOST_TRIES, Attempt, Method, Payment
from payments.status import AttemptStatus, SettledBy, Status
from plumbing import wiring
from plumbing.observability import logger
from plumbing.provider_desk import open_provider, provider_for
from providers.port import Addresses
from settlement.judge import begin
from settlement.settle import settle

if TYPE_CHECKING:
    from datetime import datetime

    from payments.phone import Network, Phone


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """How this try wants to be paid."""

    method: Method
    payer_name: str
    payer_email: str
    decline_is_final: bool
    phone: "Phone | None" = None
    network: "Network | None" = None


def charge(payment: Payment, ask: Ask, base_url: str) -> Payment:
    """Try to charge once, and answer with how the payment stands after the provider's reply.

    A provider that is silent leaves the attempt unknown: the watch that the stream starts asks
    about it. Raises AttemptInProgress, PaymentClosed, TriesUsedUp, SessionNotFound,
    MethodUnavailable; nothing was charged then.
    """
    now = wiring.outside.clock()
    refuse_unless_open(payment, now)
    name = provider_for(payment, ask.method)
    provider = open_provider(name, payment.merchant_id)
    token = mint_token()
    begun = begin(payment, attempt_of(payment, ask, name, token, now), now)
    try:
        wiring.payments().save(begun, News.ATTEMPT)
    except MovedOn as moved:
        # Another click came first. Whatever it began, this one must not charge as well.
        refuse_unless_open(moved.current, now)
        raise AttemptInProgress from moved
    attempt = begun.attempts[-1]
    addresses = Addresses(
        callback_url=f"{base_url}/webhooks/{name}/{attempt.ref}/{token}",
        return_url=page_url(payment, base_url),
    )
    try:
        report = provider.charge(begun, attempt, addresses)
    except ProviderSilent:
        logger.warning("provider silent on charge", extra={"attempt": attempt.ref})
        return begun
    return settle(wiring.payments(), begun, report, SettledBy.REPLY, wiring.outside.clock())


def attempt_of(payment: Payment, ask: Ask, provider: str, token: str, now: "datetime") -> Attempt:
    """The attempt as it is written before its provider hears of it."""
    network = ask.network or (ask.phone.network if ask.phone else None)
    return Attempt(
        ref=payment.next_attempt_ref,
        number=len(payment.attempts) + 1,
        provider=provider,
        method=ask.method,
        phone=ask.phone.national if ask.phone else None,
        network=network,
        payer_name=ask.payer_name,
        payer_email=ask.payer_email,
        status=AttemptStatus.UNKNOWN,
        started_at=now,
        token_hash=token_hash(token),
        decline_is_final=ask.decline_is_final,
    )


def refuse_unless_open(payment: Payment, now: "datetime") -> None:
    """Raise whatever keeps this payment from another try."""
    match payment.status_at(now):
        case Status.PENDING:
            pass
        case Status.EXPIRED:
            # Seed 000: "Checkout session expired" is SESSION_NOT_FOUND.
            raise SessionNotFound
        case status:
            raise PaymentClosed(status)
    if payment.live_attempt:
        raise AttemptInProgress
    if len(payment.attempts) >= MOST_TRIES:
        raise TriesUsedUp

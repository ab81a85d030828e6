"""One try to be paid: each attempt is written down first, then sent, then settled by the reply.

A provider that plainly refuses hands over to the next; one that is silent never does, since the
money may be moving (DESIGN.md, 4).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkout.ask import Ask
from ledger.payments import MovedOn, News
from payments.callback_tokens import mint_token, token_hash
from payments.errors import (
    AttemptInProgress,
    MethodUnavailable,
    PaymentClosed,
    ProviderSilent,
    SessionNotFound,
    TriesUsedUp,
)
from payments.payment import MOST_TRIES, Attempt, Payment
from payments.status import AttemptStatus, SettledBy, Status
from plumbing import wiring
from plumbing.observability import Figure, count, logger
from plumbing.pages import return_url
from plumbing.provider_desk import health, open_provider, providers_for
from providers.port import Addresses, Provider
from providers.routing import Wish
from settlement.judge import begin, goes_on
from settlement.settle import settle

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A provider whose turn it is."""

    name: str
    provider: Provider
    try_number: int
    is_last: bool


def charge(payment: Payment, ask: Ask, base_url: str) -> Payment:
    """Try to be paid, and answer with how the payment stands after the providers' replies.

    A provider that is silent leaves the attempt unknown: the watch that the stream starts asks
    about it. Raises AttemptInProgress, PaymentClosed, TriesUsedUp, SessionNotFound,
    MethodUnavailable; nothing was charged then.
    """
    refuse_unless_open(payment, wiring.outside.clock())
    return charge_at(turns(payment, ask), payment, ask, base_url)


def charge_at(in_turn: "Iterable[Turn]", payment: Payment, ask: Ask, base_url: str) -> Payment:
    """Charge at the first provider that does not refuse. Raises AttemptInProgress and its like."""
    for turn in in_turn:
        payment = attempt_at(turn, payment, ask, base_url)
        if not goes_on(payment.attempts[-1]):
            break
    return payment


def turns(payment: Payment, ask: Ask) -> "list[Turn]":
    """The providers in turn; one without credentials is passed over.

    Raises MethodUnavailable when none is left.
    """
    wish = Wish(method=ask.method, money=payment.money, network=ask.network, bank=ask.bank)
    opened: list[tuple[str, Provider]] = []
    for name in providers_for(payment, wish):
        try:
            opened.append((name, open_provider(name, payment.merchant_id)))
        except MethodUnavailable:
            logger.warning("no credentials", extra={"provider": name})
    if not opened:
        raise MethodUnavailable(ask.method)
    last, _ = opened[-1]
    return [
        Turn(name=name, provider=provider, try_number=payment.tries + 1, is_last=name == last)
        for name, provider in opened
    ]


def attempt_at(turn: Turn, payment: Payment, ask: Ask, base_url: str) -> Payment:
    """Charge at one provider, once."""
    now = wiring.outside.clock()
    token = mint_token()
    attempt = attempt_of(payment, ask, turn, token, now)
    begun = begin(payment, attempt, now)
    try:
        wiring.payments().save(begun, News.ATTEMPT)
    except MovedOn as moved:
        # Another click came first. Whatever it began, this one must not charge as well.
        refuse_unless_open(moved.current, now)
        raise AttemptInProgress from moved
    count(Figure.ATTEMPT_BEGUN, provider=turn.name)
    addresses = Addresses(
        callback_url=f"{base_url}/webhooks/{turn.name}/{attempt.ref}/{token}",
        return_url=return_url(payment, base_url),
    )
    try:
        report = turn.provider.charge(begun, attempt, addresses)
    except ProviderSilent:
        logger.warning("provider silent on charge", extra={"attempt": attempt.ref})
        count(Figure.PROVIDER_SILENT, provider=turn.name)
        health.note(turn.name, now, is_well=False)
        return begun
    after = settle(wiring.payments(), begun, report, SettledBy.REPLY, wiring.outside.clock())
    refused = is_refused(after, attempt.ref)
    if refused:
        count(Figure.PROVIDER_REFUSED, provider=turn.name)
    health.note(turn.name, now, is_well=not refused)
    return after


def is_refused(payment: Payment, reference: str) -> bool:
    """Whether the provider turned this attempt away."""
    attempt = payment.attempt(reference)
    return attempt is not None and attempt.status is AttemptStatus.REFUSED


def attempt_of(payment: Payment, ask: Ask, turn: Turn, token: str, now: "datetime") -> Attempt:
    """The attempt as it is written before its provider hears of it."""
    return Attempt(
        ref=payment.next_attempt_ref,
        number=len(payment.attempts) + 1,
        provider=turn.name,
        method=ask.method,
        phone=ask.phone.national if ask.phone else None,
        network=ask.network,
        bank=ask.bank,
        payer_name=ask.payer_name,
        payer_email=ask.payer_email,
        status=AttemptStatus.UNKNOWN,
        started_at=now,
        token_hash=token_hash(token),
        decline_is_final=ask.decline_is_final,
        try_number=turn.try_number,
        falls_over=not turn.is_last,
        idempotency_hash=ask.idempotency_hash,
        request_hash=ask.request_hash,
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
    if payment.tries >= MOST_TRIES:
        raise TriesUsedUp

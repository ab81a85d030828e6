"""The sandbox: the provider of test mode. Phone numbers and cards choose what happens.

Numbers of the form 07X000000N, on any network (078, 079, 072, 073); every other good number is
paid at once, as the first row:

| ends in | what happens | who settles it |
|---|---|---|
| 0000000 | paid | webhook |
| 0000001 | declined | webhook |
| 0000002 | not enough funds | webhook |
| 0000003 | nobody answers the prompt: times out after 40 s | polling |
| 0000004 | silence: no reply, no status, ever | nobody: unresolved after a day |
| 0000005 | paid late, after 20 s, without a webhook | polling |
| 0000006 | paid at once, without a webhook | polling |
| 0000007 | paid, but the reply to the charge is lost | polling |
| 0000008 | declined at once, in the reply | the reply |
| 0000009 | the provider refuses: not enabled | the reply |

SPENN asks a phone in the same way. All else (cards, SmartCash, banks) goes on at a page of test
mode's own, where a test card is chosen: K-Pay's (seeds 001 and 003) are paid,
4000 0000 0000 0002 is declined, 4000 0000 0000 9995 has no funds.

It keeps nothing: the outcome follows from the number, the card and the time gone by. Its webhook
comes in through our own public address, like any provider's.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from payments.clock import Clock
from payments.errors import ProviderSilent
from payments.money import EXPONENTS
from payments.payment import BY_PHONE, Attempt, Method, Payment
from payments.phone import parse_phone
from payments.report import Outcome, Reason, Report
from providers.port import Addresses, Listing, Notice, Offer, Opening

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a test payment ends, and who gets to know."""

    outcome: Outcome = Outcome.PAID
    reason: Reason | None = None
    after: timedelta = timedelta(0)
    in_reply: bool = False
    by_webhook: bool = False
    reply_lost: bool = False
    answers_status: bool = True


# The banks that K-Pay knows (seed 003), so that a merchant's page can be tried with them.
BANKS = frozenset({"040", "130"})
NO_BANKS: frozenset[str] = frozenset()

PAID = Ending(by_webhook=True)
MAGIC_NUMBERS: Mapping[str, Ending] = {
    "0": PAID,
    "1": Ending(outcome=Outcome.DECLINED, reason=Reason.DECLINED, by_webhook=True),
    "2": Ending(outcome=Outcome.DECLINED, reason=Reason.INSUFFICIENT_FUNDS, by_webhook=True),
    "3": Ending(outcome=Outcome.DECLINED, reason=Reason.TIMED_OUT, after=timedelta(seconds=40)),
    "4": Ending(reply_lost=True, answers_status=False),
    "5": Ending(after=timedelta(seconds=20)),
    "6": Ending(),
    "7": Ending(reply_lost=True),
    "8": Ending(outcome=Outcome.DECLINED, reason=Reason.DECLINED, in_reply=True),
    "9": Ending(outcome=Outcome.REFUSED, reason=Reason.NOT_ENABLED, in_reply=True),
}

TEST_CARDS: Mapping[str, Ending] = {
    "4111111111111111": PAID,
    "4444333322221111": PAID,
    "4035501000000008": PAID,
    "4988438843884305": PAID,
    "4000160000000004": PAID,
    "5555444433331111": PAID,
    "2222410740360010": PAID,
    "5555555555554444": PAID,
    "5101180000000007": PAID,
    "2222400060000007": PAID,
    "4000000000000002": Ending(outcome=Outcome.DECLINED, reason=Reason.DECLINED, by_webhook=True),
    "4000000000009995": Ending(
        outcome=Outcome.DECLINED, reason=Reason.INSUFFICIENT_FUNDS, by_webhook=True
    ),
}


class Sandbox:
    """Test mode's provider. `http` reaches our own public address."""

    def __init__(self, http: "httpx.Client", clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def charge(self, payment: Payment, attempt: Attempt, addresses: Addresses) -> Report:
        """Do what the phone number stands for."""
        del payment
        if attempt.method not in BY_PHONE:
            return pending(attempt, next_url=chooser_of(addresses.callback_url))
        ending = ending_of(attempt)
        if ending.by_webhook:
            self.tell(addresses.callback_url)
        if ending.reply_lost:
            raise ProviderSilent("the sandbox loses this reply")
        return final(attempt, ending) if ending.in_reply else pending(attempt)

    def ask(self, payment: Payment, attempt: Attempt) -> Report:
        """Say how the attempt stands by now."""
        del payment
        if attempt.method not in BY_PHONE and attempt.test_card is None:
            return pending(attempt)
        ending = ending_of(attempt)
        if not ending.answers_status:
            raise ProviderSilent("the sandbox never answers this number")
        is_over = self._clock() >= attempt.started_at + ending.after
        return final(attempt, ending) if is_over else pending(attempt)

    def hear(self, payment: Payment, attempt: Attempt, notice: Notice) -> None:
        """Believe nothing, so that test mode asks as live mode does."""
        del payment, attempt, notice

    def tell(self, callback_url: str) -> None:
        """Send the webhook. One that does not arrive is found by polling, as in life."""
        import httpx  # noqa: PLC0415  # as in providers/wire.py

        with suppress(httpx.HTTPError):
            self._http.post(callback_url, json={"news": "ask me"})


def ending_of(attempt: Attempt) -> Ending:
    """What the attempt's card or number stands for."""
    if attempt.test_card is not None:
        return TEST_CARDS[attempt.test_card]
    if attempt.phone is None:
        return PAID
    subscriber = parse_phone(attempt.phone).subscriber
    return MAGIC_NUMBERS[subscriber[-1]] if subscriber[2:-1] == "000000" else PAID


def chooser_of(callback_url: str) -> str:
    """The address where a test card is chosen: beside the webhook's, with the same token."""
    return callback_url.replace("/webhooks/sandbox/", "/test-cards/")


def pending(attempt: Attempt, next_url: str | None = None) -> Report:
    """Not yet."""
    return Report(
        attempt_ref=attempt.ref,
        outcome=Outcome.PENDING,
        provider_ref=f"SANDBOX-{attempt.ref}",
        next_url=next_url,
    )


def final(attempt: Attempt, ending: Ending) -> Report:
    """The ending, as a provider would report it."""
    return Report(
        attempt_ref=attempt.ref,
        outcome=ending.outcome,
        provider_ref=f"SANDBOX-{attempt.ref}",
        reason=ending.reason,
    )


def open_sandbox(opening: Opening) -> Sandbox:
    """The sandbox needs no credentials."""
    return Sandbox(opening.http, opening.clock)


def acknowledgement(_body: bytes) -> dict[str, str]:
    """What the sandbox hears back."""
    return {"reply": "OK"}


EVERY_CURRENCY = frozenset(EXPONENTS)
LISTING = Listing(
    offers={
        method: Offer(currencies=EVERY_CURRENCY, banks=BANKS if method is Method.BANK else NO_BANKS)
        for method in Method
    },
    open=open_sandbox,
    credentials=(),
    signs=False,
    acknowledge=acknowledgement,
)

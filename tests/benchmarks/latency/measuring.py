"""Settle latency on a local stack of its own: real functions, streams and state machines.

Payments come at a gentle rate from tests/load's merchants, whose endpoint takes everything here.
Where it refused one event in ten, a few deliveries waited two seconds for the local stack to run
their function, and that was the whole of p99.
"""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from threading import Event
from typing import Any

import httpx

from infra.local.stack_file import StackFile
from tests.benchmarks.latency.measured import Settling, Waited
from tests.benchmarks.latency.sightings import approved_at, heard_at, sent_at
from tests.benchmarks.report import Progress
from tests.e2e.a_stack import a_stack
from tests.load.__main__ import PATIENCE
from tests.load.arrivals import LIVE_KINDS, LIVE_THROUGH, Kind, Life, one_of_each
from tests.load.crowd import arrive
from tests.load.merchants import Clock, Merchants, Stopped, merchants_of
from tests.load.receiver import listening
from tests.load.witnesses import Witnesses, witnesses

PAYMENTS = 120
RATE = 0.5
"""Payments a second: a quarter of what two cores bear (tests/load)."""
SILENT_PAYMENTS = 40
SILENT_RATE = 0.75
AMOUNT = 5000
# The gateway asks for the first time 15 s after the prompt (infra/statemachines).
FIRST_LOOK = 13.0
SECONDS_BETWEEN_LOOKS = 0.5
LOOKS_GIVEN_UP_AFTER = 90.0
SECONDS_BETWEEN_WORDS = 15.0

Charges = Mapping[str, Sequence[Mapping[str, Any]]]
"""By provider, as its simulator has them."""


def measure(
    say: Progress, *, payments: int = PAYMENTS, silent_payments: int = SILENT_PAYMENTS
) -> Settling:
    """Make payments on a stack, and find out when everybody knew. Raises LocalStackRefused."""
    with (
        tempfile.TemporaryDirectory(prefix="ishyura-latency-") as folder,
        a_stack(Path(folder)) as stack,
    ):
        return measure_on(stack, say, payments, silent_payments)


def measure_on(stack: StackFile, say: Progress, payments: int, silent_payments: int) -> Settling:
    """Make payments on this stack: those that are told of, and then the silent ones."""
    secrets = {name: told["webhook_secret"] for name, told in merchants_of(stack).items()}
    over, show = Event(), Seldom(say)
    with (
        httpx.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE) as http,
        listening(secrets, taking_all) as receiver,
        witnesses(stack, http) as books,
    ):
        merchants = Merchants(
            stack=stack,
            http=http,
            receiver_url=receiver.url,
            run=f"LATENCY-{int(time.time())}",
            clock=Clock(),
            over=over,
        )
        run = Run(merchants, books, over, show)
        lives = lives_of(kind("paid"), payments, RATE)
        silent = lives_of(kind("paid, webhook lost"), silent_payments, SILENT_RATE, after=payments)
        say("starting what is not running yet")
        run.live(one_of_each(payments + silent_payments), merchants.live)
        say(f"{payments} payments that their providers tell of, {RATE:g} a second")
        run.live(lives, merchants.live)
        say(f"{silent_payments} payments that nobody tells of")
        run.live(silent, run.until_known)
        charges = charges_of(stack, http)
        return Settling(
            told=told(charges, heard_at(receiver.messages), run.sessions(lives)),
            found_out=found_out(charges, run.known_at),
            made=payments,
            made_silently=silent_payments,
            rate=RATE,
            troubles=tuple(merchants.troubles),
        )


def taking_all(event_id: str, *, is_known: bool) -> int:  # noqa: ARG001  # as any endpoint's
    """Take every event at once."""
    return HTTPStatus.OK


class Seldom:
    """Passes on what is said without a pause, every quarter of a minute."""

    def __init__(self, say: Progress) -> None:
        self._say = say
        self._said_at = time.monotonic()

    def __call__(self, said: str, /) -> None:
        """Say it, if it is time."""
        if time.monotonic() >= self._said_at + SECONDS_BETWEEN_WORDS:
            self._say(said)
            self._said_at = time.monotonic()


@dataclass(frozen=True)
class Run:
    """Payments, and those who watch them."""

    merchants: Merchants
    books: Witnesses
    over: Event
    show: Callable[[str], None]
    known_at: dict[str, float] = field(default_factory=dict)
    """When `verify` first said that it was paid, in Unix seconds, by session id."""

    def live(self, lives: Sequence[Life], living: Callable[[Life, float], None]) -> None:
        """Let all arrive, and wait until nothing moves any more."""
        arrive(lives, living, self.over, self.show)
        self.books.wait_for_quiet(self.over, self.show)

    def until_known(self, life: Life, planned_at: float) -> None:
        """Pay, and ask again and again as a merchant does who hears nothing."""
        self.merchants.live(life, planned_at)
        try:
            for session in self.sessions([life]):
                self._look_until_paid(session)
        except httpx.HTTPError as trouble:
            self.merchants.troubles.append(f"verify: {type(trouble).__name__}: {trouble}")

    def _look_until_paid(self, session: str) -> None:
        self._wait(FIRST_LOOK)
        give_up = time.monotonic() + LOOKS_GIVEN_UP_AFTER
        while not self._is_paid(session) and time.monotonic() < give_up:
            self._wait(SECONDS_BETWEEN_LOOKS)

    def _is_paid(self, session: str) -> bool:
        answer = self.merchants.http.get(
            f"{self.merchants.stack['api']}/checkout/{session}/verify"
        ).raise_for_status()
        if answer.json()["success"]:
            self.known_at[session] = time.time()
        return session in self.known_at

    def _wait(self, seconds: float) -> None:
        if self.over.wait(seconds):
            raise Stopped

    def sessions(self, lives: Sequence[Life]) -> dict[str, str]:
        """The provider of each payment that was opened, by session id."""
        through = {f"{self.merchants.run}-{life.number}": life.through for life in lives}
        return {
            order.session_id: through[order.tx_ref]
            for order in list(self.merchants.orders)
            if order.tx_ref in through
        }


def kind(name: str) -> Kind:
    """One of tests/load's kinds of payments."""
    return next(known for known in LIVE_KINDS if known.name == name)


def lives_of(how: Kind, payments: int, rate: float, *, after: int = 0) -> list[Life]:
    """So many payments of a kind, each provider in its turn."""
    return [
        Life(
            number=after + number,
            at=number / rate,
            through=LIVE_THROUGH[number % len(LIVE_THROUGH)],
            kind=how,
            amount=AMOUNT,
            asks_again=False,
            orders_twice=False,
            clicks_twice=False,
        )
        for number in range(payments)
    ]


def charges_of(stack: StackFile, http: httpx.Client) -> Charges:
    """What every provider has charged."""
    return {
        provider: http.get(f"{stack['providers'][provider].rstrip('/')}/_simulator/charges")
        .raise_for_status()
        .json()["charges"]
        for provider in LIVE_THROUGH
    }


def told(
    charges: Charges, heard: Mapping[str, float], wanted: Mapping[str, str]
) -> tuple[Waited, ...]:
    """How long each payment's news took that both were sent and heard."""
    return tuple(
        Waited(provider, heard[session] - sent)
        for provider, own in charges.items()
        for session, sent in sent_at(own).items()
        if session in wanted and session in heard
    )


def found_out(charges: Charges, known: Mapping[str, float]) -> tuple[Waited, ...]:
    """How long after its approval each silent payment was known."""
    return tuple(
        Waited(provider, known[session] - approved)
        for provider, own in charges.items()
        for session, approved in approved_at(own).items()
        if session in known
    )

"""One payment from end to end, in the simulation, with nothing going wrong.

A payment of the same shop goes before it, so that the functions know what they keep in memory: the
merchant's profile, keys and secrets. What is counted begins with the second.
"""

import json
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path

from checkout import initialize
from tests.benchmarks.capacity import size_of
from tests.benchmarks.meter import Call, Invocation, Meter, listen, written_by
from tests.integration.gateway import ORDER, key_headers
from tests.integration.rest_events import Answer, Request
from tests.simulation.faults import FaultsAt
from tests.simulation.merchants_side import ENDPOINT
from tests.simulation.people import CREATED, OK, TRY, Order, Person
from tests.simulation.world import Deployment, Schedule, World

WAITS = re.compile(r'<section id="state"[^>]* data-waits')
PHONE = "0788123456"
TX_REF = "ORDER-12345"
TYPING = 10.0
ANSWERED_AFTER = 10.0
"""Seconds from the prompt to the PIN; the simulation's customers take twelve on average."""
SCRIPT = Path("functions/checkout/templates/checkout.js").read_text(encoding="utf-8")


def seconds_of(name: str) -> float:
    """One of the page's own pauses."""
    (milliseconds,) = re.findall(rf"\b{name} = (\d+)", SCRIPT)
    return int(milliseconds) / 1000


FIRST_LOOK, LOOKS_AGAIN = seconds_of("FIRST"), seconds_of("EVERY")
WARMED_UP = 1800.0
"""Seconds; the payment before is long settled, told, and looked at by the sweep."""


@dataclass(frozen=True, kw_only=True)
class Play:
    """What a customer does, and what goes otherwise than it should."""

    provider: str = "kpay"
    way: str = "page"
    """page: the hosted one, or process: the shop's own."""
    pays: bool = True
    answer: str = "approve"
    """What the customer does with the prompt: approve or decline."""
    after: float = ANSWERED_AFTER
    looks_first: float = FIRST_LOOK
    """Seconds from the prompt to the waiting page's first look."""
    looks_every: float = LOOKS_AGAIN
    """Seconds from one look of the waiting page to the next."""
    fault: str | None = None
    """Of the provider's, by the name that its simulator knows."""
    down_for: float = 0.0
    """Seconds for which the merchant's endpoint is down."""
    has_key: bool = True
    """Whether `initialize` comes with an Idempotency-Key."""
    starts_cold: bool = False
    """Whether each function has forgotten everything whenever it is called."""
    asks_by_session: bool = False
    """Whether the shop's page asks how it stands, by the session id and without keys."""


@dataclass(frozen=True)
class Played:
    """What became of it, and all that was counted."""

    status: str
    invocations: tuple[Invocation, ...]
    by_machines: tuple[Call, ...]
    transitions: Counter[str]
    executions: Counter[str]
    kept: Mapping[str, int]
    """Bytes of what stays in the payments' table, by kind."""

    def first(self, function: str) -> Invocation:
        """The first call of a function."""
        return self.of(function)[0]

    def of(self, function: str) -> list[Invocation]:
        """Every call of a function."""
        return [run for run in self.invocations if run.function == function]


class QuietWorld(World):
    """A world whose customers answer when they are told to."""

    def __init__(self, deployment: Deployment, play: Play) -> None:
        super().__init__(deployment, Schedule(seed=1, faults=FaultsAt({}), orders=[]))
        self.play = play
        self.is_warming_up = True

    def _prompted(self, provider: str, tid: str) -> None:
        play = Play() if self.is_warming_up else self.play
        self.scheduler.spawn(
            "handset", lambda: self.providers.decide(provider, tid, play.answer), play.after
        )


class Customer(Person):
    """Somebody who pays, and looks at the page as its script does."""

    def comes(self, play: Play) -> None:
        """Buy something."""
        session = str(self.opens_as_in_the_seed().json["data"]["session_id"])
        self._wait(1.0)
        if play.way == "page":
            shown = self.page(session).text
            if not play.pays:
                return
            self._wait(TYPING)
            self._pays(session, shown, play)
        else:
            self.own_page(session)
            self._wait(ANSWERED_AFTER)
        self._wait(LOOKS_AGAIN)
        answer = self.verify(self.order.tx_ref, key_headers(self.pair))
        assert answer.status == OK, answer.text
        if play.asks_by_session:
            assert self.verify(session).status == OK

    def opens_as_in_the_seed(self) -> Answer:
        """Open the payment like seed 000's example, with a description and meta."""
        order, pair = self.order, self.pair
        key = {"Idempotency-Key": self.key} if self.key else {}
        request = Request(
            method="POST",
            resource="/api/v1/checkout/initialize",
            headers={**key_headers(pair), **key},
            body=json.dumps({**ORDER, "tx_ref": order.tx_ref, "webhook_url": ENDPOINT}),
        )
        answer = self.call("Initialize", initialize.handler, request)
        assert answer.status == CREATED, answer.text
        session = answer.json["data"]["session_id"]
        self.stage.judge.answered_201(order.shop, pair.mode, order.tx_ref, session, self.key)
        return answer

    def _pays(self, session: str, shown: str, play: Play) -> None:
        tries = TRY.search(shown)
        assert tries, shown
        self.submit(session, tries[1], self.order.phone)
        # Until the page has nothing to wait for; what it shows at once is the redirect's.
        pauses = chain([play.looks_first], repeat(play.looks_every))
        while WAITS.search(self.page(session).text):
            self._wait(next(pauses))
        if play.answer == "decline":
            # No other number, no other try: back to the shop.
            self._wait(TYPING)
            self.post(session, leave="1")
            self.page(session)

    def _wait(self, seconds: float) -> None:
        self.stage.scheduler.sleep(seconds)


def played(deployment: Deployment, play: Play) -> Played:
    """Play one payment. Raises Violation, as any schedule does that breaks a promise."""
    world = QuietWorld(deployment, play)
    meter = Meter(world)

    def act() -> None:
        listen(meter)
        customer(world, play, "WARM-UP").comes(Play(provider=play.provider))
        world.scheduler.sleep(WARMED_UP)
        world.is_warming_up = False
        meter.begin()
        meter.starts_cold = play.starts_cold
        if play.fault:
            world.providers.order_fault(play.provider, play.fault)
        if play.down_for:
            world.schedule.endpoint.down_until = world.scheduler.seconds + play.down_for
        customer(world, play, TX_REF).comes(play)

    world.scheduler.spawn("customer", act)
    with as_it_was():
        world.run()
    meter.take_off()
    payment = next(p for p in world.judge.payments.values() if p["tx_ref"] == TX_REF)
    return Played(
        str(payment["status"]),
        tuple(meter.invocations),
        tuple(meter.by_machines),
        meter.transitions,
        meter.executions,
        kept(deployment, payment["pk"]),
    )


@contextmanager
def as_it_was() -> Iterator[None]:
    """Give standard output and the logger's stream back, and let the logger be silent again."""
    streams, out = [(handler, handler.stream) for handler in written_by()], sys.stdout
    try:
        yield
    finally:
        sys.stdout = out
        for handler, stream in streams:
            handler.setStream(stream)
        logging.disable(logging.CRITICAL)


def customer(world: QuietWorld, play: Play, tx_ref: str) -> Customer:
    """A customer of the shop that the provider serves."""
    return Customer(
        world,
        Order(
            shop=play.provider,
            tx_ref=tx_ref,
            way=play.way,
            phone=PHONE,
            has_key=play.has_key,
            tries_again=False,
        ),
    )


def kept(deployment: Deployment, session: str) -> dict[str, int]:
    """Bytes of everything that stays of a payment, by kind."""
    items = (
        dict(item.to_json()["Attributes"])
        for beside in deployment.table("Payments").items.values()
        for item in beside.values()
    )
    return {
        item["sk"]["S"].partition("#")[0]: size_of(item)
        for item in items
        if item["pk"]["S"] == session
    }

"""One deployment in process, and one schedule in it: who does what, and what goes wrong.

The handlers are the real ones, over the SDK and moto, over httpx and the providers' simulators, on
a virtual clock. A schedule has two parts: faults on, for a few hours; then faults off, with time
running on until nobody has anything left to do.
"""

import contextlib
import copy
import io
import logging
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import boto3
from greenlet import getcurrent
from moto import mock_aws
from moto.dynamodb.models import dynamodb_backends

from announcements import deliver
from ledger import check_times, checks
from payments.clock import parse_iso
from plumbing import provider_desk, wiring
from polling import ask_provider, sweep
from tests.integration.gateway import PREFIX, Gateway, machine_arn
from tests.integration.internet import BASE_URL, BASE_URLS, NOW
from tests.integration.quick_moto import ACCOUNT, REGION, quicker
from tests.integration.tables import make_tables
from tests.simulation.aws_line import SimulatedAws
from tests.simulation.faults import Faults
from tests.simulation.judge import Judge
from tests.simulation.machines import Execution, Machines
from tests.simulation.merchants_side import Endpoint, MerchantsSide
from tests.simulation.outbox import Outbox
from tests.simulation.people import Order, Person
from tests.simulation.providers_side import Habits, ProvidersSide, attempt_in
from tests.simulation.sandboxes import (
    BEHIND_SECONDS,
    Died,
    Sandboxes,
    forget_what_the_sandbox_knew,
)
from tests.simulation.scheduler import Scheduler, Signal, Task

if TYPE_CHECKING:
    from tests.integration.gateway import Shop

HOUR = 3600.0
DAY = 24 * HOUR
SWEEP_EVERY = 300.0
SWEEP_SECONDS = 290.0
SHOPS = {
    "kpay": ("kpay",),
    "vpay": ("vpay",),
    "dgspay": ("dgspay",),
    "rwandapay": ("rwandapay",),
    "all": ("kpay", "vpay", "dgspay", "rwandapay"),
    "test": ("kpay",),
}
SURROUNDINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "PAYMENTS_TABLE": "Payments",
    "MERCHANTS_TABLE": "Merchants",
    "PARAMETER_PREFIX": PREFIX,
    "PUBLIC_BASE_URL": BASE_URL,
    "WATCH_MACHINE_ARN": machine_arn("Watch"),
    "DELIVER_MACHINE_ARN": machine_arn("Deliver"),
    **{f"{provider.upper()}_BASE_URL": address for provider, address in BASE_URLS.items()},
}
FUNCTIONS = {"AskProvider": ask_provider.handler, "Deliver": deliver.handler}
REAL_SLEEP = time.sleep
LONGEST = 20 * DAY
"""What is not over by then never will be."""


@dataclass(kw_only=True)
class Schedule:
    """What happens in one run, but for what the faults decide."""

    seed: int
    faults: Faults
    orders: list[Order]
    rough_for: float = 4 * HOUR
    habits: Habits = field(default_factory=Habits)
    endpoint: Endpoint = field(default_factory=Endpoint)
    provider_faults: list[tuple[str, str]] = field(default_factory=list)
    """Provider and the name of a fault of its next charge."""
    answers: Mapping[str, float] = field(default_factory=lambda: {"approve": 1.0})
    """What customers do with a prompt, and how often."""
    pay_late: float = 0.0
    """How often a charge that failed is paid after all."""
    late_money_meets_the_sweep: bool = False
    """It comes while the sweep looks, a day later."""
    outbox_repeats: float = 0.0
    outbox_losing: float = 0.0
    hiccups: float = 0.0
    """How often a machine's own call fails."""


class Deployment:
    """moto with our tables and merchants, for one schedule after another."""

    def __init__(self) -> None:
        self.aws = SimulatedAws()
        self.providers = ProvidersSide()
        self.merchants = MerchantsSide()
        self._admin: Any = boto3.Session(region_name=REGION).client("dynamodb")
        make_tables(self._admin)
        gateway = Gateway.__new__(Gateway)
        gateway.dynamodb = self._admin
        self.shops: dict[str, Shop] = {
            name: gateway.enrol(
                name,
                salt=name.encode().ljust(32, b"."),
                routes=dict.fromkeys(("mobile_money", "card"), providers),
            )
            for name, providers in SHOPS.items()
        }
        self._enrolled = copy.deepcopy(self.table("Merchants").items)

    def table(self, name: str) -> Any:  # noqa: ANN401  # moto's own
        """A table as moto keeps it: read by the judge, without a call."""
        return dynamodb_backends[ACCOUNT][REGION].tables[name]

    def empty(self) -> None:
        """Forget what the last schedule wrote."""
        payments = self.table("Payments")
        payments.items.clear()
        payments.stream_shard.items.clear()
        self.table("Merchants").items = copy.deepcopy(self._enrolled)


@contextlib.contextmanager
def one_shard() -> Iterator[None]:
    """Let the sweep look in one shard of its index: with a few payments, more hold nothing."""
    kept = check_times.SHARDS
    vars(checks)["SHARDS"] = check_times.SHARDS = kept[0]
    try:
        yield
    finally:
        vars(checks)["SHARDS"] = check_times.SHARDS = kept


@contextlib.contextmanager
def deployed() -> Iterator[Deployment]:
    """A deployment, in place of AWS and of the network."""
    kept = {name: os.environ.get(name) for name in SURROUNDINGS}
    outside = copy.copy(wiring.outside)
    os.environ.update(SURROUNDINGS)
    with mock_aws(), quicker(), one_shard():
        deployment = Deployment()
        wiring.forget()
        provider_desk.forget()
        wiring.outside.aws = deployment.aws.client
        wiring.outside.clock = deployment.providers.clock
        wiring.outside.sleep = deployment.providers.clock.move
        wiring.outside.transport = deployment.providers
        wiring.outside.merchants = deployment.merchants
        logging.disable(logging.CRITICAL)
        try:
            yield deployment
        finally:
            logging.disable(logging.NOTSET)
            time.sleep = REAL_SLEEP
            vars(wiring.outside).update(vars(outside))
            wiring.forget()
            provider_desk.forget()
            for name, value in kept.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value


class World:
    """One schedule as it runs."""

    def __init__(self, deployment: Deployment, schedule: Schedule) -> None:
        deployment.empty()
        deployment.aws.rest()
        forget_what_the_sandbox_knew()
        self.deployment, self.schedule = deployment, schedule
        self.random = Random(schedule.seed)  # noqa: S311  # chance that repeats itself
        self.scheduler = Scheduler(NOW)
        self.shops = deployment.shops
        self.providers = deployment.providers
        self.judge = Judge(self.providers)
        self.sandboxes = Sandboxes(self.scheduler, schedule.faults, self.judge.conduct)
        self.sweeping = Signal()
        self.providers.begin(
            self.scheduler, self.sandboxes, self.random, schedule.habits, self._prompted
        )
        self.providers.on_believed = self.judge.believed
        self.providers.is_named = self._is_named
        self.merchants = deployment.merchants
        self.merchants.begin(self.scheduler, self.sandboxes, self.random, schedule.endpoint)
        self.merchants.on_heard = self.judge.heard
        self.outbox = Outbox(self.scheduler, self.sandboxes, self.random, self._records)
        self.outbox.repeats = schedule.outbox_repeats
        self.outbox.losing = schedule.outbox_losing
        self.machines = Machines(
            self.scheduler, deployment.aws.client("dynamodb"), self._function, self._hiccup
        )
        self.machines.on_end = self._machine_ended
        deployment.aws.sandboxes = self.sandboxes
        deployment.aws.machines = self.machines.answer
        deployment.aws.after_write = self._written
        self._judged = 0
        self.is_calm = False
        for provider, fault in schedule.provider_faults:
            self.providers.order_fault(provider, fault)

    # ------------------------------------------------------------ the run
    def run(self) -> None:
        """Run the schedule to its end. Raises Violation."""
        # For the SDK's pauses and ours, which draw from the one generator that there is.
        random.seed(self.schedule.seed)
        vars(time)["sleep"] = self._sleep
        for number, order in enumerate(self.schedule.orders):
            person = Person(self, order)
            self.scheduler.spawn("buyer", person.buys, number * 1.5)
            for caller in range(1, order.callers):
                after = number * 1.5 + caller * 0.002
                another = Person(self, order, caller)
                self.scheduler.spawn("another server", another.opens_too, after)
        self.scheduler.spawn("weather", self._calm_down, self.schedule.rough_for)
        self.scheduler.spawn("sweep", self._sweep, SWEEP_EVERY)
        with contextlib.redirect_stdout(io.StringIO()):
            self.scheduler.run(LONGEST)
        self.judge.end(self.machines)

    def _calm_down(self) -> None:
        self.is_calm = True
        self.judge.calm_at = self.scheduler.seconds
        self.schedule.faults.on = False
        self.providers.is_calm = True
        self.merchants.is_calm = True
        self.outbox.losing = self.outbox.repeats = 0.0

    def _sleep(self, seconds: float, /) -> None:
        if isinstance(getcurrent(), Task):
            self.scheduler.sleep(seconds)
        else:
            # Some thread of the test runner's.
            REAL_SLEEP(seconds)

    # ------------------------------------------------------------ what runs behind
    def _function(self, name: str, payload: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON is anything
        return self.sandboxes.invoke(name, FUNCTIONS[name], payload, BEHIND_SECONDS)

    def _hiccup(self) -> bool:
        return not self.is_calm and self.random.random() < self.schedule.hiccups

    def _sweep(self) -> None:
        """Sweep every five minutes; a sweep that would find nothing is left out, being dear."""
        while (due := self._due()) is not None:
            if due <= self.scheduler.seconds:
                met, self.sweeping = self.sweeping, Signal()
                self.scheduler.give(met)
                with contextlib.suppress(*self._sweeps_troubles()):
                    self.sandboxes.invoke("Sweep", sweep.handler, {}, SWEEP_SECONDS)
            alone = self.scheduler.is_quiet
            self.scheduler.sleep(max(SWEEP_EVERY, due - self.scheduler.seconds if alone else 0))

    def _sweeps_troubles(self) -> tuple[type[Exception], ...]:
        """What a sweep may end with: Lambda reports it, and the next one comes in five minutes.

        When nothing goes wrong any more, it has nothing to complain of.
        """
        return (Died,) if self.is_calm else (Exception,)

    def _due(self) -> float | None:
        """When the next look at a payment is due; None when nothing ever will be."""
        marks: list[str] = [
            item.attrs["check_at"].value
            for beside in self.deployment.table("Payments").items.values()
            for item in beside.values()
            if "check_at" in item.attrs
        ]
        if marks:
            return (parse_iso(min(marks)) - NOW).total_seconds()
        return None if self.scheduler.is_quiet else LONGEST

    # ------------------------------------------------------------ what is written
    def _records(self) -> list[dict[str, Any]]:
        return [record.record for record in self.deployment.table("Payments").stream_shard.items]

    def _written(self) -> None:
        records = self.deployment.table("Payments").stream_shard.items
        if len(records) > self._judged:
            fresh = [record.record for record in records[self._judged :]]
            self._judged = len(records)
            self.judge.look_at(fresh, self.sandboxes.running)
            self.outbox.poke()

    def _is_named(self, path: str) -> bool:
        reference = attempt_in(path)
        payment = self.judge.payments["CHK-" + reference[:-2]]
        attempt = payment["attempts"][reference[-2:]]
        return attempt["provider"] != "dgspay" or "provider_ref" in attempt

    def _machine_ended(self, run: Execution) -> None:
        if run.machine == "Deliver":
            self.judge.delivered(run)

    # ------------------------------------------------------------ the customers' handsets
    def _prompted(self, provider: str, tid: str) -> None:
        answers = self.schedule.answers
        (answer,) = self.random.choices(list(answers), list(answers.values()))
        after = self.random.expovariate(1 / 12)
        self.scheduler.spawn("handset", lambda: self.providers.decide(provider, tid, answer), after)
        if self.random.random() < self.schedule.pay_late:
            after, pay = self.random.choice([90, 900, 20_000]), self._pay_late
            if self.schedule.late_money_meets_the_sweep:
                after, pay = DAY, self._pay_as_the_sweep_looks
            self.scheduler.spawn("late money", lambda: pay(provider, tid), after)

    def _pay_as_the_sweep_looks(self, provider: str, tid: str) -> None:
        if self.scheduler.wait(self.sweeping, DAY):
            self.scheduler.sleep(self.random.uniform(0, 0.05))
            self._pay_late(provider, tid)

    def _pay_late(self, provider: str, tid: str) -> None:
        reference = self.providers.reference_of(provider, tid)
        # Before it happens: whoever is told, is told at once.
        self.judge.paid_late.add(reference)
        self.providers.decide(provider, tid, "pay_late")


def run(
    deployment: Deployment, schedule: Schedule, look: Callable[[World], None] | None = None
) -> World:
    """Run one schedule, and give back the world as it ended. Raises Violation."""
    world = World(deployment, schedule)
    world.run()
    if look:
        look(world)
    return world

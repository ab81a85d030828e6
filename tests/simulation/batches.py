"""Many schedules, one after the other, and what came of them."""

import gc
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.simulation.schedules import drawn
from tests.simulation.world import Deployment, deployed, run

if TYPE_CHECKING:
    from tests.simulation.world import World

SEEDS_BETWEEN_COLLECTIONS = 50


@dataclass
class Tally:
    """What was simulated, and what broke."""

    schedules: int = 0
    payments: int = 0
    charges: int = 0
    paid: int = 0
    events: int = 0
    faults: int = 0
    crashes: int = 0
    unheard: int = 0
    """Requests to charge that were taken, and whose reply never came."""
    left: int = 0
    """Attempts that were left to a person."""
    virtual_hours: float = 0.0
    violations: dict[int, str] = field(default_factory=dict)
    """By seed."""

    def add(self, world: "World") -> None:
        """Count a schedule that went through."""
        self.payments += len(world.judge.payments)
        ledger = world.providers.ledger()
        self.charges += len(ledger)
        self.paid += sum(p["status"] == "successful" for p in world.judge.payments.values())
        self.events += sum(len(due) for due in world.judge.due.values())
        self.faults += len(world.schedule.faults.drawn)
        self.crashes += world.sandboxes.died
        self.unheard += world.providers.unheard
        self.left += sum(
            "needs_review" in attempt
            for payment in world.judge.payments.values()
            for attempt in payment["attempts"].values()
        )
        self.virtual_hours += world.scheduler.seconds / 3600

    def join(self, other: "Tally") -> None:
        """Take in what another process counted."""
        for name, value in vars(other).items():
            if name == "violations":
                self.violations |= value
            else:
                setattr(self, name, getattr(self, name) + value)

    def __str__(self) -> str:
        return (
            f"{self.schedules} schedules, {len(self.violations)} violations: {self.payments}"
            f" payments, {self.charges} charges at the providers, {self.paid} paid,"
            f" {self.events} events, {self.faults} faults at I/Os, {self.crashes} functions died,"
            f" {self.unheard} charges without a reply, {self.left} attempts left to a person,"
            f" {self.virtual_hours:.0f} virtual hours"
        )


def run_seeds(
    deployment: Deployment,
    seeds: Iterable[int],
    *,
    until_one_breaks: bool = False,
) -> Tally:
    """Run the schedules of these seeds; a violation is kept, and the next one runs."""
    tally = Tally()
    # What stands now stays; schedules make no rings of objects that would have to go at once.
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for seed in seeds:
            tally.schedules += 1
            try:
                tally.add(run(deployment, drawn(seed)))
            except AssertionError as violation:
                tally.violations[seed] = str(violation)
                if until_one_breaks:
                    break
            if tally.schedules % SEEDS_BETWEEN_COLLECTIONS == 0:
                gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return tally


def run_batch(first: int, n: int) -> Tally:
    """Run the schedules of n seeds, in a deployment of their own."""
    with deployed() as deployment:
        return run_seeds(deployment, range(first, first + n))

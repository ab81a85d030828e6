"""Growth: what the handlers ask of AWS, and how long they take, as more and more is stored.

The real handlers on MiniStack, whose indexes are real as well: a query looks at the index's own
partition, and at nothing beside it. Only it sorts that partition anew for each page, which the
true DynamoDB does not; so the same query is asked beside, by the SDK alone (`bare_seconds`).

It keeps everything in memory: 3.5 GB for the largest store.
"""

import io
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.local.ministack import ministack
from infra.local.ports import Ports
from infra.local.settings import Settings
from tests.benchmarks.growth.deployed import Deployed, surroundings
from tests.benchmarks.growth.filling import Filler, fill
from tests.benchmarks.growth.measured import Growth, Sample, Series
from tests.benchmarks.growth.meter import Taken
from tests.benchmarks.growth.operations import OPERATIONS, Operation, owner_in, warm
from tests.benchmarks.growth.specimens import Holder, specimens
from tests.benchmarks.report import Progress

STORED = (10, 10_000, 200_000)
MERCHANTS = (1_000, 1)
ROUNDS = 20
# One for each store, and one where the payments are made that all others are copies of.
REGIONS = ("eu-west-1", "eu-west-2", "eu-west-3")
WORKSHOP = "eu-north-1"
ROUNDS_TOLD = 5


@dataclass(frozen=True)
class Store:
    """A deployment in which so many payments are stored."""

    deployed: Deployed
    stored: int


def measure(
    say: Progress,
    *,
    stored: Sequence[int] = STORED,
    merchants: Sequence[int] = MERCHANTS,
    rounds: int = ROUNDS,
) -> Growth:
    """Fill the stores and measure on all of them in turn. Raises LocalStackRefused."""
    found: list[Series] = []
    for holders in merchants:
        with surroundings(), stores(say, stored, holders) as filled:
            found += series_of(filled, holders, rounds, say)
    return Growth(tuple(found))


@contextmanager
def stores(say: Progress, stored: Sequence[int], merchants: int) -> Iterator[list[Store]]:
    """Stores of these sizes in a local AWS of their own."""
    with (
        tempfile.TemporaryDirectory(prefix="ishyura-growth-") as folder,
        httpx.Client(trust_env=False) as http,
    ):
        settings = Settings(ports=Ports.free_ones(), folder=Path(folder))
        with ministack(settings):
            # What is counted for CloudWatch is printed.
            with redirect_stdout(io.StringIO()):
                made = specimens(Deployed(settings.endpoint, WORKSHOP).gateway)
            filled = []
            for region, size in zip(REGIONS, stored, strict=False):
                deployed = Deployed(settings.endpoint, region)
                holders = held_by(owner_in(deployed.gateway), merchants)
                say(f"storing {size:,} payments of {merchants:,} merchants")
                fill(Filler(http, settings.endpoint, region), made, size, holders, say)
                filled.append(Store(deployed, size))
            yield filled


def held_by(asker: Holder, merchants: int) -> list[Holder]:
    """The merchant who asks, and as many others as to make so many."""
    others = [Holder(f"mer_{number:012x}", bytes(32)) for number in range(1, merchants)]
    return [asker, *others]


def series_of(filled: Sequence[Store], merchants: int, rounds: int, say: Progress) -> list[Series]:
    """Every operation on every store in turn, so many times after a first that is not counted."""
    found: dict[tuple[str, int], list[Sample]] = defaultdict(list)
    for number in range(rounds + 1):
        for store in filled if number % 2 else reversed(filled):
            for name, sample in round_on(store.deployed):
                if number:
                    found[name, store.stored].append(sample)
        if number % ROUNDS_TOLD == 0:
            say(f"{merchants:,} merchants: {number} of {rounds} rounds")
    return [
        Series(operation=name, merchants=merchants, stored=stored, samples=tuple(samples))
        for (name, stored), samples in found.items()
    ]


def round_on(deployed: Deployed) -> Iterator[tuple[str, Sample]]:
    """Every operation once."""
    deployed.enter()
    deployed.gateway.clock.move(1)
    warm(deployed.gateway)
    for name, operation in OPERATIONS.items():
        yield name, sample_of(deployed, operation)


def sample_of(deployed: Deployed, operation: Operation) -> Sample:
    """Do it once, with what it prints out of sight."""
    meter = deployed.meter
    with redirect_stdout(io.StringIO()), operation(deployed.gateway) as act:
        taken = meter.taken = Taken()
        began = time.perf_counter()
        act()
        seconds = time.perf_counter() - began
    return Sample(
        seconds=seconds,
        own_seconds=seconds - taken.seconds,
        bare_seconds=bare_seconds(deployed, taken),
        calls=tuple(taken.calls),
        items_read=taken.items_read,
        reads=taken.units.reads,
        writes=taken.units.writes,
    )


def bare_seconds(deployed: Deployed, taken: Taken) -> float | None:
    """How long the same questions to indexes take when nothing is around them."""
    if not taken.of_indexes:
        return None
    began = time.perf_counter()
    for asked in taken.of_indexes:
        deployed.bare.query(**asked)
    return time.perf_counter() - began

"""What can go wrong at an I/O, and who decides that it does: a seed, or a list of points."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Protocol


class Fate(StrEnum):
    """How one I/O of a function ends."""

    FINE = "fine"
    FAILS_BEFORE = "fails before"
    """The other side never heard of it."""
    REPLY_LOST = "reply lost"
    """Done, and the reply never came."""
    THROTTLED = "throttled"
    """Turned away for being too many: AWS's throttling, a provider's 429."""
    CRASH_BEFORE = "crash before"
    CRASH_AFTER = "crash after"
    TOO_SLOW = "too slow"
    """Done, but the reply comes when the function has run into its time-out."""


READS = (".GetItem", ".BatchGetItem", ".Query", ".GetParameter")


@dataclass(frozen=True, slots=True)
class Point:
    """One I/O of a function: the n-th of this schedule."""

    number: int
    function: str
    what: str
    """dynamodb.UpdateItem, kpay, merchant …"""
    is_first: bool
    """Of this invocation."""

    @property
    def changes_something(self) -> bool:
        """Whether the other side may be another afterwards."""
        return not self.what.endswith(READS)

    def __str__(self) -> str:
        return f"{self.number} {self.function} {self.what}"


class Faults(Protocol):
    """Decides."""

    on: bool
    """Whether anything goes wrong now."""
    drawn: list[tuple[Point, Fate]]
    """What went wrong."""

    def fate(self, point: Point) -> Fate:
        """How this I/O ends."""

    def latency(self) -> float:
        """Seconds that one way of an I/O takes."""


@dataclass
class RandomFaults:
    """A seed decides, as rough as the weather is, while `on`."""

    random: Random
    roughness: float
    """How many of the I/Os of functions go wrong."""
    on: bool = True
    drawn: list[tuple[Point, Fate]] = field(default_factory=list)
    weights: Mapping[Fate, float] = field(
        default_factory=lambda: {
            Fate.FAILS_BEFORE: 2,
            Fate.REPLY_LOST: 4,
            Fate.THROTTLED: 2,
            Fate.CRASH_BEFORE: 2,
            Fate.CRASH_AFTER: 3,
            Fate.TOO_SLOW: 1,
        }
    )

    def fate(self, point: Point) -> Fate:
        if not self.on or self.random.random() >= self.roughness:
            return Fate.FINE
        (fate,) = self.random.choices(list(self.weights), list(self.weights.values()))
        self.drawn.append((point, fate))
        return fate

    def latency(self) -> float:
        # Most are quick; now and then one is slow enough for others to come in between.
        quick = self.random.expovariate(1 / 0.004)
        is_slow = self.on and self.random.random() < 0.1
        return quick + (self.random.expovariate(1 / 0.4) if is_slow else 0)


@dataclass
class FaultsAt:
    """Exactly these points go wrong; all else is fine, and takes as long every time."""

    fates: Mapping[int, Fate]
    on: bool = True
    seen: list[Point] = field(default_factory=list)
    drawn: list[tuple[Point, Fate]] = field(default_factory=list)

    def fate(self, point: Point) -> Fate:
        self.seen.append(point)
        fate = self.fates.get(point.number, Fate.FINE) if self.on else Fate.FINE
        if fate is not Fate.FINE:
            self.drawn.append((point, fate))
        return fate

    def latency(self) -> float:
        return 0.004

"""What a run of the growth benchmark found: every sample, as it was taken."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One run of an operation."""

    seconds: float
    own_seconds: float
    """Without the time in which a call to AWS was under way."""
    bare_seconds: float | None
    """The same questions to indexes, asked at once afterwards by the SDK alone; None without any.
    """
    calls: tuple[str, ...]
    """In their order: "dynamodb.GetItem"."""
    items_read: int
    reads: float
    """Read request units."""
    writes: float
    """Write request units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One operation on one store."""

    operation: str
    merchants: int
    """Who hold what is stored."""
    stored: int
    """Payments that were there before."""
    samples: tuple[Sample, ...]

    @property
    def seconds(self) -> list[float]:
        """Of every run."""
        return [sample.seconds for sample in self.samples]

    @property
    def own_seconds(self) -> list[float]:
        """Of every run."""
        return [sample.own_seconds for sample in self.samples]

    @property
    def bare_seconds(self) -> list[float]:
        """Of every run that asked an index."""
        return [sample.bare_seconds for sample in self.samples if sample.bare_seconds is not None]

    @property
    def counts(self) -> frozenset[tuple[tuple[str, ...], int, float, float]]:
        """Calls (by the alphabet), items read, read and write units: one, if all runs agree."""
        return frozenset(
            (tuple(sorted(sample.calls)), sample.items_read, sample.reads, sample.writes)
            for sample in self.samples
        )


@dataclass(frozen=True, slots=True)
class Growth:
    """The whole run."""

    series: tuple[Series, ...]

    @property
    def operations(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(dict.fromkeys(one.operation for one in self.series))

    @property
    def merchants(self) -> tuple[int, ...]:
        """The numbers of merchants who held what was stored, in their order."""
        return tuple(dict.fromkeys(one.merchants for one in self.series))

    def of(self, operation: str, merchants: int) -> list[Series]:
        """One operation as the store grows, the smallest first."""
        found = [
            one for one in self.series if (one.operation, one.merchants) == (operation, merchants)
        ]
        return sorted(found, key=lambda one: one.stored)


def median_ms(seconds: Sequence[float]) -> float:
    """In milliseconds."""
    return statistics.median(seconds) * 1000


def spread_ms(seconds: Sequence[float]) -> tuple[float, float]:
    """The quarters: a quarter of all took less than the first, a quarter more than the second."""
    first, _, third = statistics.quantiles(seconds, n=4, method="inclusive")
    return first * 1000, third * 1000


def ratio_of_medians(grown: Sequence[float], small: Sequence[float]) -> float:
    """By how much the larger store is slower, run by run.

    The runs were taken in turn, so that what slows the machine down slows both of a pair.
    """
    return statistics.median(one / other for one, other in zip(grown, small, strict=True))

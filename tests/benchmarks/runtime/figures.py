"""What samples say: medians, spread, and ratios of those that were taken in turn."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle of some values, and between what the middle half of them lies."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """The quartiles of these values, two at least."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, low, high)


def ratios(ours: Sequence[float], others: Sequence[float]) -> Spread:
    """Ours by theirs, pair by pair: what disturbed a pair disturbed both.

    Raises ValueError where one of a pair is missing.
    """
    return spread([one / other for one, other in zip(ours, others, strict=True)])


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of them does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -int(-share * len(ranked) // 1) - 1)]

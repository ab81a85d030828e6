"""What was measured, as it was measured."""

from collections.abc import Mapping
from dataclasses import dataclass

OURS, FLOOR, EMPTY = "Ishyura", "the floor", "an empty function"
PEERS = {"fastapi_mangum": "FastAPI + Mangum", "powertools": "Powertools with validation"}
"""By the folder in tests/benchmarks/peers."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One function's, in seconds; the n-th of each were taken in the same round."""

    cold: tuple[float, ...]
    """From the start of a process to its first answer."""
    warm: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """One operation, by everybody who can do it."""

    operation: str
    calls: str
    """What everybody asks of AWS, warm."""
    by: Mapping[str, Samples]


@dataclass(frozen=True, slots=True)
class Measured:
    """Every contest, and the empty function beside them."""

    contests: tuple[Contest, ...]
    empty: Samples
    is_compiled: bool
    """Whether the artefacts held bytecode."""

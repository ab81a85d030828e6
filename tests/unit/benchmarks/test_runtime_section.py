"""What is said of the runtime's figures, and which targets are missed."""

from collections.abc import Mapping

import pytest

from tests.benchmarks.runtime.measured import EMPTY, FLOOR, OURS, Contest, Measured, Samples
from tests.benchmarks.runtime.section import section

PEER = "FastAPI + Mangum"
EVEN = Samples(cold=(0.2, 0.2, 0.2), warm=(0.01, 0.01, 0.01))


def samples(cold: float = 0.2, warm: float = 0.01) -> Samples:
    return Samples(cold=(cold,) * 3, warm=(warm,) * 3)


def measured(
    by: Mapping[str, Samples], operation: str = "page", *, is_compiled: bool = True
) -> Measured:
    contest = Contest(operation, "1 GetItem", by)
    return Measured((contest,), empty=samples(0.05, 0.001), is_compiled=is_compiled)


def misses(ours: Samples, operation: str = "page", peer: Samples | None = None) -> tuple[str, ...]:
    by = {OURS: ours, FLOOR: samples()} | ({PEER: peer} if peer else {})
    return section(measured(by, operation)).misses


def test_even_with_the_floor_misses_nothing() -> None:
    assert misses(samples()) == ()


@pytest.mark.parametrize(
    ("operation", "cold", "missed"),
    [
        ("page", 0.229, ()),
        ("page", 0.232, ("page, cold: 1.16 times the floor, where 1.15 was the target.",)),
        ("verify", 0.199, ()),
        ("verify", 0.204, ("verify, cold: 1.02 times the floor, where 1.00 was the target.",)),
        ("verify with keys", 0.204, ()),
    ],
)
def test_a_cold_start_is_held_to_the_floor(
    operation: str, cold: float, missed: tuple[str, ...]
) -> None:
    assert misses(samples(cold=cold), operation) == missed


def test_a_warm_call_is_held_to_the_floor() -> None:
    assert misses(samples(warm=0.0124)) == ()
    missed = "page, warm: 1.26 times the floor, where 1.25 was the target."
    assert misses(samples(warm=0.0126)) == (missed,)


def test_both_are_to_be_ahead_of_every_peer() -> None:
    assert misses(samples(), peer=samples(0.21, 0.011)) == ()
    assert misses(samples(), peer=samples(0.16, 0.008)) == (
        f"page, cold: 1.25 times {PEER}, where 1.00 was the target.",
        f"page, warm: 1.25 times {PEER}, where 1.00 was the target.",
    )


def test_a_table_has_everybody_and_how_many_times_as_long_ours_takes() -> None:
    by = {
        OURS: Samples(cold=(0.22, 0.24, 0.26), warm=(0.010, 0.012, 0.030)),
        FLOOR: Samples(cold=(0.11, 0.12, 0.13), warm=(0.010, 0.010, 0.010)),
    }
    cold, warm = section(measured(by)).tables
    assert cold.rows == (
        ("page", OURS, "240 ms", "230 ms to 250 ms", "", ""),
        ("page", FLOOR, "120 ms", "115 ms to 125 ms", "2.00", "2.00 to 2.00"),
    )
    assert warm.rows == (
        ("page", OURS, "12.0 ms", "30.0 ms", "", ""),
        ("page", FLOOR, "10.0 ms", "10.0 ms", "1.20", "1.10 to 2.10"),
    )
    assert len(cold.head) == len(warm.head) == 6


@pytest.mark.parametrize(
    ("is_compiled", "said"),
    [(True, "Every artefact holds its bytecode"), (False, "No artefact holds bytecode")],
)
def test_it_says_how_bytecode_was_treated_and_what_nothing_takes(
    said: str, *, is_compiled: bool
) -> None:
    told = section(measured({OURS: EVEN, FLOOR: EVEN}, is_compiled=is_compiled))
    words = " ".join(told.lines)
    assert said in words
    assert "An empty function takes 50.0 ms cold and 1.0 ms warm." in words
    assert EMPTY not in told.markdown().partition("| operation")[2]

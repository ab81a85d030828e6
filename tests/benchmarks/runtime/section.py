"""What the runtime's figures say, in words and tables."""

import platform
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.report import Section, Table
from tests.benchmarks.runtime.figures import quantile, ratios, spread
from tests.benchmarks.runtime.measured import FLOOR, OURS, Contest, Measured, Samples

COLD, WARM = "cold", "warm"
MOST_COLD, MOST_WARM = 1.15, 1.25
# boto3's own import is the largest part of the floor, and most of it is never used.
MOST_COLD_OF = {"verify": 1.0}
PEERS_RATIO = 1.0

HEADS = {
    COLD: ("operation", "function", "median", "middle half", "Ishyura ÷ it", "middle half"),
    WARM: ("operation", "function", "p50", "p99", "Ishyura ÷ it", "middle half"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """How many times as long as another's ours may take."""

    operation: str
    kind: str
    other: str
    most: float


def section(result: Measured) -> Section:
    """The part of RESULTS.md."""
    return Section(
        title="In the Lambda runtime",
        lines=tuple(lines(result)),
        tables=(table(result, COLD), table(result, WARM)),
        misses=tuple(misses(result)),
    )


def lines(result: Measured) -> Iterator[str]:
    """How it was measured."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    yield (
        "The artefact that `sam build` made, in AWS's runtime emulator with `awslambdaric`, on"
        f" this machine's Python {version} ({platform.machine()}) and all of its processor, not the"
        " share of one that 512 MB have on Lambda: the ratios tell, not the milliseconds. AWS is"
        " MiniStack on the same machine, over HTTP without TLS, the same for everybody; each"
        " function has a merchant of its own. Every answer was checked, and with it what it left in"
        " the tables."
    )
    yield (
        "*Cold* is from the start of a process to its first answer; *warm* is one call over a kept"
        " connection. Functions take turns, each round begun by another, and a ratio is the median"
        " of the rounds' own ratios."
    )
    yield (
        "*The floor* makes the same AWS calls by hand with boto3 (`tests/benchmarks/floor/`); the"
        " peers do the same with a framework (`tests/benchmarks/peers/`), without rate limits."
        f" {bytecode(result)} Nothing is written while functions run, as on Lambda's read-only"
        " disk."
    )
    cold, warm = spread(result.empty.cold), spread(result.empty.warm)
    yield (
        f"An empty function takes {milliseconds(cold.median)} cold"
        f" and {milliseconds(warm.median)} warm."
    )


def bytecode(result: Measured) -> str:
    """What was done about bytecode."""
    if result.is_compiled:
        return "Every artefact holds its bytecode, as ours is deployed with it; so does boto3."
    return "No artefact holds bytecode, as ours is deployed without; boto3, the runtime's, does."


def table(result: Measured, kind: str) -> Table:
    """Everybody's figures, cold or warm."""
    rows = [row for contest in result.contests for row in rows_of(contest, kind)]
    return Table(HEADS[kind], tuple(rows))


def rows_of(contest: Contest, kind: str) -> Iterator[tuple[str, ...]]:
    """A contest's rows, ours first."""
    ours = samples_of(contest.by[OURS], kind)
    for name, samples in contest.by.items():
        theirs = samples_of(samples, kind)
        middle, ratio = spread(theirs), ratios(ours, theirs)
        second = (
            f"{milliseconds(middle.low)} to {milliseconds(middle.high)}"
            if kind == COLD
            else milliseconds(quantile(theirs, 0.99))
        )
        compared = (
            ("", "")
            if name == OURS
            else (f"{ratio.median:.2f}", f"{ratio.low:.2f} to {ratio.high:.2f}")
        )
        yield (contest.operation, name, milliseconds(middle.median), second, *compared)


def misses(result: Measured) -> Iterator[str]:
    """The targets that are missed, a sentence each."""
    for contest in result.contests:
        for target in targets(contest):
            ours = samples_of(contest.by[OURS], target.kind)
            ratio = ratios(ours, samples_of(contest.by[target.other], target.kind)).median
            if ratio > target.most:
                yield (
                    f"{contest.operation}, {target.kind}: {ratio:.2f} times {target.other}, where"
                    f" {target.most:.2f} was the target."
                )


def targets(contest: Contest) -> Iterator[Target]:
    """What ours is held to."""
    for other in contest.by:
        if other == FLOOR:
            most_cold = MOST_COLD_OF.get(contest.operation, MOST_COLD)
            yield Target(contest.operation, COLD, other, most_cold)
            yield Target(contest.operation, WARM, other, MOST_WARM)
        elif other != OURS:
            yield Target(contest.operation, COLD, other, PEERS_RATIO)
            yield Target(contest.operation, WARM, other, PEERS_RATIO)


def samples_of(samples: Samples, kind: str) -> Sequence[float]:
    """The samples of a kind."""
    return samples.cold if kind == COLD else samples.warm


def milliseconds(seconds: float) -> str:
    """A time as it is printed."""
    digits = 0 if seconds >= 0.1 else 1
    return f"{seconds * 1000:.{digits}f} ms"

"""Cold starts as bars: ours, the floor, and the peers where they can do the same."""

from tests.benchmarks.charts import Chart, Group, bars
from tests.benchmarks.runtime.figures import spread
from tests.benchmarks.runtime.measured import FLOOR, OURS, PEERS, Contest, Measured

SERIES = (OURS, FLOOR, *PEERS.values())


def drawing(result: Measured) -> str:
    """The chart of cold starts, as SVG."""
    return bars(
        Chart(
            title="From a process's start to its first answer",
            unit="milliseconds, median",
            series=SERIES,
            groups=tuple(Group(one.operation, medians(one)) for one in result.contests),
        )
    )


def medians(contest: Contest) -> tuple[float | None, ...]:
    """Each one's cold start, in milliseconds."""
    return tuple(
        spread(contest.by[name].cold).median * 1000 if name in contest.by else None
        for name in SERIES
    )

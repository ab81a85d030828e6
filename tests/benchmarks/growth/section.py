"""What the growth benchmark found, in words. Pure.

Flat means: exactly the same calls, items read and capacity in every run on every store; and a
latency on the largest store of at most 1.25 times that on the smallest. More is no miss where
the store alone grew: our own code takes as long as before, and the same queries by themselves
account for the rest.
"""

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

from tests.benchmarks.growth.measured import Growth, Series, median_ms, ratio_of_medians, spread_ms
from tests.benchmarks.report import Section, Table

MOST = 1.25

HOW = (
    "The real handlers on MiniStack over HTTP, on one machine; the providers' simulators answer in"
    " process. Stored payments are copies of items that the functions made themselves, one in a"
    " hundred still open; their events are left out. Stores of all sizes are measured in turn,"
    " {rounds} rounds after one that is not counted. Reads are priced by the rules of"
    " DynamoDB's guide from what came back, writes as MiniStack answers."
)
ABOUT_LATENCY = (
    "Latency is the median in milliseconds, quarters in brackets; a ratio is the median over the"
    " pairs of a round. *Own* is the handler without its calls to AWS. *Bare* are its queries of"
    " indexes alone, asked again by the SDK right after: MiniStack sorts the whole partition of an"
    " index for each page, DynamoDB keeps it sorted."
)
ABOUT_THE_SWEEP = (
    "The sweep's calls follow what is due, not what is stored. Of what a person has to look at"
    " (`by_unresolved`) it reads every key to count them, three here in each store: that grows"
    " with what is left open."
)


def section(growth: Growth) -> Section:
    """The table of counts, and one of latencies for each way to share out what is stored."""
    rounds = min(len(one.samples) for one in growth.series)
    tables = [counts_table(growth)]
    tables += [latency_table(growth, merchants) for merchants in growth.merchants]
    return Section(
        title="Growth",
        lines=(HOW.format(rounds=rounds), ABOUT_LATENCY, ABOUT_THE_SWEEP, *explanations(growth)),
        tables=tuple(tables),
        misses=tuple(misses(growth)),
    )


# -------------------------------------------------------------------- counts
def counts_table(growth: Growth) -> Table:
    """What each operation asks of AWS, wherever it was measured."""
    stores = len({(one.merchants, one.stored) for one in growth.series})
    return Table(
        head=(
            "operation",
            "calls",
            "items read",
            "read units",
            "write units",
            f"the same in all {stores} stores",
        ),
        rows=tuple(counts_row(growth, operation) for operation in growth.operations),
    )


def counts_row(growth: Growth, operation: str) -> tuple[str, ...]:
    """The counts of the smallest store, and whether all others have them."""
    counts = all_counts(growth, operation)
    calls, items, reads, writes = counts[0]
    cells = (named(calls), f"{items}", f"{reads:g}", f"{writes:g}")
    return (operation, *cells, "yes" if len(counts) == 1 else "**no**")


def all_counts(growth: Growth, operation: str) -> list[tuple[tuple[str, ...], int, float, float]]:
    """Every count that was met, the smallest store's first."""
    series = [one for merchants in growth.merchants for one in growth.of(operation, merchants)]
    series.sort(key=lambda one: one.stored)
    return list(dict.fromkeys(met for one in series for met in sorted(one.counts)))


def named(calls: Sequence[str]) -> str:
    """The calls by their number: "3: GetItem, Query (2)"."""
    told = (
        f"{call} ({times})" if times > 1 else call
        for call, times in Counter(call.rpartition(".")[2] for call in calls).items()
    )
    return f"{len(calls)}: {', '.join(told)}"


# -------------------------------------------------------------------- latency
def latency_table(growth: Growth, merchants: int) -> Table:
    """How long everything took while so many merchants held what was stored."""
    sizes = [one.stored for one in growth.of(growth.operations[0], merchants)]
    holders = "one merchant holds all" if merchants == 1 else f"spread over {merchants:,} merchants"
    return Table(
        head=(
            holders,
            *(f"{size:,} stored" for size in sizes),
            "ratio",
            "own",
            "own ratio",
            "bare",
            "bare ratio",
        ),
        rows=tuple(latency_row(growth.of(name, merchants)) for name in growth.operations),
    )


def latency_row(series: Sequence[Series]) -> tuple[str, ...]:
    """One operation, from the smallest store to the largest."""
    small, grown = series[0], series[-1]
    asks_indexes = bool(grown.bare_seconds)
    return (
        grown.operation,
        *(with_spread(one.seconds) for one in series),
        f"{ratio(small, grown):.2f}",
        with_spread(grown.own_seconds),
        f"{own_ratio(small, grown):.2f}",
        with_spread(grown.bare_seconds) if asks_indexes else "",
        f"{ratio_of_medians(grown.bare_seconds, small.bare_seconds):.2f}" if asks_indexes else "",
    )


def with_spread(seconds: Sequence[float]) -> str:
    """Median and quarters."""
    first, third = spread_ms(seconds)
    return f"{median_ms(seconds):.1f} ({first:.1f} to {third:.1f})"


def ratio(small: Series, grown: Series) -> float:
    """Of latency."""
    return ratio_of_medians(grown.seconds, small.seconds)


def own_ratio(small: Series, grown: Series) -> float:
    """Of our own code's time."""
    return ratio_of_medians(grown.own_seconds, small.own_seconds)


def is_stores_own(small: Series, grown: Series) -> bool:
    """Whether it is the store alone that grew: our code did not, and its queries say why."""
    asks_the_same = grown.bare_seconds and grown.counts == small.counts
    if not asks_the_same or own_ratio(small, grown) > MOST:
        return False
    more = statistics.median(grown.seconds) - statistics.median(small.seconds)
    more_bare = statistics.median(grown.bare_seconds) - statistics.median(small.bare_seconds)
    return more <= MOST * more_bare


# -------------------------------------------------------------------- verdicts
def extremes(growth: Growth) -> Iterator[tuple[Series, Series]]:
    """The smallest and the largest store, operation by operation."""
    for merchants in growth.merchants:
        for operation in growth.operations:
            series = growth.of(operation, merchants)
            yield series[0], series[-1]


def explanations(growth: Growth) -> Iterator[str]:
    """What grew with the store and is not ours."""
    for small, grown in extremes(growth):
        if ratio(small, grown) > MOST and is_stores_own(small, grown):
            yield (
                f"{where(grown)}: {ratio(small, grown):.1f} times as long as with {small.stored:,},"
                f" and that is the emulator's. The same queries alone take"
                f" {median_ms(grown.bare_seconds):.1f} ms there and"
                f" {median_ms(small.bare_seconds):.1f} ms with {small.stored:,}, and read as many"
                f" items; our own code takes {own_ratio(small, grown):.2f} times as long."
            )


def misses(growth: Growth) -> Iterator[str]:
    """What is not flat."""
    for operation in growth.operations:
        counts = all_counts(growth, operation)
        if len(counts) > 1:
            told = "; ".join(
                f"{named(calls)}, {items} items, {reads:g} + {writes:g} units"
                for calls, items, reads, writes in counts
            )
            yield f"{operation} does not ask the same of every store: {told}."
    for small, grown in extremes(growth):
        if ratio(small, grown) > MOST and not is_stores_own(small, grown):
            yield (
                f"{where(grown)}: {ratio(small, grown):.2f} times as long as with"
                f" {small.stored:,}, where at most {MOST} is flat"
                f" (our own code {own_ratio(small, grown):.2f} times)."
            )


def where(series: Series) -> str:
    """Which operation on which store."""
    holders = "one merchant" if series.merchants == 1 else f"{series.merchants:,} merchants"
    return f"{series.operation}, {series.stored:,} payments of {holders}"

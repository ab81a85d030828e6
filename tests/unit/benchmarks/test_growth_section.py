"""What the growth benchmark calls flat, what it calls the emulator's, and what it calls a miss."""

from dataclasses import replace

import pytest

from tests.benchmarks.growth.measured import Growth, Sample, Series
from tests.benchmarks.growth.section import section

SAMPLE = Sample(
    seconds=0.010,
    own_seconds=0.002,
    bare_seconds=0.004,
    calls=("dynamodb.UpdateItem", "dynamodb.Query"),
    items_read=6,
    reads=0.5,
    writes=1.0,
)
SIZES = (10, 10_000, 200_000)


def grown(*samples: Sample, merchants: int = 1) -> Growth:
    """One operation on stores that grow, a few runs on each."""
    return Growth(
        tuple(
            Series(
                operation="list payments", merchants=merchants, stored=size, samples=(sample,) * 3
            )
            for size, sample in zip(SIZES, samples, strict=True)
        )
    )


def test_what_is_the_same_everywhere_misses_nothing() -> None:
    told = section(grown(SAMPLE, SAMPLE, SAMPLE))
    assert told.misses == ()
    counts, latency = told.tables
    assert counts.rows == (("list payments", "2: Query, UpdateItem", "6", "0.5", "1", "yes"),)
    assert latency.head[:4] == (
        "one merchant holds all",
        "10 stored",
        "10,000 stored",
        "200,000 stored",
    )
    assert latency.rows[0][3:5] == ("10.0 (10.0 to 10.0)", "1.00")


@pytest.mark.parametrize(
    "otherwise",
    [
        replace(SAMPLE, calls=(*SAMPLE.calls, "dynamodb.Query")),
        replace(SAMPLE, items_read=7),
        replace(SAMPLE, reads=1.0),
        replace(SAMPLE, writes=2.0),
    ],
)
def test_a_larger_store_that_is_asked_for_more_is_a_miss(otherwise: Sample) -> None:
    told = section(grown(SAMPLE, SAMPLE, otherwise))
    assert "list payments does not ask the same of every store" in told.misses[0]
    assert told.tables[0].rows[0][-1] == "**no**"


def test_one_run_that_asked_for_more_is_a_miss_as_well() -> None:
    small, middle, large = grown(SAMPLE, SAMPLE, SAMPLE).series
    odd = replace(large, samples=(SAMPLE, replace(SAMPLE, items_read=7), SAMPLE))
    (miss,) = section(Growth((small, middle, odd))).misses
    assert "6 items" in miss
    assert "7 items" in miss


def test_the_order_of_calls_is_nobodys_business() -> None:
    turned = replace(SAMPLE, calls=SAMPLE.calls[::-1])
    assert section(grown(SAMPLE, turned, SAMPLE)).misses == ()


@pytest.mark.parametrize(("seconds", "is_flat"), [(0.0125, True), (0.0126, False)])
def test_flat_is_at_most_a_quarter_longer(*, seconds: float, is_flat: bool) -> None:
    slower = replace(SAMPLE, seconds=seconds, bare_seconds=None)
    told = section(grown(replace(SAMPLE, bare_seconds=None), SAMPLE, slower))
    assert (told.misses == ()) is is_flat


def test_growth_that_the_bare_query_shows_too_is_the_emulators() -> None:
    large = replace(SAMPLE, seconds=6.010, bare_seconds=6.0)
    told = section(grown(SAMPLE, SAMPLE, large))
    assert told.misses == ()
    assert "list payments, 200,000 payments of one merchant: 601.0 times" in told.lines[-1]
    assert "6000.0 ms there and 4.0 ms with 10" in told.lines[-1]


@pytest.mark.parametrize(
    "large",
    [
        replace(SAMPLE, seconds=6.0, bare_seconds=3.0),
        replace(SAMPLE, seconds=6.0, bare_seconds=None),
        replace(SAMPLE, seconds=6.0, bare_seconds=6.0, own_seconds=0.003),
        replace(SAMPLE, seconds=6.0, bare_seconds=6.0, items_read=200_000),
    ],
    ids=[
        "the bare query explains half",
        "no query was asked",
        "our own code is slower too",
        "the query itself reads more",
    ],
)
def test_growth_that_it_does_not_show_is_a_miss(large: Sample) -> None:
    told = section(grown(SAMPLE, SAMPLE, large))
    assert "list payments, 200,000 payments of one merchant: 600.00 times" in told.misses[-1]


def test_ratios_are_of_the_pairs_of_a_round() -> None:
    """A machine that is slow for a while slows both of a pair."""
    small, middle, large = grown(SAMPLE, SAMPLE, SAMPLE).series
    uneven = tuple(replace(SAMPLE, seconds=seconds) for seconds in (0.01, 0.1, 0.01, 0.1))
    after = tuple(replace(SAMPLE, seconds=seconds * 1.2) for seconds in (0.01, 0.1, 0.01, 0.1))
    told = section(Growth((replace(small, samples=uneven), middle, replace(large, samples=after))))
    assert told.tables[1].rows[0][4] == "1.20"


def test_each_way_to_share_out_what_is_stored_has_its_table() -> None:
    spread, alone = grown(SAMPLE, SAMPLE, SAMPLE, merchants=1000), grown(SAMPLE, SAMPLE, SAMPLE)
    told = section(Growth(spread.series + alone.series))
    assert [table.head[0] for table in told.tables[1:]] == [
        "spread over 1,000 merchants",
        "one merchant holds all",
    ]
    assert told.tables[0].head[-1] == "the same in all 6 stores"

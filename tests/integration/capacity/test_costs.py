"""What each ending of a payment uses, to the number, and what a price list makes of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.benchmarks.cost.bill import SELDOM, Costs, priced
from tests.benchmarks.cost.outcomes import (
    ABANDONED,
    DECLINED,
    DOWN,
    OUTCOMES,
    SETTLED,
    SILENT,
    Outcome,
)
from tests.benchmarks.cost.told import section
from tests.benchmarks.cost.usage import story_of
from tests.benchmarks.quiet_world import Play, Played, played
from tests.simulation.world import Deployment


@dataclass(frozen=True)
class Uses:
    """One payment's."""

    invocations: Mapping[str, int]
    transitions: Mapping[str, int]
    writes: float
    reads: float


ON_THE_PAGE = {"Initialize": 1, "Pay": 1, "Verify": 1}
EXPECTED = {
    SETTLED: Uses(
        {**ON_THE_PAGE, "Page": 5, "KpayWebhook": 1, "Announce": 2, "Deliver": 1, "Sweep": 1},
        {"Watch": 1, "Deliver": 1},
        writes=30,
        reads=10,
    ),
    SILENT: Uses(
        {**ON_THE_PAGE, "Page": 12, "AskProvider": 2, "Announce": 2, "Deliver": 1, "Sweep": 1},
        {"Watch": 7, "Deliver": 1},
        writes=30,
        reads=19,
    ),
    DECLINED: Uses(
        {
            **ON_THE_PAGE,
            "Pay": 2,
            "Page": 6,
            "KpayWebhook": 1,
            "Announce": 3,
            "Deliver": 1,
            "Sweep": 2,
        },
        {"Watch": 1, "Deliver": 1},
        writes=37,
        reads=13,
    ),
    ABANDONED: Uses(
        {"Initialize": 1, "Page": 1, "Announce": 1, "Deliver": 1, "Sweep": 2},
        {"Deliver": 1},
        writes=18,
        reads=5,
    ),
}


@pytest.fixture(scope="module")
def plays(deployment: Deployment) -> dict[Outcome, Played]:
    return {outcome: played(deployment, outcome.play) for outcome in OUTCOMES}


@pytest.fixture(scope="module")
def costs(deployment: Deployment) -> Costs:
    return priced(deployment, lambda _: None, {}, repeats=1)


def units(once: Played) -> tuple[float, float]:
    """Write and read units: the functions' and the machines', without the sweep's own."""
    story = story_of(once, Counter(run.function for run in once.invocations))
    return (
        story.writes + sum(work.writes for work in story.works),
        story.reads + sum(work.reads for work in story.works),
    )


@pytest.mark.parametrize("outcome", EXPECTED, ids=lambda outcome: outcome.name)
def test_an_ending_uses_exactly_so_much(plays: dict[Outcome, Played], outcome: Outcome) -> None:
    once, expected = plays[outcome], EXPECTED[outcome]
    assert once.status == outcome.status
    assert Counter(run.function for run in once.invocations) == expected.invocations
    assert once.transitions == expected.transitions
    assert units(once) == (expected.writes, expected.reads)


def test_an_endpoint_that_is_down_for_a_day_takes_two_transitions_for_each_further_try(
    plays: dict[Outcome, Played],
) -> None:
    tries = plays[DOWN].of("Deliver")
    # 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 14 h after the first, all of them spread.
    assert len(tries) == 8
    assert plays[DOWN].transitions == {"Watch": 1, "Deliver": 8 + 7}
    assert [run.others.total() for run in tries] == [0] * 7 + [1]


def test_only_requests_come_through_the_gateway(plays: dict[Outcome, Played]) -> None:
    behind = {"Announce", "Deliver", "AskProvider", "Sweep"}
    for once in plays.values():
        for run in once.invocations:
            assert run.is_request is (run.function not in behind)
            assert bool(run.route) is run.is_request


def test_what_a_machine_calls_begins_no_trace_and_a_sweep_is_nobodys(
    plays: dict[Outcome, Played],
) -> None:
    silent = plays[SILENT]
    works = story_of(silent, Counter(run.function for run in silent.invocations)).works
    without = {work.function for work in works if not work.begins_a_trace}
    assert without == {"AskProvider", "Deliver", "Sweep"}


def test_what_is_logged_is_counted_with_the_function_that_logs_it(
    plays: dict[Outcome, Played],
) -> None:
    lines = {run.function: run.lines for run in plays[SETTLED].invocations}
    # A figure is a line, and "webhook tried" another.
    assert lines == {
        "Initialize": 0,
        "Page": 0,
        "Pay": 1,
        "KpayWebhook": 0,
        "Announce": 1,
        "Deliver": 2,
        "Verify": 0,
        "Sweep": 2,
    }
    assert 150 < plays[SETTLED].first("Pay").logged < 300


def test_a_page_is_answered_compressed_and_a_short_answer_as_it_is(
    plays: dict[Outcome, Played],
) -> None:
    assert 2_000 < plays[SETTLED].first("Page").answered < 5_000
    assert 200 < plays[SETTLED].first("Initialize").answered < 400


def test_a_memory_that_is_empty_reads_profiles_keys_and_secrets(
    deployment: Deployment, plays: dict[Outcome, Played]
) -> None:
    cold = played(deployment, Play(starts_cold=True))
    more = {
        run.function: run.operations - warm.operations
        for run, warm in zip(cold.invocations, plays[SETTLED].invocations, strict=True)
        if run.operations != warm.operations
    }
    profile, secret = "dynamodb.GetItem", "ssm.GetParameter"
    assert more == {
        "Initialize": {profile: 2},
        "Page": {profile: 1},
        "Pay": {profile: 1, secret: 1},
        "KpayWebhook": {secret: 1},
        "Deliver": {secret: 1},
        "Verify": {profile: 2},
    }


def test_a_page_that_looks_seldom_is_asked_for_less(
    deployment: Deployment, plays: dict[Outcome, Played]
) -> None:
    seldom = played(deployment, Play(looks_first=SELDOM, looks_every=SELDOM))
    assert (len(seldom.of("Page")), len(plays[SETTLED].of("Page"))) == (4, 5)


def test_the_bill_is_the_usage_at_the_files_prices(costs: Costs) -> None:
    settled = costs.outcome(SETTLED.name)
    assert settled.ours["Step Functions"] == pytest.approx(2 * 25.0)
    assert settled.ours["API Gateway"] == settled.usual["API Gateway"] == pytest.approx(9 * 3.5)
    assert settled.ours["DynamoDB"] == pytest.approx(30 * 0.625 + 10 * 0.125)
    assert settled.usual["Step Functions"] == pytest.approx(13 * 25.0)
    assert costs.otherwise["as it is"] == (settled.total, settled.usual_total)
    # The nonces of two pages are not squeezed alike.
    assert costs.by_provider["kpay"] == pytest.approx(settled.total, rel=1e-3)


def test_what_would_be_cheaper_is_cheaper(costs: Costs) -> None:
    ours = {name: dollars for name, (dollars, _) in costs.otherwise.items()}
    as_it_is = ours.pop("as it is")
    assert ours["traced nowhere"] < ours["traced everywhere"]
    assert ours["256 MB and half the processor"] < as_it_is
    assert ours["the waiting page looks every 8 s"] < as_it_is
    assert ours["each answer of a provider a second later"] > as_it_is
    assert ours["ours never remembers a key, a profile or a secret"] > as_it_is


def test_a_time_that_the_runtime_measured_stands_in_place_of_ours(
    deployment: Deployment, costs: Costs
) -> None:
    given = priced(deployment, lambda _: None, {"Pay": 10.0}, repeats=1)
    slower = given.outcome(SETTLED.name).ours["Lambda"] - costs.outcome(SETTLED.name).ours["Lambda"]
    # Half a gigabyte, on a third of a processor; what else differs is the machine's noise.
    assert slower == pytest.approx(1e6 * 0.5 * 10.0 * 1769 / 512 * 0.0000133334, rel=0.05)
    assert given.own_time_is_from == "the Lambda runtime (Pay) or else this process"
    assert costs.own_time_is_from == "this process"


def test_every_function_that_was_called_has_its_times(costs: Costs) -> None:
    assert {"Initialize", "Page", "Pay", "Announce", "Deliver", "Sweep"} <= set(costs.own_seconds)
    assert all(0 < time < 5 for times in costs.own_seconds.values() for time in times)


def test_it_is_all_told(costs: Costs) -> None:
    told = section(costs)
    assert all(len(row) == len(table.head) for table in told.tables for row in table.rows)
    assert "None" not in told.markdown()

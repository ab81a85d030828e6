from dataclasses import replace

from tests.benchmarks.cost.bill import Costs, Priced
from tests.benchmarks.cost.deployed_settings import deployed_settings
from tests.benchmarks.cost.outcomes import OUTCOMES, SETTLED
from tests.benchmarks.cost.prices import prices
from tests.benchmarks.cost.told import drawing, section
from tests.benchmarks.cost.usage import Assumed

ALIKE = 35.0


def priced(name: str, ours: float, usual: float) -> Priced:
    """Bills with that total, of which API Gateway's part is the same."""
    bills = [{"API Gateway": ALIKE, "Step Functions": total - ALIKE} for total in (ours, usual)]
    used = {"transition": 2.0, "write_unit": 30.0, "read_unit": 11.5}
    return Priced(name, bills[0], bills[1], used, {"transition": 13.0})


def costs(ours: float, usual: float) -> Costs:
    return Costs(
        prices=prices(),
        settings=deployed_settings(),
        assumed=Assumed(),
        outcomes=tuple(priced(outcome.name, ours, usual) for outcome in OUTCOMES),
        by_provider={"kpay": ours},
        otherwise={"as it is": (ours, usual)},
        own_seconds={"Pay": (0.001, 0.002, 0.004), "Page": (0.001,)},
        own_time_is_from="this process",
        kept_bytes=2375,
    )


def test_a_target_that_is_kept_is_no_miss() -> None:
    assert section(costs(120.0, 480.0)).misses == ()


def test_a_dear_payment_is_a_miss_that_says_what_it_is_made_of() -> None:
    (miss,) = section(costs(121.0, 490.0)).misses
    assert miss == (
        "settled by webhook costs $121 per million, where $120 are aimed at: "
        "Step Functions $86, API Gateway $35."
    )


def test_too_large_a_share_is_a_miss_that_says_what_is_the_same_in_both() -> None:
    (miss,) = section(costs(100.0, 300.0)).misses
    assert miss == (
        "settled by webhook costs 0.33 of the usual design, where 0.25 is aimed at: "
        "API Gateway's $35 are the same in both, and of the rest it is 0.25."
    )


def test_only_what_is_settled_by_webhook_has_a_target() -> None:
    told = costs(120.0, 480.0)
    dear = tuple(
        one if one.outcome == SETTLED.name else priced(one.outcome, 900.0, 950.0)
        for one in told.outcomes
    )
    assert section(replace(told, outcomes=dear)).misses == ()


def test_where_ours_is_dearer_it_is_said() -> None:
    told = costs(120.0, 480.0)
    *others, last = told.outcomes
    dear = (*others, priced(last.outcome, 540.0, 480.0))
    lines = section(replace(told, outcomes=dear)).lines
    assert any(f"“{last.outcome}”" in line for line in lines)
    assert len(lines) == len(section(told).lines) + 1


def test_every_outcome_stands_in_every_table_of_outcomes() -> None:
    totals, ours, usual, used, conditions, times = section(costs(120.0, 480.0)).tables
    names = [outcome.name for outcome in OUTCOMES]
    for table in (totals, ours, usual, used):
        assert [row[0] for row in table.rows] == names
        assert all(len(row) == len(table.head) for row in table.rows)
    assert totals.rows[0] == (SETTLED.name, "120", "480", "0.25")
    assert ours.head[1:] == ("API Gateway", "Step Functions")
    assert used.rows[0][1:] == ("0 / 0", "0 / 0", "2 / 13", "30 / 0", "11.5 / 0")
    assert conditions.rows == (("as it is", "120", "480", "0.25"), ("by kpay", "120", "", ""))
    assert times.rows == (
        ("Page", "1", "1.00", "1.00 to 1.00"),
        ("Pay", "3", "2.00", "1.00 to 4.00"),
    )


def test_what_is_assumed_is_said_to_be() -> None:
    (assumed,) = (line for line in section(costs(1.0, 4.0)).lines if line.startswith("Assumed"))
    for part in ("5 ms", "1 s", "0.3 s", "1,000,000", "29%", "this process"):
        assert part in assumed


def test_the_chart_has_both_bars_of_each_outcome() -> None:
    drawn = drawing(costs(120.0, 480.0))
    assert drawn.count(">$120</text>") == drawn.count(">$480</text>") == len(OUTCOMES)

"""Each operation's calls and units, to the number. A change of any of them is a change of cost."""

from collections import Counter

import pytest

from tests.benchmarks import calls
from tests.benchmarks.calls import TARGETS, Counted, Operation
from tests.simulation.world import Deployment

GET, PUT, UPDATE, QUERY = "GetItem", "PutItem", "UpdateItem", "Query"
TRANSACT = "TransactWriteItems"
START, WAKE = "sfn.StartExecution", "sfn.SendTaskSuccess"

# Calls, read units, write units, and how many of those are each index's.
EXPECTED: dict[str, tuple[list[str], float, float, dict[str, float]]] = {
    "initialize": (
        [UPDATE, TRANSACT],
        0,
        # The key's count; the payment and its Idempotency-Key, twice each; three new entries.
        1 + 2 + 2 + 3,
        {"by_tx_ref": 1, "by_owner": 1, "by_check": 1},
    ),
    "initialize without Idempotency-Key": (
        [UPDATE, PUT],
        0,
        1 + 1 + 3,
        {"by_tx_ref": 1, "by_owner": 1, "by_check": 1},
    ),
    "verify by session id": ([GET], 1, 0, {}),
    "verify with keys": ([UPDATE, GET], 1, 1, {}),
    "the page": ([GET], 1, 0, {}),
    # The attempt before the provider hears of it, and its answer: two kilobytes begun each.
    "pay (the page's form)": ([GET, UPDATE, UPDATE], 1, 2 + 2 + 3, {"by_owner": 1, "by_check": 2}),
    "process (the shop's own page)": (
        [GET, UPDATE, UPDATE],
        1,
        2 + 2 + 3,
        {"by_owner": 1, "by_check": 2},
    ),
    # The right to ask, and the settlement.
    "webhook that settles, unsigned (K-Pay)": ([UPDATE, UPDATE], 0, 2 + 2 + 1, {"by_owner": 1}),
    "webhook that settles, signed (V-Pay)": ([GET, UPDATE], 1, 2 + 1, {"by_owner": 1}),
    "webhook that repeats, unsigned": ([UPDATE], 0, 2, {}),
    "webhook that repeats, signed": ([GET], 1, 0, {}),
    "announce of an attempt": ([START], 0, 0, {}),
    "announce of a settlement": ([PUT, START, WAKE], 0, 1 + 1, {"by_owner": 1}),
    "deliver, taken at once": ([GET, GET, UPDATE], 2, 1 + 1, {"by_owner": 1}),
    "ask_provider, no answer yet": ([GET], 1, 0, {}),
    "ask_provider that settles": ([GET, UPDATE], 1, 2 + 1, {"by_owner": 1}),
    "sweep: its look at a settled payment": ([QUERY, UPDATE], 1, 2 + 1, {"by_check": 1}),
    "sweep: an expiry": (
        [QUERY, UPDATE],
        1,
        1 + 1 + 2,
        {"by_owner": 1, "by_check": 2},
    ),
    "sweep: its look after an expiry": ([QUERY, UPDATE], 1, 1 + 1, {"by_check": 1}),
    "watch falls asleep (the machine itself)": ([UPDATE], 0, 2, {}),
}


@pytest.fixture(scope="module")
def counted(deployment: Deployment) -> Counted:
    return calls.counted(deployment, lambda _: None)


def in_full(kind: str) -> str:
    return kind if "." in kind else f"dynamodb.{kind}"


@pytest.mark.parametrize("name", EXPECTED)
def test_an_operation_takes_exactly_so_much(counted: Counted, name: str) -> None:
    kinds, reads, writes, by_index = EXPECTED[name]
    operation = counted.operation(name)
    assert operation.kinds == Counter(map(in_full, kinds))
    assert (operation.units.reads, operation.units.writes) == (reads, writes)
    assert operation.units.by_index == by_index


def test_every_operation_is_expected(counted: Counted) -> None:
    assert [operation.name for operation in counted.operations] == list(EXPECTED)


def test_no_target_is_missed(counted: Counted) -> None:
    for name, target in TARGETS.items():
        assert len(counted.operation(name).calls) == target, name
    assert calls.section(counted).misses == ()


def test_a_target_that_is_missed_is_said(counted: Counted) -> None:
    slower = counted.operation("verify by session id")
    slower = Operation(slower.name, slower.calls * 2)
    others = [one for one in counted.operations if one.name != slower.name]
    result = Counted((slower, *others), counted.run_of_the_sweep, 1000, 1000)
    (miss,) = calls.section(result).misses
    assert miss == "verify by session id makes 2 AWS calls, where 1 are aimed at."


def test_nothing_is_refused_but_a_repeat(counted: Counted) -> None:
    refused = [
        operation.name
        for operation in counted.operations
        if any(call.is_refused for call in operation.calls)
    ]
    assert refused == ["webhook that repeats, unsigned"]


def test_what_a_run_of_the_sweep_asks_is_no_payments(counted: Counted) -> None:
    assert [call.index for call in counted.run_of_the_sweep.calls] == ["by_check", "by_unresolved"]
    assert counted.run_of_the_sweep.units.reads == 1


def test_the_table_has_a_row_for_each(counted: Counted) -> None:
    (table,) = calls.section(counted).tables
    assert [cells[0] for cells in table.rows] == list(EXPECTED)
    (settles,) = (cells for cells in table.rows if cells[0] == "ask_provider that settles")
    assert settles[1:] == ("2", "GetItem, UpdateItem", "kpay", "1", "3 (1 in indexes)")

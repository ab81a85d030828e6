"""The simulator's own parts: what it shows is only worth what they are."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from jsonata import Jsonata  # type: ignore[import-untyped]  # it has no types

from payments.clock import parse_iso
from tests.integration.internet import NOW
from tests.simulation import crash_points, machines
from tests.simulation.batches import run_seeds
from tests.simulation.faults import Fate, FaultsAt, Point
from tests.simulation.judge import Violation
from tests.simulation.scheduler import Killed, Scheduler, Signal
from tests.simulation.schedules import happy
from tests.simulation.world import Deployment, Schedule, deployed, run


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deployed() as made:
        yield made


# -------------------------------------------------------------------- turns
def test_whoever_is_due_first_runs_next() -> None:
    scheduler, said = Scheduler(NOW), list[str]()

    def say(word: str, *pauses: float) -> None:
        for pause in pauses:
            scheduler.sleep(pause)
            said.append(f"{word} {scheduler.seconds:g}")

    scheduler.spawn("slow", lambda: say("slow", 3, 3))
    scheduler.spawn("quick", lambda: say("quick", 2, 2, 2))
    scheduler.run(until=100)
    assert said == ["quick 2", "slow 3", "quick 4", "slow 6", "quick 6"]
    assert scheduler.is_quiet


def test_a_function_is_ended_at_its_time_out_wherever_it_sleeps() -> None:
    scheduler, ended = Scheduler(NOW), list[float]()

    def sleeper() -> None:
        scheduler.task.deadlines.append(28.0)
        with pytest.raises(Killed):
            scheduler.sleep(1_000)
        ended.append(scheduler.seconds)

    scheduler.spawn("sleeper", sleeper)
    scheduler.run(until=10_000)
    assert ended == [28.0]


@pytest.mark.parametrize(("given_at", "woken_at"), [(5.0, 5.0), (50.0, 15.0)])
def test_a_signal_wakes_once_and_silence_ends_the_wait(given_at: float, woken_at: float) -> None:
    scheduler, signal, woken = Scheduler(NOW), Signal(), list[tuple[float, bool]]()

    def waiter() -> None:
        is_given = scheduler.wait(signal, 15.0)
        woken.append((scheduler.seconds, is_given))
        scheduler.sleep(100)
        woken.append((scheduler.seconds, is_given))

    scheduler.spawn("waiter", waiter)
    scheduler.spawn("giver", lambda: scheduler.give(signal), given_at)
    scheduler.run(until=1_000)
    assert woken == [(woken_at, given_at < 15.0), (woken_at + 100, given_at < 15.0)]


# -------------------------------------------------------------------- moto by a shorter way
KEY = {"pk": {"S": "one"}, "sk": {"S": "two"}}
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("put_item", {"Item": KEY | {"n": {"N": "1"}, "m": {"M": {"x": {"L": [{"S": "é"}]}}}}}),
    ("get_item", {"Key": KEY, "ConsistentRead": True}),
    ("get_item", {"Key": KEY | {"sk": {"S": "nothing"}}}),
    ("put_item", {"Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "SET #n = #n + :one, a = if_not_exists(a, :one) REMOVE m",
            "ConditionExpression": "#n = :one AND attribute_exists(pk)",
            "ExpressionAttributeNames": {"#n": "n"},
            "ExpressionAttributeValues": {":one": {"N": "1"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    (
        "update_item",
        {
            "Key": KEY,
            "UpdateExpression": "SET b = :two",
            "ConditionExpression": "#n = :one",
            "ExpressionAttributeNames": {"#n": "n"},
            "ExpressionAttributeValues": {":one": {"N": "1"}, ":two": {"S": "2"}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        },
    ),
    (
        "query",
        {
            "KeyConditionExpression": "pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": "one"}},
        },
    ),
]


def test_the_shorter_way_to_moto_answers_as_the_long_one(deployment: Deployment) -> None:
    deployment.empty()
    deployment.aws.sandboxes = None
    quick = deployment.aws.client("dynamodb")
    long_way = boto3.Session(region_name="eu-west-1").client("dynamodb")
    for operation, request in REQUESTS:
        by_quick = answer(quick, operation, {"TableName": "Payments", **request})
        by_long = answer(long_way, operation, {"TableName": "Merchants", **request})
        assert by_quick == by_long
    deployment.empty()


def test_a_transaction_that_is_refused_leaves_nothing_behind(deployment: Deployment) -> None:
    deployment.empty()
    deployment.aws.sandboxes = None
    client = deployment.aws.client("dynamodb")
    client.put_item(TableName="Payments", Item=KEY | {"n": {"N": "1"}})
    count = {
        "TableName": "Payments",
        "Key": KEY,
        "UpdateExpression": "SET n = n + :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    second = {
        "TableName": "Payments",
        "Item": {**KEY, "pk": {"S": "another"}},
        "ConditionExpression": "attribute_exists(pk)",
    }
    with pytest.raises(client.exceptions.TransactionCanceledException):
        client.transact_write_items(TransactItems=[{"Update": count}, {"Put": second}])
    assert len(deployment.table("Payments").stream_shard.items) == 1
    assert client.scan(TableName="Payments")["Items"] == [KEY | {"n": {"N": "1"}}]
    deployment.empty()


def test_the_stream_keeps_what_was_before_a_change(deployment: Deployment) -> None:
    deployment.empty()
    deployment.aws.sandboxes = None
    client = deployment.aws.client("dynamodb")
    values = {":more": {"L": [{"S": "b"}]}, ":one": {"N": "1"}}
    client.put_item(
        TableName="Payments",
        Item=KEY | {"l": {"L": [{"S": "a"}]}, "n": {"N": "1"}, "gone": {"S": "x"}},
    )
    client.update_item(
        TableName="Payments",
        Key=KEY,
        UpdateExpression="SET l = list_append(l, :more), n = n + :one REMOVE gone",
        ExpressionAttributeValues=values,
    )
    images = deployment.table("Payments").stream_shard.items[-1].record["dynamodb"]
    assert images["OldImage"] == KEY | {
        "l": {"L": [{"S": "a"}]},
        "n": {"N": "1"},
        "gone": {"S": "x"},
    }
    assert images["NewImage"] == KEY | {"l": {"L": [{"S": "a"}, {"S": "b"}]}, "n": {"N": "2"}}
    deployment.empty()


def answer(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401  # boto3's own
    try:
        told: dict[str, Any] = getattr(client, operation)(**request)
    except ClientError as refused:
        told = dict(refused.response)
    return {k: v for k, v in told.items() if k not in {"ResponseMetadata", "ConsumedCapacity"}}


# -------------------------------------------------------------------- the machines
def test_every_expression_of_the_machines_is_readable_jsonata() -> None:
    for machine in ("Watch", "Deliver"):
        text = json.dumps(machines.definition_of(machine))
        expressions = [part.split("%}")[0] for part in text.split("{%")[1:]]
        assert expressions
        for expression in expressions:
            Jsonata(json.loads(f'"{expression.strip()}"'))


def test_the_machines_use_no_kind_of_state_that_is_not_simulated() -> None:
    for machine in ("Watch", "Deliver"):
        for state in machines.definition_of(machine)["States"].values():
            assert state["Type"] in {"Task", "Choice", "Wait", "Succeed"}
            assert state.get("Resource", machines.INVOKE) in {machines.INVOKE, machines.TOKEN_WAIT}


def quick_customer(deployment: Deployment) -> Schedule:
    """A good payment whose customer answers the prompt before the watch asks."""
    for seed in range(20):
        schedule = happy("vpay", FaultsAt({}))
        schedule.seed = seed
        world = run(deployment, schedule)
        (payment,) = world.judge.payments.values()
        (attempt,) = payment["attempts"].values()
        taken = parse_iso(attempt["ended_at"]) - parse_iso(attempt["started_at"])
        if taken < timedelta(seconds=10):
            return schedule
    raise AssertionError("nobody is quick")


def test_a_payment_that_a_webhook_settles_enters_one_state(deployment: Deployment) -> None:
    world = run(deployment, quick_customer(deployment))
    watches = [r.entered for (m, _), r in world.machines.executions.items() if m == "Watch"]
    assert watches == [["AwaitOutcome"]]


# -------------------------------------------------------------------- faults
def test_a_crash_ends_the_function_and_the_customer_pays_all_the_same(
    deployment: Deployment,
) -> None:
    points = crash_points.judged(deployment, "kpay", FaultsAt({}))
    charge = next(point for point in points if (point.function, point.what) == ("Pay", "kpay"))
    faults = FaultsAt({charge.number: Fate.CRASH_AFTER})
    world = run(deployment, happy("kpay", faults))
    assert world.sandboxes.died == 1
    assert [payment["status"] for payment in world.judge.payments.values()] == ["successful"]
    assert len(world.providers.ledger()) == 1


def test_crashes_that_leave_the_same_behind_are_tried_once() -> None:
    def tried(what: str, *, is_first: bool) -> list[Fate]:
        return crash_points.crashes_at(Point(1, "Pay", what, is_first))

    assert tried("dynamodb.GetItem", is_first=True) == [Fate.CRASH_BEFORE]
    assert tried("dynamodb.GetItem", is_first=False) == []
    assert tried("dynamodb.UpdateItem", is_first=False) == [Fate.CRASH_AFTER]
    assert tried("kpay", is_first=True) == [Fate.CRASH_BEFORE, Fate.CRASH_AFTER]


# -------------------------------------------------------------------- the judge
def test_the_judge_sees_a_charge_that_nobody_was_told_of(deployment: Deployment) -> None:
    world = run(deployment, happy("kpay", FaultsAt({})))
    (session,) = world.judge.payments
    world.judge.told[session].clear()
    with pytest.raises(Violation, match="never heard"):
        world.judge.end(world.machines)


def test_the_judge_sees_money_that_we_never_found(deployment: Deployment) -> None:
    world = run(deployment, happy("kpay", FaultsAt({})))
    (payment,) = world.judge.payments.values()
    payment["attempts"]["01"]["status"] = "declined"
    with pytest.raises(Violation, match="paid"):
        world.judge.end(world.machines)


def test_a_violation_is_told_with_its_seed(deployment: Deployment) -> None:
    assert run_seeds(deployment, range(5)).violations == {}

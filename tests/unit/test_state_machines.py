"""The state machines as they deploy: JSON, whole, and a day long."""

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ledger.payments import News

FOLDER = Path(__file__).parents[2] / "infra" / "statemachines"
MACHINES: dict[str, dict[str, Any]] = {
    path.name.removesuffix(".asl.json"): json.loads(path.read_text())
    for path in FOLDER.glob("*.asl.json")
}
WATCH = MACHINES["watch_attempt"]["States"]
SLEEPS = {name: state for name, state in WATCH.items() if name.startswith("Await")}
LIMIT = re.compile(r"\$asked < (\d+)")


def targets(state: dict[str, Any]) -> Iterator[str]:
    """Every state that may follow this one."""
    for step in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        if "Next" in step:
            yield step["Next"]
    if "Default" in state:
        yield state["Default"]


def sleeps_of_a_silent_day() -> list[int]:
    """Every sleep, in seconds, of a watch that nobody wakes and no question ends."""
    choices = WATCH["HowLongToSleep"]["Choices"]
    limits = [
        (int(found[1]), choice["Next"])
        for choice in choices
        if (found := LIMIT.search(choice["Condition"]))
    ]
    sleeps = [SLEEPS["AwaitOutcome"]["TimeoutSeconds"]]
    for asked in range(1, limits[-1][0]):
        name = next(name for limit, name in limits if asked < limit)
        sleeps.append(SLEEPS[name]["TimeoutSeconds"])
    return sleeps


def test_both_machines_are_there() -> None:
    assert set(MACHINES) == {"watch_attempt", "deliver_webhook"}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_way_leads_to_a_state_and_every_state_is_reached(machine: str) -> None:
    states = MACHINES[machine]["States"]
    reached = {MACHINES[machine]["StartAt"]}
    for state in states.values():
        reached |= set(targets(state))
        assert state.get("End") or state["Type"] == "Succeed" or [*targets(state)]
    assert reached == set(states)


@pytest.mark.parametrize("machine", MACHINES)
def test_speaks_jsonata_throughout(machine: str) -> None:
    assert MACHINES[machine]["QueryLanguage"] == "JSONata"
    text = json.dumps(MACHINES[machine])
    for word in ("TimeoutSecondsPath", "InputPath", "ResultPath", "Parameters", "OutputPath"):
        assert word not in text


def test_a_watch_first_sleeps_for_fifteen_seconds() -> None:
    assert MACHINES["watch_attempt"]["StartAt"] == "AwaitOutcome"
    assert WATCH["AwaitOutcome"]["TimeoutSeconds"] == 15


def test_a_silent_watch_asks_ever_more_slowly_for_a_day() -> None:
    sleeps = sleeps_of_a_silent_day()
    assert sleeps == sorted(sleeps)
    assert 23 * 3600 <= sum(sleeps) <= 26 * 3600


def test_a_watch_that_asks_in_vain_ends_with_a_last_question() -> None:
    assert WATCH["HowLongToSleep"]["Default"] == "AskOnceMore"
    assert WATCH["AskOnceMore"]["Arguments"]["Payload"]["last"] is True
    assert WATCH["AskOnceMore"]["End"] is True


def test_paid_after_25_silent_seconds_takes_no_more_than_seven_states() -> None:
    choices = WATCH["HowLongToSleep"]["Choices"]
    second = next(choice["Next"] for choice in choices if "$asked < " in choice["Condition"])
    way = ["AwaitOutcome", "AskProvider", "HowLongToSleep", second]
    way += ["AskProvider", "HowLongToSleep", "Settled"]
    assert SLEEPS["AwaitOutcome"]["TimeoutSeconds"] + SLEEPS[second]["TimeoutSeconds"] >= 25
    assert len(way) <= 7
    for here, there in pairwise(way):
        assert there in [*targets(WATCH[here])]


@pytest.mark.parametrize("name", SLEEPS)
def test_a_watch_that_is_woken_enters_no_other_state(name: str) -> None:
    assert SLEEPS[name]["End"] is True
    assert "Next" not in SLEEPS[name]


@pytest.mark.parametrize("name", SLEEPS)
def test_a_watch_sleeps_only_while_its_attempt_is_live(name: str) -> None:
    asked = SLEEPS[name]["Arguments"]
    assert SLEEPS[name]["Resource"].endswith("dynamodb:updateItem.waitForTaskToken")
    assert asked["ConditionExpression"] == "live_attempt = :attempt"
    assert asked["ExpressionAttributeValues"][":attempt"] == {
        "S": "{% $states.context.Execution.Input.attempt %}"
    }
    caught = {error: way["Next"] for way in SLEEPS[name]["Catch"] for error in way["ErrorEquals"]}
    assert caught["DynamoDb.ConditionalCheckFailedException"] == "Settled"
    assert caught["States.Timeout"] == "AskProvider"


@pytest.mark.parametrize("name", SLEEPS)
def test_falling_asleep_is_no_news(name: str) -> None:
    # The stream would otherwise hand the watch's own write back to it.
    values = SLEEPS[name]["Arguments"]["ExpressionAttributeValues"]
    assert values[":nothing"] == {"S": News.NOTHING.value}
    assert "news = :nothing" in SLEEPS[name]["Arguments"]["UpdateExpression"]


def test_a_question_that_fails_is_asked_again_later() -> None:
    (caught,) = WATCH["AskProvider"]["Catch"]
    assert caught["ErrorEquals"] == ["States.ALL"]
    assert caught["Next"] == "HowLongToSleep"
    assert caught["Assign"] == {"asked": "{% $asked + 1 %}", "settled": False}


def test_a_delivery_that_succeeds_enters_one_state() -> None:
    deliver = MACHINES["deliver_webhook"]
    assert deliver["StartAt"] == "Deliver"
    assert deliver["States"]["Deliver"]["End"] is True


def test_no_person_is_in_what_a_machine_is_given() -> None:
    for machine in MACHINES.values():
        asked = re.findall(r"Execution\.Input\.(\w+)", json.dumps(machine))
        assert set(asked) <= {"payment_id", "attempt", "version", "round"}

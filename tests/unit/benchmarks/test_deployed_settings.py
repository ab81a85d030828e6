from typing import Any

import pytest

from tests.benchmarks.cost.deployed_settings import DeployedSettings, deployed_settings
from tests.benchmarks.cost.outcomes import OUTCOMES

CONDITIONS = {
    "IsOn": {"Fn::Equals": [{"Ref": "Switch"}, "true"]},
    "IsOff": {"Fn::Not": [{"Condition": "IsOn"}]},
    "IsBoth": {"Fn::And": [{"Condition": "IsOn"}, {"Condition": "IsOff"}]},
}


def with_tracing(told: object, *, switch: str) -> DeployedSettings:
    machine = {"Properties": {"Tracing": {"Enabled": told}}}
    template: dict[str, Any] = {
        "Conditions": CONDITIONS,
        "Globals": {"Function": {"Tracing": told, "MemorySize": 512}},
        "Resources": {
            "Pay": {"Properties": {}},
            "Sweep": {"Properties": {"MemorySize": 1024}},
            "WatchAttempt": machine,
            "DeliverWebhook": {"Properties": {}},
        },
    }
    return DeployedSettings(template, {"Switch": switch})


def test_the_template_says_memory_and_architecture() -> None:
    settings = deployed_settings()
    assert settings.architecture == "arm64"
    assert settings.gigabytes("Initialize") == 0.5
    assert deployed_settings(Architecture="x86_64").architecture == "x86_64"


def test_a_function_may_have_memory_of_its_own() -> None:
    settings = with_tracing("Active", switch="true")
    assert (settings.gigabytes("Pay"), settings.gigabytes("Sweep")) == (0.5, 1.0)
    smaller = settings.with_memory(256)
    assert (smaller.gigabytes("Pay"), smaller.gigabytes("Sweep")) == (0.25, 1.0)


@pytest.mark.parametrize(
    ("condition", "switch", "expected"),
    [
        ("IsOn", "true", True),
        ("IsOn", "false", False),
        ("IsOff", "true", False),
        ("IsOff", "false", True),
        ("IsBoth", "true", False),
    ],
)
def test_tracing_may_hang_on_a_condition(condition: str, switch: str, *, expected: bool) -> None:
    settings = with_tracing({"Fn::If": [condition, "Active", "PassThrough"]}, switch=switch)
    assert settings.is_traced("Pay") is expected
    settings = with_tracing({"Fn::If": [condition, True, False]}, switch=switch)
    assert settings.is_machine_traced("Watch") is expected


def test_a_machine_that_says_nothing_is_not_traced() -> None:
    assert not with_tracing(told=True, switch="true").is_machine_traced("Deliver")


def test_an_unknown_kind_of_condition_is_not_guessed() -> None:
    with pytest.raises(LookupError, match="no such condition"):
        with_tracing("Active", switch="true").holds({"Fn::Or": []})


@pytest.mark.parametrize("is_on", [True, False])
def test_tracing_can_be_thought_otherwise(*, is_on: bool) -> None:
    settings = deployed_settings().with_tracing(is_on=is_on)
    assert settings.is_traced("Page") is is_on
    assert settings.is_machine_traced("Watch") is is_on
    assert settings.is_machine_traced("Deliver") is is_on


def test_a_line_of_the_access_log_is_as_long_as_what_stands_in_it() -> None:
    settings = deployed_settings()
    line = settings.access_line("/docs")
    assert settings.access_line("/docs/more") == line + len("/more")
    assert 150 < line < 400


def test_every_outcome_has_a_name_of_its_own() -> None:
    assert len({outcome.name for outcome in OUTCOMES}) == len(OUTCOMES) == 5

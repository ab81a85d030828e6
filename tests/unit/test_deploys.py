"""How new code comes in: by a version, a tenth of the calls first, and back when calls break.

infra/decisions/0014-deploys-are-gradual.md says why.
"""

import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from typing import Any

import pytest

from tests.unit.test_backups import overrides
from tests.unit.transformed import (
    Resource,
    named_in,
    of_type,
    resources,
    transformed,
    whole,
    written,
)

GRADUAL: Mapping[str, str] = {"GradualDeployment": "true"}
AT_ONCE: Mapping[str, str] = {"GradualDeployment": "false"}
EITHER_WAY = pytest.mark.parametrize("chosen", [GRADUAL, AT_ONCE], ids=["gradual", "at once"])
FUNCTIONS = sorted(of_type("AWS::Lambda::Function"))
# These name functions without calling them.
BESIDE = {
    "AWS::Lambda::Alias",
    "AWS::Lambda::Version",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
}
CANARY_MINUTES = 10


def alias_of(function: str) -> str:
    return f"{function}Aliaslive"


def version_of(function: str, chosen: Mapping[str, str]) -> tuple[str, Resource]:
    (found,) = (
        (name, version)
        for name, version in of_type("AWS::Lambda::Version", **chosen).items()
        if version["Properties"]["FunctionName"] == {"Ref": function}
    )
    return found


@EITHER_WAY
def test_whatever_calls_a_function_calls_the_version_that_is_live(chosen: dict[str, str]) -> None:
    assert FUNCTIONS
    called = {
        (name, to)
        for name, resource in resources(**chosen).items()
        if resource["Type"] not in BESIDE
        for to in named_in(resource)
    }
    past_the_alias = {(name, to) for name, to in called if to in FUNCTIONS}
    assert past_the_alias == set()
    assert {to for _, to in called} >= {alias_of(function) for function in FUNCTIONS}


@EITHER_WAY
def test_every_route_leads_to_the_version_that_is_live(chosen: dict[str, str]) -> None:
    paths = resources(**chosen)["Api"]["Properties"]["Body"]["paths"]
    addresses = [
        method["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path in paths.values()
        for method in path.values()
        if "x-amazon-apigateway-integration" in method
    ]
    assert len(addresses) > len(paths)
    assert all(re.search(r"/\$\{\w+Aliaslive\}/invocations$", address) for address in addresses)


@EITHER_WAY
@pytest.mark.parametrize("kind", ["AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"])
def test_streams_and_permissions_name_the_version_that_is_live(
    chosen: dict[str, str], kind: str
) -> None:
    named = [one["Properties"]["FunctionName"] for one in of_type(kind, **chosen).values()]
    assert named
    assert all(name in [{"Ref": alias_of(function)} for function in FUNCTIONS] for name in named)


@EITHER_WAY
@pytest.mark.parametrize(
    ("machine", "function"), [("WatchAttempt", "AskProvider"), ("DeliverWebhook", "Deliver")]
)
def test_a_state_machine_invokes_the_version_that_is_live_and_may_invoke_no_other(
    chosen: dict[str, str], machine: str, function: str
) -> None:
    live = {"Ref": alias_of(function)}
    every = resources(**chosen)
    assert every[machine]["Properties"]["DefinitionSubstitutions"][function] == live
    assert [
        statement["Resource"]
        for policy in every[f"{machine}Role"]["Properties"]["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Action"] == "lambda:InvokeFunction"
    ] == [live]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_in_production_a_tenth_of_the_calls_tries_new_code_first(function: str) -> None:
    every = resources(**GRADUAL)
    assert every[alias_of(function)]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"] == {
        "ApplicationName": {"Ref": "ServerlessDeploymentApplication"},
        "DeploymentGroupName": {"Ref": f"{function}DeploymentGroup"},
    }
    group = every[f"{function}DeploymentGroup"]
    assert group["Properties"]["DeploymentConfigName"] == {
        "Fn::Sub": [
            "CodeDeployDefault.Lambda${ConfigName}",
            {"ConfigName": f"Canary10Percent{CANARY_MINUTES}Minutes"},
        ]
    }
    assert group.get("Condition") == every[function].get("Condition")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_deploy_goes_back_when_the_alarm_rings(function: str) -> None:
    group = resources(**GRADUAL)[f"{function}DeploymentGroup"]["Properties"]
    on_aws = {"Enabled": True, "Alarms": [{"Name": {"Ref": "DeployFailing"}}]}
    assert group["AlarmConfiguration"] == {"Fn::If": ["IsOnAws", on_aws, {}]}
    assert group["AutoRollbackConfiguration"]["Enabled"] is True
    assert "DEPLOYMENT_STOP_ON_ALARM" in group["AutoRollbackConfiguration"]["Events"]


def test_the_alarm_can_ring_while_few_calls_try_the_new_code() -> None:
    alarm = resources(**GRADUAL)["DeployFailing"]
    assert alarm["Condition"] == "IsOnAws"
    looked_at = alarm["Properties"]
    periods = {
        metric["MetricStat"]["Period"] for metric in looked_at["Metrics"] if "MetricStat" in metric
    }
    assert len(periods) == 1
    assert looked_at["DatapointsToAlarm"] * max(periods) <= CANARY_MINUTES * 60 / 2
    assert looked_at["EvaluationPeriods"] * max(periods) <= CANARY_MINUTES * 60


def test_the_alarm_sees_the_api_and_what_works_behind_it() -> None:
    metrics = resources(**GRADUAL)["DeployFailing"]["Properties"]["Metrics"]
    seen = {
        one["MetricStat"]["Metric"]["MetricName"]: one["Id"]
        for one in metrics
        if "MetricStat" in one
    }
    assert seen.keys() == {"5XXError", "Errors", "Crashed"}
    (sum_of_all,) = (one["Expression"] for one in metrics if "Expression" in one)
    assert all(f"FILL({name}, 0)" in sum_of_all for name in seen.values())
    stage = next(iter(of_type("AWS::ApiGateway::Stage").values()))["Properties"]["StageName"]
    (api,) = (one for one in metrics if one["Id"] == seen["5XXError"])
    assert {"Name": "Stage", "Value": stage} in api["MetricStat"]["Metric"]["Dimensions"]


def test_elsewhere_new_code_comes_in_at_once() -> None:
    kinds = {resource["Type"] for resource in resources(**AT_ONCE).values()}
    assert not any(kind.startswith("AWS::CodeDeploy::") for kind in kinds)
    assert "CodeDeployServiceRole" not in resources(**AT_ONCE)
    aliases = of_type("AWS::Lambda::Alias", **AT_ONCE)
    assert len(aliases) == len(FUNCTIONS)
    assert not any("UpdatePolicy" in alias for alias in aliases.values())


def test_production_is_gradual_and_the_sandbox_and_the_local_stack_are_not() -> None:
    assert overrides("production")["GradualDeployment"] == "true"
    assert overrides("sandbox")["GradualDeployment"] == "false"
    # The local AWS transforms the template with the defaults, whatever it is given.
    assert whole()["Parameters"]["GradualDeployment"]["Default"] == "false"


@EITHER_WAY
def test_nothing_waits_for_itself(chosen: dict[str, str]) -> None:
    """An alarm that named an alias, or the API's stage, would wait for the deploy it watches."""
    every = resources(**chosen)
    waits = {name: set(named_in(resource)) & every.keys() for name, resource in every.items()}
    for name, resource in every.items():
        after = resource.get("DependsOn", [])
        waits[name] |= {after} if isinstance(after, str) else set(after)
    assert len(list(TopologicalSorter(waits).static_order())) == len(every)


def chosen_by(part: object, every: Mapping[str, Resource]) -> Iterator[str]:
    """The parameters that a part says the value of, by itself or by the texts that it quotes."""
    for name in named_in(part):
        if name in whole()["Parameters"]:
            yield name
        elif name in every and every[name]["Type"] == "AWS::SSM::Parameter":
            yield from chosen_by(every[name]["Properties"], every)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_version_is_made_when_a_parameter_that_a_function_is_told_changes(function: str) -> None:
    """And only then: CloudFormation fails where there is no difference to make a version of."""
    # The local stack is made anew each time.
    every = resources()
    told = set(chosen_by(every[function]["Properties"], {})) - {"LocalEndpoint"}
    _, version = version_of(function, {})
    described: Any = version["Properties"].get("Description", "")
    assert set(chosen_by(described, every)) == told
    # By now the parameters that stand for others are looked at as well.
    assert {"PythonRuntime", "PublicBaseUrl", "KpayBaseUrl"} <= told


def test_a_version_is_made_when_anything_else_of_a_function_changes() -> None:
    """SAM names versions by a hash of what it looks at, so another name is another version."""
    changed = written()
    changed["Globals"]["Function"]["Timeout"] -= 1
    versions = set(of_type("AWS::Lambda::Version"))
    with_another_timeout = {
        name
        for name, resource in transformed(changed)["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Version"
    }
    keeps_its_own = {
        version_of(function, {})[0]
        for function, properties in written()["Resources"].items()
        if "Timeout" in properties["Properties"] and function in FUNCTIONS
    }
    assert len(with_another_timeout) == len(FUNCTIONS)
    assert versions & with_another_timeout == keeps_its_own

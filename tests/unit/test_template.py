"""template.yaml against the code that it deploys."""

import importlib
import re
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
FUNCTIONS = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::Function"
}
MACHINES = {
    name: resource["Properties"]
    for name, resource in TEMPLATE["Resources"].items()
    if resource["Type"] == "AWS::Serverless::StateMachine"
}
# One answers what is no route, the other tells what is; neither asks anybody.
NEEDS_NOTHING = {"TurnAway", "Describe"}
# Lambda's Python brings these along.
RUNTIME = ["boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "urllib3", "six"]
SECRETS = re.compile(
    r"arn:\$\{AWS::Partition\}:ssm:\$\{AWS::Region\}:\$\{AWS::AccountId\}"
    r":parameter/ishyura/\$\{AWS::StackName\}/(providers|providers/[a-z]+|webhook-secret)/\*"
)


def statements(properties: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in properties.get("Policies", ()):
        yield from policy["Statement"]


def listed(value: Any) -> list[Any]:  # noqa: ANN401  # YAML's
    return value if isinstance(value, list) else [value]


def resources(statement: dict[str, Any]) -> Iterator[str]:
    """Every resource of a statement as text, as it is on AWS and not on the local stack."""
    for resource in listed(statement["Resource"]):
        is_by_place = isinstance(resource, dict) and resource.get("Fn::If", [""])[0] == "IsLocal"
        yield str(resource["Fn::If"][2] if is_by_place else resource)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_is_there(name: str) -> None:
    path, attribute = FUNCTIONS[name]["Handler"].rsplit(".", 1)
    assert attribute == "handler"
    module = importlib.import_module(path.replace("/", "."))
    assert callable(module.handler)
    assert module.__file__ == str(ROOT / "functions" / f"{path}.py")


def test_every_handler_in_the_code_is_deployed() -> None:
    written = {
        f"{path.parent.name}/{path.stem}.handler"
        for path in (ROOT / "functions").glob("*/*.py")
        if re.search(r"^(def handler\(|handler = )", path.read_text(), re.MULTILINE)
    }
    assert written == {properties["Handler"] for properties in FUNCTIONS.values()}


def test_all_functions_are_one_artefact() -> None:
    assert TEMPLATE["Globals"]["Function"]["CodeUri"] == "functions/"
    for properties in FUNCTIONS.values():
        assert {"CodeUri", "Metadata", "Architectures", "Runtime"}.isdisjoint(properties)


def test_no_folder_hides_a_library() -> None:
    lock = (ROOT / "functions" / "requirements.txt").read_text()
    locked = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    theirs = {
        file.parts[0].removesuffix(".py")
        for name in [*locked, *RUNTIME]
        for file in distribution(name).files or ()
    }
    ours = {path.name for path in (ROOT / "functions").iterdir() if path.is_dir()}
    assert {"httpx", "pydantic", "boto3"} <= theirs
    assert ours.isdisjoint(theirs | sys.stdlib_module_names)


@pytest.mark.parametrize("name", [*FUNCTIONS, *MACHINES])
def test_everyone_may_do_what_is_named_and_nothing_by_wildcard(name: str) -> None:
    granted = list(statements((FUNCTIONS | MACHINES)[name]))
    assert bool(granted) is (name not in NEEDS_NOTHING)
    for statement in granted:
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in listed(statement["Action"]))
        for resource in resources(statement):
            assert "*" not in resource or SECRETS.search(resource), resource


@pytest.mark.parametrize("name", [*FUNCTIONS, *MACHINES])
def test_tables_are_named_whole(name: str) -> None:
    for statement in statements((FUNCTIONS | MACHINES)[name]):
        if any(action.startswith("dynamodb:") for action in listed(statement["Action"])):
            for resource in resources(statement):
                assert re.search(
                    r"\['(Payments|Merchants)', '(Stream)?Arn'\]|\$\{(Payments|Merchants)\.Arn\}",
                    resource,
                )


def test_a_receiver_reads_its_own_providers_secrets_alone() -> None:
    for name, properties in FUNCTIONS.items():
        if properties["Handler"].startswith("webhooks/"):
            provider = properties["Handler"].removeprefix("webhooks/").removesuffix(".handler")
            for statement in statements(properties):
                if statement["Action"] == "ssm:GetParameter":
                    (secrets,) = resources(statement)
                    assert secrets.endswith(f"/providers/{provider}/*'}}"), name


def test_nobody_but_the_local_stack_lets_loopback_in() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["LOOPBACK_ALLOWED"] == {"Fn::If": ["IsLocal", "true", {"Ref": "AWS::NoValue"}]}
    assert variables["AWS_ENDPOINT_URL"]["Fn::If"][2] == {"Ref": "AWS::NoValue"}
    assert TEMPLATE["Parameters"]["Local"]["Default"] == "false"
    own = [
        properties.get("Environment", {}).get("Variables", {}) for properties in FUNCTIONS.values()
    ]
    assert not any("LOOPBACK_ALLOWED" in variables for variables in own)


@pytest.mark.parametrize("name", MACHINES)
def test_every_name_in_a_state_machine_is_filled_in(name: str) -> None:
    definition = (ROOT / MACHINES[name]["DefinitionUri"]).read_text()
    assert set(re.findall(r"\$\{(\w+)\}", definition)) == set(
        MACHINES[name]["DefinitionSubstitutions"]
    )

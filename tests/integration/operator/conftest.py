"""A deployed stack, and the command line that runs it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.operator.app import app
from infra.operator.deployment import Deployment, on_aws
from tests.integration.internet import BASE_URLS
from tests.integration.operator.stand_in_cloudformation import Stacks, serving

STACK = "shop-sandbox"
PARAMETERS = {
    "PublicBaseUrl": "",
    "RwfPerUsd": "1500",
    **{f"{provider.capitalize()}BaseUrl": address for provider, address in BASE_URLS.items()},
}
Run = Callable[..., Result]
Answer = Callable[..., Any]


@pytest.fixture
def stacks(
    monkeypatch: pytest.MonkeyPatch,
    aws: None,  # noqa: ARG001  # moto must stand first
) -> Iterator[Stacks]:
    """The stacks that CloudFormation knows: name -> outputs."""
    known: Stacks = {}
    with serving(known, PARAMETERS) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", address)
        yield known


@pytest.fixture
def deployment(stacks: Stacks, merchants_table: str, payments_table: str) -> Deployment:
    stacks[STACK] = {
        "PaymentsTable": payments_table,
        "MerchantsTable": merchants_table,
        "ParameterPrefix": f"/ishyura/{STACK}",
        "ApiUrl": "https://pay.example/api/v1",
    }
    return on_aws(STACK)


@pytest.fixture
def run(deployment: Deployment) -> Run:
    """Run a command on the stack, as typed."""
    assert deployment.api_url == "https://pay.example/api/v1"

    def typed(*words: str, typing: str | None = None) -> Result:
        return CliRunner().invoke(app, ["--stack", STACK, *words], input=typing)

    return typed


@pytest.fixture
def answer(run: Run) -> Answer:
    """Run a command that must succeed, and read its JSON."""

    def parsed(*words: str) -> Any:  # noqa: ANN401  # JSON is anything
        result = run(*words, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return parsed


@pytest.fixture
def merchant_id(answer: Answer) -> str:
    enrolled: str = answer("merchants", "enrol", "Ikawa House")["merchant_id"]
    return enrolled

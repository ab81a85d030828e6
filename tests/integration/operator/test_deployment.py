import json
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import NoCredentialsError
from typer.testing import CliRunner

from infra.operator.app import app
from infra.operator.deployment import Deployment, on_this_machine
from tests.integration.internet import BASE_URLS
from tests.integration.operator.conftest import STACK
from tests.integration.operator.stand_in_cloudformation import Stacks

LOCAL_STACK = {
    "api": "http://localhost:4566/_aws/execute-api/ishyura/pay/api/v1",
    "region": "us-east-1",
    "endpoint": "http://localhost:4566",
    "parameter_prefix": "/ishyura/local",
    "tables": {"payments": "LocalPayments", "merchants": "LocalMerchants"},
    "providers": {"kpay": "http://localhost:8081/"},
}
ROOT = Path(__file__).parents[3]


def test_a_stack_on_aws_is_found_by_its_outputs(deployment: Deployment) -> None:
    assert deployment.merchants.table == "Merchants"
    assert deployment.payments_table == "Payments"
    assert deployment.parameter_prefix == f"/ishyura/{STACK}"
    assert not deployment.loopback_allowed


def test_a_stack_on_aws_tells_where_the_providers_are_and_what_a_dollar_is_worth(
    deployment: Deployment,
) -> None:
    assert deployment.provider_base_urls == BASE_URLS
    assert deployment.rates == {"USD": 1500, "EUR": 1650}


@pytest.mark.usefixtures("stacks")
def test_a_stack_that_is_not_there_is_named() -> None:
    refused = CliRunner().invoke(app, ["--stack", "nowhere", "merchants", "list"])
    assert refused.exit_code == 1
    assert refused.output == "Error: There is no stack nowhere in this account and region\n"


def test_a_stack_of_something_else_is_not_taken_for_a_gateway(stacks: Stacks) -> None:
    stacks["blog"] = {"Address": "https://blog.example"}
    refused = CliRunner().invoke(app, ["--stack", "blog", "merchants", "list"])
    assert refused.exit_code == 1
    assert "is it this gateway?" in refused.output


def test_missing_credentials_are_told_without_a_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    refused = CliRunner().invoke(app, ["--stack", STACK, "merchants", "list"])
    assert refused.exit_code == 1
    assert refused.output == f"Error: {NoCredentialsError()}\n"


@pytest.mark.parametrize("options", [[], ["--stack", STACK, "--local"]])
def test_which_deployment_must_be_said_once(options: list[str]) -> None:
    refused = CliRunner().invoke(app, [*options, "merchants", "list"])
    assert refused.exit_code == 2
    assert "--local" in refused.output


def test_help_needs_no_deployment() -> None:
    assert CliRunner().invoke(app, ["keys", "rotate", "--help"]).exit_code == 0


def test_the_local_stack_is_found_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "stack.json"
    file.write_text(json.dumps(LOCAL_STACK), encoding="utf-8")
    deployment = on_this_machine(file)
    assert deployment.merchants.table == "LocalMerchants"
    assert deployment.merchants.client.meta.endpoint_url == "http://localhost:4566"
    assert deployment.ssm.meta.endpoint_url == "http://localhost:4566"
    assert deployment.ssm.meta.region_name == "us-east-1"
    assert deployment.parameter_prefix == "/ishyura/local"
    assert deployment.provider_base_urls == {"kpay": "http://localhost:8081/"}
    assert deployment.public_url == "http://localhost:4566/_aws/execute-api/ishyura/pay"
    assert deployment.loopback_allowed


def test_a_local_stack_that_does_not_run_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    refused = CliRunner().invoke(app, ["--local", "merchants", "list"])
    assert refused.exit_code == 1
    assert refused.output == (
        "Error: No local stack is running here (.local/stack.json is missing)\n"
    )


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"region": "us-east-1", "endpoint": 1}'])
def test_a_broken_stack_file_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".local").mkdir()
    (tmp_path / ".local/stack.json").write_text(content, encoding="utf-8")
    refused = CliRunner().invoke(app, ["--local", "merchants", "list"])
    assert refused.exit_code == 1
    assert "does not describe a local stack" in refused.output


def test_the_command_line_starts_from_the_root_without_a_python_path() -> None:
    started = subprocess.run(
        [sys.executable, "-m", "infra.operator", "--help"],
        cwd=ROOT,
        env={"PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stderr
    assert "merchants" in started.stdout

"""What stands between the ledger and its loss (infra/decisions/0014-deploys-are-gradual.md)."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.unit.transformed import of_type, whole

CONFIGURED: dict[str, Any] = tomllib.loads(
    (Path(__file__).parents[2] / "samconfig.toml").read_text()
)
TABLES = ["Merchants", "Payments"]
EITHER_WAY = pytest.mark.parametrize("gradual", ["true", "false"])


def overrides(place: str) -> dict[str, str]:
    """The parameters that `sam deploy --config-env place` gives."""
    given = CONFIGURED[place]["deploy"]["parameters"].get("parameter_overrides", "")
    return dict(pair.split("=", 1) for pair in given.split())


@EITHER_WAY
def test_the_tables_are_the_two_that_are_looked_at_here(gradual: str) -> None:
    assert sorted(of_type("AWS::DynamoDB::Table", GradualDeployment=gradual)) == TABLES


@EITHER_WAY
@pytest.mark.parametrize("name", TABLES)
def test_a_table_can_be_brought_back_to_any_second_of_the_last_35_days(
    name: str, gradual: str
) -> None:
    table = of_type("AWS::DynamoDB::Table", GradualDeployment=gradual)[name]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


@EITHER_WAY
@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_encrypted(name: str, gradual: str) -> None:
    table = of_type("AWS::DynamoDB::Table", GradualDeployment=gradual)[name]["Properties"]
    assert table["SSESpecification"] == {"SSEEnabled": True}


@EITHER_WAY
@pytest.mark.parametrize("name", TABLES)
def test_a_table_outlives_its_stack(name: str, gradual: str) -> None:
    table = of_type("AWS::DynamoDB::Table", GradualDeployment=gradual)[name]
    # A first deploy that fails takes back what it has just made, and nobody's payment is in it.
    assert table["DeletionPolicy"] == "RetainExceptOnCreate"
    assert table["UpdateReplacePolicy"] == "Retain"


@EITHER_WAY
@pytest.mark.parametrize("name", TABLES)
def test_a_table_cannot_be_deleted_unless_somebody_says_so(name: str, gradual: str) -> None:
    table = of_type("AWS::DynamoDB::Table", GradualDeployment=gradual)[name]["Properties"]
    assert table["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert whole()["Parameters"]["DeletionProtection"]["Default"] == "true"


def test_production_protects_its_tables_and_the_sandbox_does_not() -> None:
    assert overrides("production")["DeletionProtection"] == "true"
    assert overrides("sandbox")["DeletionProtection"] == "false"

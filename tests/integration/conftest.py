"""AWS in process: moto, with the two tables as template.yaml makes them."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeDefinitionTypeDef, KeySchemaElementTypeDef
    from mypy_boto3_ssm import SSMClient

RESOURCES: dict[str, Any] = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text())[
    "Resources"
]
TABLE = RESOURCES["Payments"]["Properties"]
MERCHANTS_TABLE = RESOURCES["Merchants"]["Properties"]
BY_PK_AND_SK: "list[KeySchemaElementTypeDef]" = [
    {"AttributeName": "pk", "KeyType": "HASH"},
    {"AttributeName": "sk", "KeyType": "RANGE"},
]
PK_AND_SK: "list[AttributeDefinitionTypeDef]" = [
    {"AttributeName": "pk", "AttributeType": "S"},
    {"AttributeName": "sk", "AttributeType": "S"},
]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moto in place of AWS, with credentials that open nothing should a call escape it."""
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield


@pytest.fixture
def dynamodb(aws: None) -> "DynamoDBClient":  # noqa: ARG001  # moto must stand first
    return boto3.client("dynamodb")


@pytest.fixture
def ssm(aws: None) -> "SSMClient":  # noqa: ARG001  # moto must stand first
    return boto3.client("ssm")


@pytest.fixture
def payments_table(dynamodb: "DynamoDBClient") -> str:
    dynamodb.create_table(
        TableName="Payments",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=BY_PK_AND_SK,
        AttributeDefinitions=TABLE["AttributeDefinitions"],
        GlobalSecondaryIndexes=TABLE["GlobalSecondaryIndexes"],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return "Payments"


@pytest.fixture
def merchants_table(dynamodb: "DynamoDBClient") -> str:
    dynamodb.create_table(
        TableName="Merchants",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=BY_PK_AND_SK,
        AttributeDefinitions=MERCHANTS_TABLE["AttributeDefinitions"],
        GlobalSecondaryIndexes=MERCHANTS_TABLE["GlobalSecondaryIndexes"],
    )
    return "Merchants"

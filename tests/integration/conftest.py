"""AWS in process: moto, with the two tables as template.yaml makes them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from tests.integration.tables import make_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient


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
    return make_table(dynamodb, "Payments")


@pytest.fixture
def merchants_table(dynamodb: "DynamoDBClient") -> str:
    return make_table(dynamodb, "Merchants")

"""The floor makes the very calls that our functions make, and answers as they do."""

import importlib
import importlib.util
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest

from infra.operator.deployment import Deployment
from ledger.merchants import Merchants
from plumbing import wiring
from tests.benchmarks.runtime.aws_side import BASE_URL, MERCHANTS, PAYMENTS, PREFIX, AwsSide
from tests.benchmarks.runtime.operations import OPERATIONS, Operation
from tests.integration.gateway import machine_arn, make_machines
from tests.integration.rest_events import Context, Handler
from tests.integration.tables import RESOURCES, make_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ssm import SSMClient

FLOOR = Path(__file__).parents[2] / "benchmarks" / "floor"
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


@pytest.fixture
def aws_side(
    monkeypatch: pytest.MonkeyPatch,
    aws_calls: list[str],  # noqa: ARG001  # every client must be one that is listened to
    dynamodb: "DynamoDBClient",
    ssm: "SSMClient",
) -> Iterator[AwsSide]:
    make_tables(dynamodb)
    make_machines()
    deployment = Deployment(
        merchants=Merchants(dynamodb, MERCHANTS),
        dynamodb=dynamodb,
        ssm=ssm,
        parameter_prefix=PREFIX,
        payments_table=PAYMENTS,
        api_url=f"{BASE_URL}/api/v1",
        loopback_allowed=False,
    )
    aws = AwsSide(
        dynamodb,
        boto3.client("stepfunctions"),
        deployment,
        endpoint="",
        machine=machine_arn("Watch"),
    )
    told = {name: value for name, value in aws.told().items() if not name.startswith("AWS_")}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    wiring.forget()
    yield aws
    wiring.forget()


def our_handler(operation: Operation) -> Handler:
    path: str = RESOURCES[operation.function]["Properties"]["Handler"]
    module, _, name = path.replace("/", ".").rpartition(".")
    handler: Handler = getattr(importlib.import_module(module), name)
    return handler


def floors_handler(operation: Operation) -> Handler:
    """As a fresh process has it: its client is made at import."""
    spec = importlib.util.spec_from_file_location("floor", FLOOR / f"{operation.floor}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler


def calls_of(
    handler: Handler, operation: Operation, aws: AwsSide, calls: list[str]
) -> list[list[str]]:
    """What it asks of AWS for the first event and for the next, each answered as is due."""
    shop = aws.enrol("Ikawa House")
    made = []
    for _ in range(2):
        question = operation.question(aws, shop)
        calls.clear()
        answer = handler(question.event, Context())
        made.append(list(calls))
        question.check(answer)
    return made


@EVERY
def test_it_makes_our_calls_cold_and_warm(
    operation: Operation, aws_side: AwsSide, aws_calls: list[str]
) -> None:
    ours = calls_of(our_handler(operation), operation, aws_side, aws_calls)
    assert calls_of(floors_handler(operation), operation, aws_side, aws_calls) == ours


@EVERY
def test_the_calls_are_those_that_are_told(
    operation: Operation, aws_side: AwsSide, aws_calls: list[str]
) -> None:
    _, warm = calls_of(our_handler(operation), operation, aws_side, aws_calls)
    counted = Counter(call.partition(".")[2] for call in warm)
    assert ", ".join(f"{count} {name}" for name, count in counted.items()) == operation.calls

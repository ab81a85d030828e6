"""Under its own role each function does its whole work: nothing that it needs is denied to it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from infra.local.stack_file import StackFile
from tests.e2e.every_route import a_walk
from tests.e2e.merchant import PATIENCE, Merchant
from tests.e2e.patience import eventually
from tests.e2e.tried.deployed import physical_ids
from tests.figures import publish

# What no request leads to is called as its schedule calls it.
SCHEDULED = {"Sweep"}
DENIALS = ("AccessDenied", "is not authorized to perform")
BEGUN = "START RequestId"
DENY_READING = {"Effect": "Deny", "Action": "dynamodb:GetItem", "Resource": "*"}

Line = Mapping[str, Any]


@pytest.fixture(scope="module")
def functions(merchant: Merchant) -> dict[str, str]:
    """The functions' names by logical id."""
    return physical_ids(merchant.administrator)["AWS::Lambda::Function"]


def log_of(merchant: Merchant, function: str) -> list[Line]:
    logs = merchant.administrator("logs")
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
    try:
        return [line for page in pages for line in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []


def has_run(log: list[Line]) -> bool:
    return any(line["message"].startswith(BEGUN) for line in log)


def denials(log: list[Line]) -> list[Line]:
    return [line for line in log if any(word in line["message"] for word in DENIALS)]


def logs_of_all(merchant: Merchant, functions: Mapping[str, str]) -> dict[str, list[Line]]:
    return {name: log_of(merchant, function) for name, function in functions.items()}


def test_every_function_does_its_work_and_nothing_is_denied_to_it(
    merchant: Merchant, functions: Mapping[str, str]
) -> None:
    with a_walk(merchant) as walk:
        walk.go()
    for name in SCHEDULED & functions.keys():
        ran = merchant.administrator("lambda").invoke(FunctionName=functions[name])
        assert "FunctionError" not in ran, ran["Payload"].read()

    def idle() -> set[str]:
        logs = logs_of_all(merchant, functions)
        return {name for name, log in logs.items() if not has_run(log)}

    # The last lines come a moment after the last answer.
    eventually(lambda: not idle(), within=PATIENCE, what="a run of every function")
    denied = {
        name: [line["message"] for line in denials(log)]
        for name, log in logs_of_all(merchant, functions).items()
    }
    assert {name: lines for name, lines in denied.items() if lines} == {}
    publish("whole work under enforcement", f"{len(functions)} functions run, 0 calls denied")


@contextmanager
def reading_denied(merchant: Merchant, role: str) -> Iterator[None]:
    iam = merchant.administrator("iam")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [DENY_READING]})
    iam.put_role_policy(RoleName=role, PolicyName="denied", PolicyDocument=policy)
    try:
        yield
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="denied")


def test_a_function_that_is_denied_what_it_needs_says_so_in_its_log(
    merchant: Merchant, stack: StackFile, functions: Mapping[str, str]
) -> None:
    function = functions["ShowLogo"]
    logs = merchant.administrator("logs")
    told = merchant.administrator("lambda").get_function_configuration(FunctionName=function)
    with reading_denied(merchant, told["Role"].rpartition("/")[2]):
        answer = merchant.http.get(
            f"{stack['checkout']}/logos/{stack['merchant_id']}/of-a-role-that-may-not-read"
        )
    assert answer.status_code == 500
    found = eventually(
        lambda: denials(log_of(merchant, function)), within=PATIENCE, what="the denial in the log"
    )
    # So that it does not stand there as another test's.
    for stream in {line["logStreamName"] for line in found}:
        logs.delete_log_stream(logGroupName=f"/aws/lambda/{function}", logStreamName=stream)

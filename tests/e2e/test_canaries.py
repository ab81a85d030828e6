"""After payments of every ending: no person and no secret in any log line or execution's history.

What the local stack keeps is read as CloudWatch Logs and Step Functions give it. Last of the files
that start payments, or not: whatever ran before it is looked through as well.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from infra.local.stack_file import StackFile
from tests.e2e.merchant import Merchant
from tests.e2e.patience import eventually
from tests.figures import publish

PERSON = {"name": "Canary Umuhire", "email": "canary@umuhire.example", "phone": "0788987654"}
# The number as every wire has it, and the people's own words.
PEOPLE = ("Canary Umuhire", "umuhire.example", "788987654", "canary-words", "canary-meta")
ORDERED: Mapping[str, Any] = {
    "customer": PERSON,
    "description": "canary-words",
    "meta": {"note": "canary-meta"},
}
# Which ending each number brings (infra/local/simulators/kpay.py); the tokens stand in addresses.
ENDINGS = {"paid": "0788000001", "declined": "0788000003", "lost": "0788000006"}
PATIENCE = 90.0
# The demo merchant's password at K-Pay's simulator is this project's name, which every line has.
MADE_UP = "ishyura"


@pytest.fixture(scope="module")
def payments(merchant: Merchant) -> list[str]:
    """Payments of every provider, and of the sandbox, told to the shop; and requests that fail."""
    stack = merchant.stack
    sessions = []
    for phone in ENDINGS.values():
        sessions.append(merchant.open("live", **ORDERED)["session_id"])
        merchant.process(sessions[-1], phone)
    sessions.append(merchant.open("test", **ORDERED)["session_id"])
    merchant.process(sessions[-1], PERSON["phone"])
    for provider, other in stack["merchants"].items():
        keys = other["keys"]["live"]
        opened = merchant.initialize(
            "live",
            headers={"X-Public-Key": keys["public"], "X-Secret-Key": keys["secret"]},
            **ORDERED,
        )
        assert opened.status_code == 201, (provider, opened.text)
        sessions.append(opened.json()["data"]["session_id"])
        merchant.process(sessions[-1], PERSON["phone"])
    for path in ("kpay", "vpay", "dgspay", "rwandapay", "sandbox"):
        address = f"{stack['checkout']}/webhooks/{path}/0123456789ABCDEF01/canary-token"
        merchant.http.post(address, json=PERSON, headers={"X-VPay-Signature": "canary-words"})
    merchant.initialize("live", **{**ORDERED, "customer": {**PERSON, "email": "canary-words"}})
    for session in sessions[:4]:
        assert merchant.ending(session)["completed"]
    return sessions


def log_lines(merchant: Merchant) -> list[str]:
    """Every line in every log group."""
    logs = merchant.administrator("logs")
    return [
        event["message"]
        for group in paged(logs, "describe_log_groups", "logGroups")
        for stream in paged(
            logs, "describe_log_streams", "logStreams", logGroupName=group["logGroupName"]
        )
        for event in events_of(merchant, group["logGroupName"], stream["logStreamName"])
    ]


def events_of(merchant: Merchant, group: str, stream: str) -> Iterator[dict[str, Any]]:
    """A stream from its beginning, as far as its token moves."""
    logs = merchant.administrator("logs")
    asked: dict[str, Any] = {
        "logGroupName": group,
        "logStreamName": stream,
        "startFromHead": True,
    }
    while True:
        page = logs.get_log_events(**asked)
        yield from page["events"]
        if not page["events"] or page["nextForwardToken"] == asked.get("nextToken"):
            return
        asked["nextToken"] = page["nextForwardToken"]


def paged(client: Any, operation: str, key: str, **asked: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401  # boto3 names no type for all clients
    for page in client.get_paginator(operation).paginate(**asked):
        yield from page[key]


def histories(merchant: Merchant) -> dict[str, str]:
    """Every execution of both machines: input, output and every event of its history."""
    machines = merchant.administrator("stepfunctions")
    runs = [
        run
        for arn in merchant.stack["machines"].values()
        for run in paged(machines, "list_executions", "executions", stateMachineArn=arn)
    ]
    return {
        run["executionArn"]: json.dumps(
            [
                machines.describe_execution(executionArn=run["executionArn"]),
                list(
                    paged(
                        machines,
                        "get_execution_history",
                        "events",
                        executionArn=run["executionArn"],
                    )
                ),
            ],
            default=str,
        )
        for run in runs
    }


def secrets_of(merchant: Merchant) -> list[str]:
    """Everything that is stored as a secret: providers' credentials, what signs webhooks."""
    ssm = merchant.administrator("ssm")
    stored = paged(
        ssm,
        "get_parameters_by_path",
        "Parameters",
        Path=merchant.stack["parameter_prefix"],
        Recursive=True,
        WithDecryption=True,
    )
    return [secret for parameter in stored for secret in secrets_in(parameter["Value"])]


def secrets_in(value: str) -> Iterator[str]:
    """A parameter is a text, or JSON with secrets by their names."""
    told = json.loads(value) if value.startswith("{") else {"secret": value}
    for name, secret in told.items():
        # Names and numbers that a provider gives out are no secrets, and too short to look for.
        if isinstance(secret, str) and name in SECRET_NAMES:
            yield secret


SECRET_NAMES = {"secret", "password", "api_key", "webhook_secret", "secret_key", "current"}


def keys_of(stack: StackFile) -> list[str]:
    """The secret half of every pair that the stack gave out."""
    pairs = [stack["keys"], *(one["keys"] for one in stack["merchants"].values())]
    return [pair["secret"] for modes in pairs for pair in modes.values()]


def tokens_of(merchant: Merchant) -> list[str]:
    """The tokens in the addresses that the providers were given."""
    charges = [
        charge
        for base in merchant.stack["providers"].values()
        for charge in merchant.http.get(f"{base.rstrip('/')}/_simulator/charges").json()["charges"]
    ]
    return [
        charge[name].rsplit("/", 1)[1]
        for charge in charges
        for name in ("returl", "callback_url", "webhook_url")
        if charge.get(name)
    ]


def canaries(merchant: Merchant) -> list[str]:
    """Everything that nobody may find."""
    stored = [one for one in secrets_of(merchant) if one != MADE_UP]
    secret = {*stored, *keys_of(merchant.stack), *tokens_of(merchant)}
    assert len(secret) > 20
    assert all(len(one) > 7 for one in secret), sorted(secret, key=len)[:3]
    return [*PEOPLE, *secret, "canary-token"]


def test_no_log_line_tells_of_a_person_or_a_secret(merchant: Merchant, payments: list[str]) -> None:
    wanted = {"webhook tried", "webhook ignored"}

    def said() -> list[str] | None:
        lines = log_lines(merchant)
        return lines if all(any(word in line for line in lines) for word in wanted) else None

    lines = eventually(said, within=PATIENCE, what="the functions' own lines in the logs")
    assert len(payments) > 6
    looked_for = canaries(merchant)
    leaks = [(one, line[:400]) for line in lines for one in looked_for if one in line]
    assert leaks == []
    publish(
        "canaries", f"local stack: {len(lines):,} log lines, {len(looked_for)} canaries, 0 found"
    )


def test_no_execution_tells_of_a_person_or_a_secret(
    merchant: Merchant, payments: list[str]
) -> None:
    def ran() -> dict[str, str] | None:
        told = histories(merchant)
        names = " ".join(told)
        watched = [one for one in payments if one.removeprefix("CHK-") in names]
        return told if len(watched) == len(payments) else None

    told = eventually(ran, within=PATIENCE, what="an execution of each payment")
    looked_for = canaries(merchant)
    leaks = [(arn, one) for arn, text in told.items() for one in looked_for if one in text]
    assert leaks == []
    assert any("deliver" in arn.lower() for arn in told)
    publish(
        "canaries",
        f"local stack: {len(told)} executions with their histories, {len(looked_for)} canaries, "
        "0 found",
    )

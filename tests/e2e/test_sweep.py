"""The sweep as it is deployed: its schedule, and what it does under its own role."""

import json
from datetime import timedelta
from typing import Any

import pytest

from ledger.attributes import to_item
from ledger.payments import key
from payments.clock import iso, utc_now
from tests.e2e.merchant import PATIENCE, Merchant
from tests.e2e.patience import eventually

SCHEDULE = "rate(5 minutes)"


@pytest.fixture(scope="module")
def sweep(merchant: Merchant) -> str:
    """What the schedule calls."""
    schedules = merchant.administrator("events")
    (rule,) = [
        rule
        for rule in schedules.list_rules()["Rules"]
        if rule.get("ScheduleExpression") == SCHEDULE
    ]
    assert rule["State"] == "ENABLED"
    (target,) = schedules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    function: str = target["Arn"]
    return function


def swept(merchant: Merchant, sweep: str) -> dict[str, Any]:
    """Sweep now, as the schedule would."""
    ran = merchant.administrator("lambda").invoke(FunctionName=sweep, Payload="{}")
    told: dict[str, Any] = json.loads(ran["Payload"].read())
    assert "FunctionError" not in ran, told
    return told


def let_the_hour_go_by(merchant: Merchant, session_id: str) -> None:
    """Let a payment have been opened longer ago."""
    merchant.administrator("dynamodb").update_item(
        TableName=merchant.stack["tables"]["payments"],
        Key=to_item(key(session_id)),
        UpdateExpression="SET expires_at = :past, check_at = :past, news = :nothing",
        ExpressionAttributeValues=to_item(
            {":past": iso(utc_now() - timedelta(minutes=1)), ":nothing": "nothing"}
        ),
    )


def test_what_nobody_paid_expires_and_the_merchant_hears_of_it(
    merchant: Merchant, sweep: str
) -> None:
    opened = merchant.open("live")
    session_id, tx_ref = opened["session_id"], merchant.payment(opened["session_id"]).tx_ref
    let_the_hour_go_by(merchant, session_id)
    assert swept(merchant, sweep)["looked_at"] >= 1
    assert merchant.payment(session_id).status == "expired"
    eventually(
        lambda: [e for e in merchant.heard_by_shop(tx_ref) if e["event"] == "payment.expired"],
        within=PATIENCE,
        what="payment.expired",
    )

"""`announce` of a paid payment, by hand: the event's put, and the delivery's start."""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")
step_functions = boto3.client("stepfunctions")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    for record in event["Records"]:
        announce(record["dynamodb"]["NewImage"])
    return {"batchItemFailures": []}


def announce(payment: dict[str, Any]) -> None:
    session, version, now = payment["pk"]["S"], int(payment["version"]["N"]), datetime.now(UTC)
    event_id = f"evt_{session[4:]}_{version}"
    data = {
        "reference": payment["tx_ref"]["S"],
        "amount": int(payment["amount"]["N"]),
        "currency": payment["currency"]["S"],
        "status": payment["status"]["S"],
        "customer": {name: value["S"] for name, value in payment["customer"]["M"].items()},
        "paid_at": payment["paid_at"]["S"],
        "transaction_id": payment["transaction_id"]["S"],
        "mode": payment["mode"]["S"],
        "session_id": session,
        "version": version,
    }
    body = {"event": "payment.successful", "data": data, "timestamp": payment["paid_at"]["S"]}
    dynamodb.put_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Item={
            "pk": {"S": session},
            "sk": {"S": f"EVENT#{version:010}"},
            "owner": {"S": f"{payment['merchant_id']['S']}#{payment['mode']['S']}#events"},
            "event_id": {"S": event_id},
            "merchant_id": payment["merchant_id"],
            "mode": payment["mode"],
            "version": {"N": str(version)},
            "type": {"S": "payment.successful"},
            "reference": payment["tx_ref"],
            "body": {"S": json.dumps(body)},
            "created_at": {"S": f"{now:%Y-%m-%dT%H:%M:%SZ}"},
            "forgotten_at": {"N": str(int((now + timedelta(days=30)).timestamp()))},
            "state": {"S": "pending"},
            "tries": {"L": []},
            "resends": {"N": "0"},
            "resent_after": {"N": "0"},
            "news": {"S": "nothing"},
        },
        ConditionExpression="attribute_not_exists(pk)",
    )
    step_functions.start_execution(
        stateMachineArn=os.environ["DELIVER_MACHINE_ARN"],
        name=event_id,
        input=json.dumps({"payment_id": session, "version": version, "round": 0}),
    )

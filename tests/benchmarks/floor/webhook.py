"""The sandbox's webhook, by hand: one update that claims the question, one that settles."""

import hashlib
import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    table, now = os.environ["PAYMENTS_TABLE"], datetime.now(UTC)
    reference, token = event["pathParameters"]["attempt_ref"], event["pathParameters"]["token"]
    at, number = {"pk": {"S": f"CHK-{reference[:16]}"}, "sk": {"S": "PAYMENT"}}, reference[16:]
    payment = dynamodb.update_item(
        TableName=table,
        Key=at,
        UpdateExpression="SET asked_at = :now, asked_by = :me, news = :nothing",
        ConditionExpression=(
            "attempts.#n.token_hash = :token_hash"
            " AND (attribute_not_exists(asked_at) OR asked_at <= :pause_over)"
        ),
        ExpressionAttributeNames={"#n": number},
        ExpressionAttributeValues={
            ":token_hash": {"S": hashlib.sha256(token.encode()).hexdigest()},
            ":now": {"S": now.isoformat()},
            ":pause_over": {"S": (now - timedelta(seconds=2)).isoformat()},
            ":me": {"S": uuid.uuid4().hex},
            ":nothing": {"S": "nothing"},
        },
        ReturnValues="ALL_NEW",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )["Attributes"]
    ended_at, before = f"{now:%Y-%m-%dT%H:%M:%SZ}", int(payment["version"]["N"])
    attempt = payment["attempts"]["M"][number]["M"] | {
        "status": {"S": "paid"},
        "settled_by": {"S": "webhook"},
        "ended_at": {"S": ended_at},
        "provider_ref": {"S": f"SANDBOX-{reference}"},
    }
    mark = hashlib.sha256(reference.encode()).hexdigest()[:8].upper()
    owed = {"M": {"type": {"S": "payment.successful"}, "at": {"S": ended_at}}}
    changes: dict[str, Any] = {
        "updated_at": {"S": ended_at},
        "status": {"S": "successful"},
        "version": {"N": str(before + 1)},
        "attempts": {"M": {number: {"M": attempt}}},
        "paid_at": {"S": ended_at},
        "transaction_id": {"S": f"PAY-TEST-{mark}-{now:%Y%m%d%H%M%S}"},
        "owed": {"M": {str(before + 1): owed}},
        "write_id": {"S": uuid.uuid4().hex},
        "news": {"S": "status"},
    }
    dynamodb.update_item(
        TableName=table,
        Key=at,
        UpdateExpression=(
            f"SET {', '.join(f'#{name} = :{name}' for name in changes)}"
            " REMOVE live_attempt, task_token"
        ),
        ConditionExpression="#version = :version_before",
        ExpressionAttributeNames={f"#{name}": name for name in changes},
        ExpressionAttributeValues={
            **{f":{name}": value for name, value in changes.items()},
            ":version_before": payment["version"],
        },
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"reply": "OK"}),
    }

"""`verify` by session id, by hand: one read."""

import json
import os
from datetime import UTC, datetime
from typing import Any

import boto3

dynamodb = boto3.client("dynamodb")


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    session = event["pathParameters"]["reference"]
    payment = dynamodb.get_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Key={"pk": {"S": session}, "sk": {"S": "PAYMENT"}},
        ConsistentRead=True,
    )["Item"]
    elapsed = datetime.now(UTC) - datetime.fromisoformat(payment["created_at"]["S"])
    body = {
        "status": payment["status"]["S"],
        "completed": False,
        "success": False,
        "message": "Waiting for payment confirmation...",
        "elapsed_seconds": int(elapsed.total_seconds()),
        "mode": payment["mode"]["S"],
    }
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": json.dumps(body),
    }

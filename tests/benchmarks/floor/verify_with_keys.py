"""`verify` with keys, by hand: one update that counts and reads the key fresh, and one read."""

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

dynamodb = boto3.client("dynamodb")
seen: "dict[str, dict[str, AttributeValueTypeDef]]" = {}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    merchants = os.environ["MERCHANTS_TABLE"]
    public_key, secret = event["headers"]["X-Public-Key"], event["headers"]["X-Secret-Key"]
    at = {"pk": {"S": f"KEY#{public_key}"}, "sk": {"S": "KEY"}}
    if public_key not in seen:
        seen[public_key] = dynamodb.get_item(TableName=merchants, Key=at, ConsistentRead=True)[
            "Item"
        ]
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if not hmac.compare_digest(digest, seen[public_key]["secret_hash"]["S"]):
        return {"statusCode": 401}
    now = datetime.now(UTC)
    key = dynamodb.update_item(
        TableName=merchants,
        Key=at,
        UpdateExpression="SET #today = if_not_exists(#today, :none) + :one",
        ConditionExpression="attribute_not_exists(#today) OR #today < per_day",
        ExpressionAttributeNames={"#today": f"used_{now:%Y%m%d}"},
        ExpressionAttributeValues={":none": {"N": "0"}, ":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    payment = dynamodb.get_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Key={"pk": {"S": event["pathParameters"]["reference"]}, "sk": {"S": "PAYMENT"}},
        ConsistentRead=True,
    )["Item"]
    if payment["merchant_id"] != key["merchant_id"]:
        return {"statusCode": 404}
    elapsed = now - datetime.fromisoformat(payment["created_at"]["S"])
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

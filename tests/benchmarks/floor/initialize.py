"""`initialize`, by hand: one update that counts and reads the key fresh, and one conditional put.

The first request reads the key and the merchant as well; both are kept.
"""

import hashlib
import hmac
import json
import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    Item = dict[str, AttributeValueTypeDef]

BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

dynamodb = boto3.client("dynamodb")
kept: "dict[str, Item]" = {}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    order, now = json.loads(event["body"]), datetime.now(UTC).replace(microsecond=0)
    public_key, secret = event["headers"]["X-Public-Key"], event["headers"]["X-Secret-Key"]
    digest = hashlib.sha256(secret.encode()).hexdigest()
    if not hmac.compare_digest(digest, read_once(f"KEY#{public_key}", "KEY")["secret_hash"]["S"]):
        return {"statusCode": 401}
    key = dynamodb.update_item(
        TableName=os.environ["MERCHANTS_TABLE"],
        Key={"pk": {"S": f"KEY#{public_key}"}, "sk": {"S": "KEY"}},
        UpdateExpression="SET #today = if_not_exists(#today, :none) + :one",
        ConditionExpression="attribute_not_exists(#today) OR #today < per_day",
        ExpressionAttributeNames={"#today": f"used_{now:%Y%m%d}"},
        ExpressionAttributeValues={":none": {"N": "0"}, ":one": {"N": "1"}},
        ReturnValues="ALL_NEW",
    )["Attributes"]
    merchant = read_once(f"MERCHANT#{key['merchant_id']['S']}", "PROFILE")
    session = session_id(bytes.fromhex(merchant["salt"]["S"]), key["mode"]["S"], order["tx_ref"])
    expires_at = written(now + timedelta(hours=1))
    write_id = uuid.uuid4().hex
    dynamodb.put_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Item={
            "pk": {"S": session},
            "sk": {"S": "PAYMENT"},
            "merchant_id": key["merchant_id"],
            "mode": key["mode"],
            "owner": {"S": f"{key['merchant_id']['S']}#{key['mode']['S']}#payments"},
            "tx_ref": {"S": order["tx_ref"]},
            "amount": {"N": str(order["amount"])},
            "currency": {"S": order["currency"]},
            "customer": {"M": {name: {"S": value} for name, value in order["customer"].items()}},
            "description": {"S": order["description"]},
            "meta": {"S": json.dumps(order["meta"])},
            "redirect_url": {"S": order["redirect_url"]},
            "webhook_url": {"S": order["webhook_url"]},
            "request_hash": {"S": hashlib.sha256(event["body"].encode()).hexdigest()},
            "created_at": {"S": written(now)},
            "updated_at": {"S": written(now)},
            "expires_at": {"S": expires_at},
            "status": {"S": "pending"},
            "version": {"N": "1"},
            "attempts": {"M": {}},
            "write_id": {"S": write_id},
            "opened_by": {"S": write_id},
            "news": {"S": "opened"},
            "check_shard": {"S": str(int(session[-2:], 36) % 8)},
            "check_at": {"S": expires_at},
        },
        ConditionExpression="attribute_not_exists(pk)",
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
    )
    data = {
        "reference": order["tx_ref"],
        "session_id": session,
        "payment_url": f"{os.environ['PUBLIC_BASE_URL']}/checkout/{session}",
        "status": "pending",
        "amount": order["amount"],
        "currency": order["currency"],
        "mode": key["mode"]["S"],
        "expires_at": expires_at,
    }
    body = {"success": True, "message": "Checkout session created successfully", "data": data}
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/json", "Access-Control-Allow-Origin": "*"},
        "body": json.dumps(body),
    }


def read_once(pk: str, sk: str) -> "Item":
    if pk not in kept:
        kept[pk] = dynamodb.get_item(
            TableName=os.environ["MERCHANTS_TABLE"],
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            ConsistentRead=True,
        )["Item"]
    return kept[pk]


def session_id(salt: bytes, mode: str, tx_ref: str) -> str:
    number = int.from_bytes(hmac.digest(salt, f"{mode}|{tx_ref}".encode(), "sha256"))
    digits = ""
    for _ in range(16):
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return f"CHK-{digits}"


def written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"

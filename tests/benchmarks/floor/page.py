"""The page, by hand: the payment and, once a minute, its merchant, in the plainest HTML."""

import html
import os
import time
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

dynamodb = boto3.client("dynamodb")
kept: "dict[str, tuple[float, dict[str, AttributeValueTypeDef]]]" = {}


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    session = event["pathParameters"]["session_id"]
    payment = dynamodb.get_item(
        TableName=os.environ["PAYMENTS_TABLE"],
        Key={"pk": {"S": session}, "sk": {"S": "PAYMENT"}},
        ConsistentRead=True,
    )["Item"]
    merchant_id, now = payment["merchant_id"]["S"], time.monotonic()
    if kept.get(merchant_id, (0.0, None))[0] <= now:
        merchant = dynamodb.get_item(
            TableName=os.environ["MERCHANTS_TABLE"],
            Key={"pk": {"S": f"MERCHANT#{merchant_id}"}, "sk": {"S": "PROFILE"}},
            ConsistentRead=True,
        )["Item"]
        kept[merchant_id] = (now + 60, merchant)
    shop = html.escape(kept[merchant_id][1]["name"]["S"])
    price = f"{payment['amount']['N']} {payment['currency']['S']}"
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "text/html; charset=utf-8"},
        "body": (
            f"<!doctype html><title>{shop}</title><h1>{shop}</h1><p>{price}"
            '<form method="post"><input name="phone"><button>Pay</button></form>'
        ),
    }

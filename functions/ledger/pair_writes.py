"""The writes of which issuing and rotating a merchant's keys are made, each with its condition."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.attributes import to_item
from ledger.merchant_items import pair_item, pair_key, profile_key
from ledger.plan_items import BUCKET, limits_record, plan_record
from payments.clock import iso
from payments.merchant import ApiKey, Merchant
from payments.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# A revocation is only ever brought forward: a key that was cut off never comes back.
STILL_WORKS_THEN = "(attribute_not_exists(revoked_at) OR revoked_at > :at)"


def adding(table: str, merchant: Merchant, key: ApiKey) -> "Iterator[TransactWriteItemTypeDef]":
    """Store the pair and name it in its merchant's profile, if no other pair came in between.

    Active pairs are counted before the write, and only a new name in `public_keys` can raise
    their number: the profile's condition is what keeps two callers from adding a third together.
    """
    yield {
        "Put": {
            "TableName": table,
            "Item": pair_item(key),
            "ConditionExpression": "attribute_not_exists(pk)",
        },
    }
    yield {
        "Update": {
            "TableName": table,
            "Key": profile_key(merchant.merchant_id),
            "UpdateExpression": "ADD public_keys :new",
            "ConditionExpression": as_seen(merchant),
            "ExpressionAttributeNames": {"#plan": "plan"},
            "ExpressionAttributeValues": to_item({":new": {key.public_key}, **seen(merchant)}),
        },
    }


def changing_plan(
    table: str, merchant: Merchant, pairs: Iterable[ApiKey], plan: Plan
) -> "Iterator[TransactWriteItemTypeDef]":
    """Put a merchant and these pairs under a plan, if no other pair came in between."""
    yield {
        "Update": {
            "TableName": table,
            "Key": profile_key(merchant.merchant_id),
            "UpdateExpression": "SET #plan = :plan",
            "ConditionExpression": as_seen(merchant),
            "ExpressionAttributeNames": {"#plan": "plan"},
            "ExpressionAttributeValues": to_item({":plan": plan_record(plan), **seen(merchant)}),
        },
    }
    limits = limits_record(plan)
    for pair in pairs:
        yield {
            "Update": {
                "TableName": table,
                "Key": pair_key(pair.public_key),
                # The bucket was measured in the old plan's figures.
                "UpdateExpression": (
                    f"SET {', '.join(f'#{name} = :{name}' for name in limits)}"
                    f" REMOVE {', '.join(BUCKET)}"
                ),
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeNames": {f"#{name}": name for name in limits},
                "ExpressionAttributeValues": to_item({f":{n}": v for n, v in limits.items()}),
            },
        }


def as_seen(merchant: Merchant) -> str:
    """The condition that neither keys nor plan changed since the merchant was read."""
    keys = "public_keys = :seen" if merchant.public_keys else "attribute_not_exists(public_keys)"
    return f"attribute_exists(pk) AND #plan = :plan_seen AND {keys}"


def seen(merchant: Merchant) -> dict[str, object]:
    """The values of that condition."""
    return {":plan_seen": plan_record(merchant.plan), ":seen": merchant.public_keys}


def ending(
    table: str, pairs: Iterable[ApiKey], at: datetime
) -> "Iterator[TransactWriteItemTypeDef]":
    """End each pair at a moment, if it would still work then."""
    for pair in pairs:
        yield {
            "Update": {
                "TableName": table,
                "Key": pair_key(pair.public_key),
                "UpdateExpression": "SET revoked_at = :at",
                "ConditionExpression": f"attribute_exists(pk) AND {STILL_WORKS_THEN}",
                "ExpressionAttributeValues": to_item({":at": iso(at)}),
            },
        }

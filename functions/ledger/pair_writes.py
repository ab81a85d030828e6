"""The writes of which issuing and rotating a merchant's keys are made, each with its condition."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ledger.attributes import to_item
from ledger.merchant_items import pair_item, pair_key, profile_key
from payments.clock import iso
from payments.merchant import ApiKey, Merchant

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
    as_seen = "public_keys = :seen" if merchant.public_keys else "attribute_not_exists(public_keys)"
    yield {
        "Update": {
            "TableName": table,
            "Key": profile_key(merchant.merchant_id),
            "UpdateExpression": "ADD public_keys :new",
            "ConditionExpression": f"attribute_exists(pk) AND {as_seen}",
            "ExpressionAttributeValues": to_item(
                {":new": {key.public_key}, ":seen": merchant.public_keys},
            ),
        },
    }


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

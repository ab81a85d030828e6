"""Merchants' logos, each beside its profile: ("MERCHANT#<merchant_id>", "LOGO").

The profile names the one that it shows by its digest, so pages need no read of their own for it.
"""

from typing import TYPE_CHECKING

from ledger.attributes import from_item, to_item
from ledger.merchant_items import profile_key
from ledger.merchants import UnknownMerchant
from ledger.refusals import causes
from payments.logo import Logo

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef


class Logos:
    """The logos of a deployment. The writes are the operator's."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, merchant_id: str, digest: str) -> Logo | None:
        """The logo of a merchant, if it is still this one."""
        answer = self._client.get_item(TableName=self._table, Key=logo_key(merchant_id))
        found = Logo.of(from_item(answer["Item"])["content"]) if "Item" in answer else None
        return found if found and found.digest == digest else None

    def put(self, merchant_id: str, logo: Logo) -> None:
        """Show this logo from now on. Raises UnknownMerchant."""
        item = logo_key(merchant_id) | to_item({"content": logo.content})
        self._write(
            merchant_id,
            {"Put": {"TableName": self._table, "Item": item}},
            "SET logo_digest = :digest",
            to_item({":digest": logo.digest}),
        )

    def remove(self, merchant_id: str) -> None:
        """Show none any more. Raises UnknownMerchant."""
        key = logo_key(merchant_id)
        self._write(
            merchant_id,
            {"Delete": {"TableName": self._table, "Key": key}},
            "REMOVE logo_digest",
            {},
        )

    def _write(
        self,
        merchant_id: str,
        change: "TransactWriteItemTypeDef",
        profile_change: str,
        values: "dict[str, AttributeValueTypeDef]",
    ) -> None:
        profile: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self._table,
                "Key": profile_key(merchant_id),
                "UpdateExpression": profile_change,
                "ConditionExpression": "attribute_exists(pk)",
            }
        }
        if values:
            profile["Update"]["ExpressionAttributeValues"] = values
        try:
            self._client.transact_write_items(TransactItems=[change, profile])
        except self._client.exceptions.TransactionCanceledException as refused:
            if "ConditionalCheckFailed" in causes(refused):
                raise UnknownMerchant(merchant_id) from None
            raise


def logo_key(merchant_id: str) -> "dict[str, AttributeValueTypeDef]":
    """Where a merchant's logo lies."""
    return to_item({"pk": f"MERCHANT#{merchant_id}", "sk": "LOGO"})

"""Idempotency-Keys of the last day, each with a hash of what was asked under it.

A key is remembered for 24 hours. What a payment was opened with stays on the payment for good
(ledger/payments.py), so that the same request is answered as it was, however late it is repeated.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger.attributes import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

REMEMBERED = timedelta(hours=24)
# A key may be used again for the same request, and for any once it is forgotten: DynamoDB deletes
# late, by days.
MAY_BE_NOTED = (
    "attribute_not_exists(pk) OR request_hash = :request_hash OR forgotten_at <= :seconds"
)


class Repeats:
    """What was asked under which Idempotency-Key."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def note(self, digest: str, request_hash: str, now: datetime) -> bool:
        """Remember a request; False when the key came with another one in the last day."""
        try:
            self._client.put_item(**noting(self._table, digest, request_hash, now))
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def noting(table: str, digest: str, request_hash: str, now: datetime) -> "PutTypeDef":
    """The put that remembers a request, alone or as one of a transaction's writes."""
    seconds = int(now.timestamp())
    return {
        "TableName": table,
        "Item": to_item(
            {
                "pk": f"REPEAT#{digest}",
                "sk": "REPEAT",
                "request_hash": request_hash,
                "forgotten_at": seconds + int(REMEMBERED.total_seconds()),
            }
        ),
        "ConditionExpression": MAY_BE_NOTED,
        "ExpressionAttributeValues": to_item({":request_hash": request_hash, ":seconds": seconds}),
    }

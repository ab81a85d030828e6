"""Which receipts went out: a mark beside the payment (sk "RECEIPT#0000000003", its version).

The version is the one that brought the money. A mark tells nobody anything, so it bears no news.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger.attributes import to_item
from payments.clock import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# The stream repeats nothing older than a day.
REMEMBERED = timedelta(days=30)


class Receipts:
    """The receipts of a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def was_sent(self, session_id: str, version: int) -> bool:
        """Tell whether a receipt is marked as sent, as it stands now."""
        answer = self._client.get_item(
            TableName=self._table, Key=to_item(key(session_id, version)), ConsistentRead=True
        )
        return "Item" in answer

    def note_sent(self, session_id: str, version: int, now: datetime) -> bool:
        """Mark a receipt as sent; False when it was marked already."""
        sent = {"sent_at": iso(now), "forgotten_at": int((now + REMEMBERED).timestamp())}
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item({**key(session_id, version), **sent}),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def key(session_id: str, version: int) -> dict[str, str]:
    """The key of a mark."""
    return {"pk": session_id, "sk": f"RECEIPT#{version:010}"}

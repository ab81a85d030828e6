"""What belongs to a merchant in one mode, newest first: the index `by_owner`.

Payments and events share the index under owners of their own. It is brought up to date within
moments of a write, and it holds only what lists show (template.yaml).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from payments.clock import iso
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import QueryInputTypeDef

BY_OWNER = "by_owner"
# Before and after every moment as `iso` writes it, the last day of 9999 too.
EARLIEST, LATEST = "0", "~"


class Kind(StrEnum):
    """What a list holds."""

    PAYMENTS = "payments"
    EVENTS = "events"
    LINKS = "links"
    """In the Merchants table, which has an index of the same name."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: the last record's own keys, without its owner."""

    created_at: str
    pk: str
    sk: str


class Listing:
    """The lists of a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def page(
        self,
        owner: str,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        after: Place | None = None,
        size: int,
    ) -> tuple[list[dict[str, Any]], Place | None]:
        """One page of records, and the place to go on from; None when there is no more.

        `since` and `until` are both included, to the second.
        """
        earliest, latest = iso(since) if since else EARLIEST, iso(until) if until else LATEST
        if after and after.created_at < earliest:
            return [], None
        asked: QueryInputTypeDef = {
            "TableName": self._table,
            "IndexName": BY_OWNER,
            "KeyConditionExpression": "#owner = :owner AND created_at BETWEEN :since AND :until",
            "ExpressionAttributeNames": {"#owner": "owner"},
            "ExpressionAttributeValues": to_item(
                {
                    ":owner": owner,
                    ":since": earliest,
                    ":until": latest,
                }
            ),
            "ScanIndexForward": False,
            "Limit": size,
        }
        # DynamoDB refuses to start outside of what is asked for.
        if after and after.created_at <= latest:
            # The owner is the asker's own: a place from elsewhere leads nowhere else.
            asked["ExclusiveStartKey"] = to_item(
                {
                    "owner": owner,
                    "created_at": after.created_at,
                    "pk": after.pk,
                    "sk": after.sk,
                }
            )
        answer = self._client.query(**asked)
        records = [from_item(item) for item in answer["Items"]]
        last = answer.get("LastEvaluatedKey")
        return records, place_of(from_item(last)) if last else None


def place_of(record: dict[str, Any]) -> Place:
    """The place of a record in its list."""
    return Place(record["created_at"], record["pk"], record["sk"])


def owner_of(merchant_id: str, mode: Mode, kind: Kind) -> str:
    """Whose list a record is in."""
    return f"{merchant_id}#{mode}#{kind}"

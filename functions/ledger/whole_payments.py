"""A payment with every event that it brought: they lie side by side, so one query reads both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger import events, payment_items
from ledger.attributes import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from ledger.events import Event
    from payments.payment import Payment


@dataclass(frozen=True, slots=True)
class WholePayment:
    """A payment, and its events in the order of versions: those that are remembered still."""

    payment: "Payment"
    events: "tuple[Event, ...]"


class WholePayments:
    """The payments of a deployment, with all that lies beside them."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def get(self, session_id: str) -> WholePayment | None:
        """Read a payment and its events, as they stand now."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues=to_item({":pk": session_id}),
            ConsistentRead=True,
        )
        found = {item["sk"]: item for page in pages for item in map(from_item, page["Items"])}
        return whole(session_id, found) if "PAYMENT" in found else None


def whole(session_id: str, found: dict[str, dict[str, Any]]) -> WholePayment:
    """The payment of these items, by their sort keys."""
    return WholePayment(
        payment_items.from_record(session_id, found["PAYMENT"]),
        tuple(events.read(found[sk]) for sk in sorted(found) if sk.startswith("EVENT#")),
    )

"""A payment with every event that it brought: they lie side by side, so one query reads both."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger import events, payment_items
from ledger.attributes import from_item, to_item
from payments.clock import parse_iso

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_dynamodb import DynamoDBClient

    from ledger.events import Event
    from payments.payment import Payment


@dataclass(frozen=True, slots=True)
class WholePayment:
    """A payment, and its events in the order of versions: those that are remembered still."""

    payment: "Payment"
    events: "tuple[Event, ...]"
    check_at: str | None = None
    """When it is to be looked at, as it is stored (ledger/checks.py)."""
    looked_at: "datetime | None" = None
    """When the sweep looked last, and got all that it asked for."""


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
    looked_at = found["PAYMENT"].get("looked_at")
    return WholePayment(
        payment_items.from_record(session_id, found["PAYMENT"]),
        tuple(events.read(found[sk]) for sk in sorted(found) if sk.startswith("EVENT#")),
        check_at=found["PAYMENT"].get("check_at"),
        looked_at=parse_iso(looked_at) if looked_at else None,
    )

"""Events: what a merchant should hear of a payment, with every try to tell them.

An event lies beside its payment (sk "EVENT#0000000002", the payment's version), so the two are
read and deleted together. Its body is fixed when it is written: each try sends the same bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item, to_value
from payments.clock import iso, parse_iso
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DeliveryState(StrEnum):
    """Where the telling of an event stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GONE = "gone"
    """The endpoint answered 410: it wants no more."""
    EXHAUSTED = "exhausted"
    NOBODY_LISTENS = "nobody_listens"
    """Neither the payment nor the merchant names an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try to deliver."""

    at: datetime
    url: str
    milliseconds: int
    status_code: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A thing that a merchant should hear of."""

    event_id: str
    payment_id: str
    version: int
    """The payment's version that brought the news."""
    merchant_id: str
    mode: Mode
    type: str
    """payment.successful and so on."""
    body: str
    """The JSON text that is signed and sent."""
    created_at: datetime
    webhook_url: str | None = None
    """The address that the payment itself named."""
    state: DeliveryState = DeliveryState.PENDING
    times_tried: int = 0


class Events:
    """The events of a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add(self, event: Event) -> bool:
        """Write an event; False when it stands already, as a stream that repeats itself finds."""
        record: dict[str, Any] = {
            "event_id": event.event_id,
            "merchant_id": event.merchant_id,
            "mode": event.mode.value,
            "version": event.version,
            "type": event.type,
            "body": event.body,
            "created_at": iso(event.created_at),
            "webhook_url": event.webhook_url,
            "state": event.state.value,
            "tries": [],
        }
        try:
            self._client.put_item(
                TableName=self._table,
                Item=to_item({**key(event.payment_id, event.version), **record}),
                ConditionExpression="attribute_not_exists(pk)",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def get(self, payment_id: str, version: int) -> Event | None:
        """Read an event."""
        answer = self._client.get_item(
            TableName=self._table, Key=to_item(key(payment_id, version)), ConsistentRead=True
        )
        return read(from_item(answer["Item"])) if "Item" in answer else None

    def record_try(self, event: Event, attempt: Try | None, state: DeliveryState) -> None:
        """Remember a try and where the delivery stands after it."""
        tries = [] if attempt is None else [try_record(attempt)]
        self._client.update_item(
            TableName=self._table,
            Key=to_item(key(event.payment_id, event.version)),
            UpdateExpression="SET tries = list_append(tries, :tries), #state = :state",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues={
                ":tries": to_value(tries),
                ":state": to_value(state.value),
            },
        )


def key(payment_id: str, version: int) -> dict[str, str]:
    """The key of an event's item; the padding keeps events in the order of versions."""
    return {"pk": payment_id, "sk": f"EVENT#{version:010}"}


def try_record(attempt: Try) -> dict[str, Any]:
    """A try as it is stored."""
    record = {
        "at": iso(attempt.at),
        "url": attempt.url,
        "milliseconds": attempt.milliseconds,
        "status_code": attempt.status_code,
        "error": attempt.error,
    }
    return {name: fact for name, fact in record.items() if fact is not None}


def read(record: Mapping[str, Any]) -> Event:
    """An event from its item."""
    return Event(
        event_id=record["event_id"],
        payment_id=record["pk"],
        version=record["version"],
        merchant_id=record["merchant_id"],
        mode=Mode(record["mode"]),
        type=record["type"],
        body=record["body"],
        created_at=parse_iso(record["created_at"]),
        webhook_url=record.get("webhook_url"),
        state=DeliveryState(record["state"]),
        times_tried=len(record["tries"]),
    )

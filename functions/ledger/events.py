"""Events: what a merchant should hear of a payment, with every try to tell them.

An event lies beside its payment (sk "EVENT#0000000002", the payment's version), so the two are
read and deleted together. Its body is fixed when it is written: each try sends the same bytes.

A resend only changes the event: the change is the message (DESIGN.md, 6). It begins a round of
tries of its own, and what an older round still writes does not end it.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from ledger.check_times import CHECKED_AFTER, shard_of
from ledger.listing import Kind, owner_of
from ledger.payments import News
from ledger.refusals import item_in_the_way
from payments.clock import iso, parse_iso
from payments.errors import EventNotFound, ResentTooOften
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

REMEMBERED = timedelta(days=30)
# For a resend at the last moment: its tries outlast it by about three days.
REMEMBERED_AFTER_RESEND = timedelta(days=7)
MOST_RESENDS = 10
EVENT = "EVENT#"
# An item holds 400 KB: 154 tries (announcements/schedule.py), each with an address and an answer,
# must fit beside the body.
MOST_URL = 300


class DeliveryState(StrEnum):
    """Where the telling of an event stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    GONE = "gone"
    """The endpoint answered 410: it wants no more."""
    EXHAUSTED = "exhausted"
    NOBODY_LISTENS = "nobody_listens"
    """Neither the payment nor the merchant names an address."""
    ENDPOINT_DISABLED = "endpoint_disabled"
    """The merchant's endpoint is not called until it is enabled again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try to deliver."""

    at: datetime
    url: str
    """Where it went; of a long address only the beginning is kept."""
    milliseconds: int
    status_code: int | None = None
    error: str | None = None
    answer: str | None = None
    """The beginning of what the endpoint answered, without control characters."""


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
    reference: str
    """The payment's tx_ref."""
    body: str
    """The JSON text that is signed and sent."""
    created_at: datetime
    webhook_url: str | None = None
    """The address that the payment itself named."""
    state: DeliveryState = DeliveryState.PENDING
    tries: tuple[Try, ...] = ()
    resends: int = 0
    resent_after: int = 0
    """How many tries there were when it was last sent anew."""
    resent_by: str | None = None
    """The digest of the Idempotency-Key that the last resend came with."""
    resent_at: datetime | None = None
    """When it was last sent anew."""
    check_at: str | None = None
    """When the sweep is to look at it, as it is stored: what is sent by the stream alone may get
    lost there. What a payment brought is looked at with the payment (ledger/checks.py)."""

    @property
    def tries_of_this_round(self) -> int:
        """How many tries there were since it was last sent anew."""
        return len(self.tries) - self.resent_after

    @property
    def sent_at(self) -> datetime:
        """When this round of tries began."""
        return self.resent_at or self.created_at


class Events:
    """The events of a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def add(self, event: Event, news: News = News.NOTHING) -> bool:
        """Write an event; False when it stands already, as a stream that repeats itself finds.

        With News.DELIVER the stream brings it to `announce`, which sends it.
        """
        record: dict[str, Any] = {
            "owner": owner_of(event.merchant_id, event.mode, Kind.EVENTS),
            "event_id": event.event_id,
            "merchant_id": event.merchant_id,
            "mode": event.mode.value,
            "version": event.version,
            "type": event.type,
            # Under another name than tx_ref, which would put it in the index of payments.
            "reference": event.reference,
            "body": event.body,
            "created_at": iso(event.created_at),
            "forgotten_at": seconds(event.created_at + REMEMBERED),
            "webhook_url": event.webhook_url,
            "state": event.state.value,
            "tries": [],
            "resends": 0,
            "resent_after": 0,
            "news": news.value,
        }
        if news is News.DELIVER:
            record |= check_of(event, event.created_at)
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

    def record_try(self, event: Event, attempt: Try | None, state: DeliveryState) -> bool:
        """Remember a try and where the delivery stands after it.

        False when the event was sent anew since it was read: then the try is remembered, but
        where the delivery stands is the new round's to say.
        """
        tries = [] if attempt is None else [try_record(attempt)]
        standing = self._change(
            event,
            "tries = list_append(tries, :tries), #state = :state",
            "resends = :resends",
            {":tries": tries, ":state": state.value, ":resends": event.resends},
        )
        if standing is None:
            return True
        self._change(
            event,
            # It was no try of the new round.
            "tries = list_append(tries, :tries), resent_after = resent_after + :more",
            "resends > :resends",
            {":tries": tries, ":more": len(tries), ":resends": event.resends},
        )
        return False

    def resend(self, event: Event, digest: str | None, now: datetime) -> Event:
        """Send an event anew, and answer with how it stands then: the stream does the rest.

        The digest of the last resend changes nothing. Raises ResentTooOften, EventNotFound.
        """
        while digest is None or event.resent_by != digest:
            if event.resends >= MOST_RESENDS:
                raise ResentTooOften(event.event_id)
            sent = replace(
                event,
                state=DeliveryState.PENDING,
                resends=event.resends + 1,
                resent_after=len(event.tries),
                resent_by=digest or event.resent_by,
                resent_at=now,
                check_at=check_of(event, now)["check_at"],
            )
            standing = self._change(
                event,
                "#state = :state, resends = :resends, resent_after = :tries,"
                " resent_at = :now, forgotten_at = :forgotten_at,"
                " check_shard = :check_shard, check_at = :check_at"
                + (", resent_by = :digest" if digest else ""),
                "resends = :before AND size(tries) = :tries",
                {
                    ":state": sent.state.value,
                    ":resends": sent.resends,
                    ":before": event.resends,
                    ":tries": sent.resent_after,
                    ":now": iso(now),
                    ":forgotten_at": seconds(
                        max(event.created_at + REMEMBERED, now + REMEMBERED_AFTER_RESEND)
                    ),
                    ":digest": digest,
                    **{f":{name}": fact for name, fact in check_of(event, now).items()},
                },
                News.DELIVER,
            )
            if standing is None:
                return sent
            if not standing:
                raise EventNotFound(event.event_id)
            event = read(standing)
        return event

    def _change(
        self,
        event: Event,
        changes: str,
        condition: str,
        facts: Mapping[str, object],
        news: News = News.NOTHING,
    ) -> dict[str, Any] | None:
        """Write on a condition: None when it was written, else the item that stood in the way."""
        write_id = uuid.uuid4().hex
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(key(event.payment_id, event.version)),
                UpdateExpression=f"SET {changes}, write_id = :me, news = :news",
                # The SDK's own second sending, after a lost reply, must not count a try twice.
                ConditionExpression=(
                    f"attribute_exists(#state) AND {condition}"
                    " AND (attribute_not_exists(write_id) OR write_id <> :me)"
                ),
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues=to_item({**facts, ":me": write_id, ":news": news.value}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as refused:
            standing = item_in_the_way(refused) or {}
            return None if standing.get("write_id") == write_id else standing
        return None


def key(payment_id: str, version: int) -> dict[str, str]:
    """The key of an event's item; the padding keeps events in the order of versions."""
    return {"pk": payment_id, "sk": f"{EVENT}{version:010}"}


def version_of(sk: str) -> int | None:
    """The version of the event that lies under this sort key; None when no event does."""
    return int(sk.removeprefix(EVENT)) if sk.startswith(EVENT) else None


def check_of(event: Event, sent_at: datetime) -> dict[str, str]:
    """When the sweep looks whether an event is on its way that somebody sent."""
    return {
        "check_shard": shard_of(event.payment_id),
        "check_at": iso(sent_at + CHECKED_AFTER),
    }


def seconds(moment: datetime) -> int:
    """A moment as the table's TTL reads it."""
    return int(moment.timestamp())


def try_record(attempt: Try) -> dict[str, Any]:
    """A try as it is stored."""
    record = {
        "at": iso(attempt.at),
        "url": attempt.url[:MOST_URL],
        "milliseconds": attempt.milliseconds,
        "status_code": attempt.status_code,
        "error": attempt.error,
        "answer": attempt.answer,
    }
    return {name: fact for name, fact in record.items() if fact is not None}


def try_from(record: Mapping[str, Any]) -> Try:
    """Read a try back."""
    return Try(
        at=parse_iso(record["at"]),
        url=record["url"],
        milliseconds=record["milliseconds"],
        status_code=record.get("status_code"),
        error=record.get("error"),
        answer=record.get("answer"),
    )


def read(record: Mapping[str, Any]) -> Event:
    """An event from its item."""
    return Event(
        event_id=record["event_id"],
        payment_id=record["pk"],
        version=record["version"],
        merchant_id=record["merchant_id"],
        mode=Mode(record["mode"]),
        type=record["type"],
        reference=record["reference"],
        body=record["body"],
        created_at=parse_iso(record["created_at"]),
        webhook_url=record.get("webhook_url"),
        state=DeliveryState(record["state"]),
        tries=tuple(try_from(tried) for tried in record["tries"]),
        resends=record["resends"],
        resent_after=record["resent_after"],
        resent_by=record.get("resent_by"),
        resent_at=parse_iso(record["resent_at"]) if "resent_at" in record else None,
        check_at=record.get("check_at"),
    )

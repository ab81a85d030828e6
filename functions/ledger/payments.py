"""Payments in DynamoDB. Every write is conditional, and knows its own lost reply.

A write that succeeded but whose reply was lost is sent again by the SDK and then fails its own
condition. So each write leaves a `write_id`, and a refused write first looks whether the item
that stands there is its own (DESIGN.md, 2).
"""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ledger.all_or_nothing import write_all
from ledger.attributes import from_item, to_item, to_value
from ledger.check_times import CHECKED_AFTER, is_between_looks, shard_of
from ledger.payment_items import from_record, standing, terms
from ledger.repeats import noting
from payments.clock import iso
from payments.errors import IdempotencyKeyReused
from payments.keys import same
from payments.payment import Payment
from payments.references import payment_of

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import PutTypeDef

BY_TX_REF = "by_tx_ref"
QUESTION_PAUSE = timedelta(seconds=2)


class News(StrEnum):
    """What a write has to tell. The stream passes on all but two (template.yaml)."""

    OPENED = "opened"
    ATTEMPT = "attempt"
    STATUS = "status"
    DELIVER = "deliver"
    """Of an event: tell it, or tell it again (ledger/events.py)."""
    NOTHING = "nothing"


class MovedOn(Exception):  # what happened, as every error here is named
    """The payment changed since it was read; `current` is how it stands."""

    def __init__(self, current: Payment) -> None:
        super().__init__(current.session_id)
        self.current = current


class AskedJustNow(Exception):  # what happened, as every error here is named
    """Somebody asked about the payment a moment ago; `current` is how it stands."""

    def __init__(self, current: Payment) -> None:
        super().__init__(current.session_id)
        self.current = current


class Payments:
    """The payments of a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def open(self, payment: Payment) -> bool:
        """Write a new payment; False when its own lost reply shows that it was already written.

        One that was asked for under an Idempotency-Key is written together with the key.
        Raises MovedOn with the payment that holds this tx_ref already, IdempotencyKeyReused.
        """
        write_id = uuid.uuid4().hex
        found = self._put_new(payment, write_id)
        if found is not None and found["opened_by"] != write_id:
            raise MovedOn(read(found))
        return found is None

    def _put_new(self, payment: Payment, write_id: str) -> dict[str, Any] | None:
        opening = opening_of(self._table, payment, write_id)
        if payment.idempotency_hash and payment.request_hash:
            noted = noting(
                self._table, payment.idempotency_hash, payment.request_hash, payment.created_at
            )
            found, other = (
                write_all(self._client, [{"Put": opening}, {"Put": noted}]) or (None,) * 2
            )
            if other is not None:
                raise IdempotencyKeyReused
            return found
        try:
            self._client.put_item(**opening)
        except self._client.exceptions.ConditionalCheckFailedException as refused:
            return standing_item(refused)
        return None

    def get(self, session_id: str) -> Payment | None:
        """Read a payment, as it stands now."""
        answer = self._client.get_item(
            TableName=self._table, Key=to_item(key(session_id)), ConsistentRead=True
        )
        return read(from_item(answer["Item"])) if "Item" in answer else None

    def sessions_of(self, tx_ref: str) -> list[str]:
        """The session ids that use this tx_ref, of any merchant and mode; at most two."""
        answer = self._client.query(
            TableName=self._table,
            IndexName=BY_TX_REF,
            KeyConditionExpression="tx_ref = :tx_ref",
            ExpressionAttributeValues={":tx_ref": to_value(tx_ref)},
            Limit=2,
        )
        return [from_item(item)["pk"] for item in answer["Items"]]

    def save(self, payment: Payment, news: News) -> None:
        """Write the next version of a payment over the one before.

        What the stream has to pass on is looked at a little later, should the stream lose it.
        Raises MovedOn when another write came between; the caller decides anew.
        """
        write_id = uuid.uuid4().hex
        changes = {**standing(payment), "write_id": write_id, "news": news.value}
        if news is News.ATTEMPT:
            # The pause between questions is the attempt's: a new one may be asked about at once.
            changes["asked_at"] = None
        if payment.live_attempt is None:
            # Taken away here, it shows in the stream's old image: whoever sleeps on it is woken.
            changes["task_token"] = None
        # A look that is near anyway will do, and costs no second write to the index.
        check = {"check_at": iso(payment.updated_at + CHECKED_AFTER)}
        if news is News.ATTEMPT or (news is News.STATUS and is_between_looks(payment)):
            changes |= check
        unless_there = check if news is News.STATUS else {}
        self._update(payment, changes, unless_there, write_id)

    def _update(
        self,
        payment: Payment,
        changes: Mapping[str, Any],
        unless_there: Mapping[str, Any],
        write_id: str,
    ) -> None:
        present = {k: v for k, v in changes.items() if v is not None}
        absent = [k for k, v in changes.items() if v is None]
        missing = {k: v for k, v in unless_there.items() if k not in changes}
        set_to = [f"#{k} = :{k}" for k in present]
        set_to += [f"#{k} = if_not_exists(#{k}, :{k})" for k in missing]
        expression = "SET " + ", ".join(set_to)
        if absent:
            expression += " REMOVE " + ", ".join(f"#{k}" for k in absent)
        values = {f":{k}": to_value(v) for k, v in (present | missing).items()}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(key(payment.session_id)),
                UpdateExpression=expression,
                ConditionExpression="#version = :version_before",
                ExpressionAttributeNames={f"#{k}": k for k in [*changes, *missing]},
                ExpressionAttributeValues={
                    **values,
                    ":version_before": to_value(payment.version - 1),
                },
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as refused:
            found = standing_item(refused)
            if found["write_id"] != write_id:
                raise MovedOn(read(found)) from refused

    def claim_question(self, attempt_ref: str, token_hash: str, now: datetime) -> Payment | None:
        """Take the right to ask the provider about an attempt, and read the payment with it.

        None when the token is not the attempt's, or there is no such attempt. Raises AskedJustNow
        when somebody asked less than two seconds ago; a stranger cannot tell that from None.
        """
        named = payment_of(attempt_ref)
        if named is None:
            return None
        session_id, number = named
        write_id = uuid.uuid4().hex
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=to_item(key(session_id)),
                UpdateExpression="SET asked_at = :now, asked_by = :me, news = :nothing",
                ConditionExpression=(
                    "attempts.#n.token_hash = :token_hash"
                    " AND (attribute_not_exists(asked_at) OR asked_at <= :pause_over)"
                ),
                ExpressionAttributeNames={"#n": f"{number:02}"},
                ExpressionAttributeValues={
                    ":token_hash": to_value(token_hash),
                    ":now": to_value(iso_milliseconds(now)),
                    ":pause_over": to_value(iso_milliseconds(now - QUESTION_PAUSE)),
                    ":me": to_value(write_id),
                    ":nothing": to_value(News.NOTHING.value),
                },
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self._client.exceptions.ConditionalCheckFailedException as refused:
            found = standing_item(refused)
            if found.get("asked_by") == write_id:
                return read(found)
            if not is_address_of(found, number, token_hash):
                return None
            raise AskedJustNow(read(found)) from refused
        return read(from_item(answer["Attributes"]))

    def take_name(self, provider: str, provider_ref: str, attempt_ref: str) -> bool:
        """Keep a provider's own name for a charge as one attempt's; False when it is another's.

        Of any merchant's: two may share one account with the provider, and so its signature.
        """
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item({"pk": f"CHARGE#{provider}#{provider_ref}", "sk": "CHARGE"}),
                UpdateExpression="SET attempt_ref = :ours",
                ConditionExpression="attribute_not_exists(pk) OR attempt_ref = :ours",
                ExpressionAttributeValues=to_item({":ours": attempt_ref}),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def opening_of(table: str, payment: Payment, write_id: str) -> "PutTypeDef":
    """The put that opens a payment, alone or as one of a transaction's writes."""
    return {
        "TableName": table,
        "Item": to_item(
            {
                **key(payment.session_id),
                **terms(payment),
                **standing(payment),
                "write_id": write_id,
                "opened_by": write_id,
                "news": News.OPENED.value,
                "check_shard": shard_of(payment.session_id),
                "check_at": iso(payment.expires_at),
            }
        ),
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }


def standing_item(refused: "ClientError") -> dict[str, Any]:
    """The item that stood in a write's way; empty when there is none.

    botocore's types do not know ReturnValuesOnConditionCheckFailure.
    """
    response: Mapping[str, Any] = refused.response
    return from_item(response.get("Item", {}))


def is_address_of(record: Mapping[str, Any], number: int, token_hash: str) -> bool:
    """Whether a token is that of a payment's attempt."""
    attempt = record.get("attempts", {}).get(f"{number:02}")
    return attempt is not None and same(attempt["token_hash"], token_hash)


def key(session_id: str) -> dict[str, str]:
    """The key of a payment's item."""
    return {"pk": session_id, "sk": "PAYMENT"}


def read(record: Mapping[str, Any]) -> Payment:
    """A payment from its item."""
    return from_record(record["pk"], record)


def iso_milliseconds(moment: datetime) -> str:
    """A moment that sorts as text, finer than a second."""
    return f"{iso(moment)[:-1]}.{moment.microsecond // 1000:03}Z"

"""Where a merchant hears of payments that name no address of their own: one endpoint per mode.

("MERCHANT#<merchant_id>", "ENDPOINT#<mode>"). What the merchant writes leaves a new `write_id`;
what deliveries write asks for the one that they read, so that a failure of the past cannot undo an
address that was set, or an endpoint that was enabled, since.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from ledger.refusals import item_in_the_way
from payments.clock import iso, parse_iso
from payments.errors import NoWebhookEndpoint
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

ANEW = "write_id = :me REMOVE disabled_at, disabled_why, failing_since"
AS_READ = "attribute_exists(#url) AND write_id = :seen"


class DisabledWhy(StrEnum):
    """Why an endpoint is not called any more."""

    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It had answered nothing but failures for days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A merchant's endpoint in one mode; without `url` there is none yet."""

    merchant_id: str
    mode: Mode
    url: str | None = None
    disabled_at: datetime | None = None
    disabled_why: DisabledWhy | None = None
    failing_since: datetime | None = None
    """The first failure since the last success."""
    secret_version: int = 0
    """Raised by every rotation, so that nobody signs with a secret that they kept in memory."""
    write_id: str | None = None


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The endpoints of a deployment, in the Merchants table."""

    client: "DynamoDBClient"
    table: str

    def get(self, merchant_id: str, mode: Mode) -> Endpoint:
        """Read an endpoint, as it stands now; one that was never set has no address."""
        answer = self.client.get_item(
            TableName=self.table, Key=endpoint_key(merchant_id, mode), ConsistentRead=True
        )
        return read(merchant_id, mode, from_item(answer.get("Item", {})))

    def set_url(self, merchant_id: str, mode: Mode, url: str) -> bool:
        """Say where a merchant hears of payments; the endpoint works anew.

        False when it stood so already, and worked.
        """
        write_id = uuid.uuid4().hex
        condition = (
            "attribute_not_exists(#url) OR #url <> :url"
            " OR attribute_exists(disabled_at) OR attribute_exists(failing_since)"
        )
        standing = self._write(
            endpoint_key(merchant_id, mode),
            f"SET #url = :url, {ANEW}",
            condition,
            {":url": url, ":me": write_id},
        )
        return standing is None or standing.get("write_id") == write_id

    def enable(self, merchant_id: str, mode: Mode) -> None:
        """Call the endpoint again. Raises NoWebhookEndpoint when there is no address."""
        standing = self._write(
            endpoint_key(merchant_id, mode),
            f"SET {ANEW}",
            "attribute_exists(#url)",
            {":me": uuid.uuid4().hex},
        )
        if standing is not None:
            raise NoWebhookEndpoint(merchant_id)

    def note_rotation(self, merchant_id: str, mode: Mode) -> None:
        """Let whoever signs read the secret anew. Once too often is harmless."""
        self.client.update_item(
            TableName=self.table,
            Key=endpoint_key(merchant_id, mode),
            UpdateExpression="ADD secret_version :one",
            ExpressionAttributeValues=to_item({":one": 1}),
        )

    def disable(self, endpoint: Endpoint, why: DisabledWhy, now: datetime) -> bool:
        """Call the endpoint no more; False when it changed since it was read, and is called on."""
        condition = f"{AS_READ} AND attribute_not_exists(disabled_at)"
        facts: dict[str, object] = {":now": iso(now), ":why": why.value, ":seen": endpoint.write_id}
        if why is DisabledWhy.FAILING:
            # A success in between would have taken it away.
            condition += " AND failing_since = :since"
            facts[":since"] = iso(endpoint.failing_since) if endpoint.failing_since else ""
        standing = self._write(
            key_of(endpoint), "SET disabled_at = :now, disabled_why = :why", condition, facts
        )
        # Another delivery came first, or this very write did and its reply was lost.
        return standing is None or (
            standing.get("write_id") == endpoint.write_id and "disabled_at" in standing
        )

    def note_failure(self, endpoint: Endpoint, now: datetime) -> None:
        """Remember when failures began, unless they had begun before."""
        self._write(
            key_of(endpoint),
            "SET failing_since = if_not_exists(failing_since, :now)",
            AS_READ,
            {":now": iso(now), ":seen": endpoint.write_id},
        )

    def note_success(self, endpoint: Endpoint) -> None:
        """Forget the failures before."""
        self._write(key_of(endpoint), "REMOVE failing_since", AS_READ, {":seen": endpoint.write_id})

    def _write(
        self,
        key: "dict[str, AttributeValueTypeDef]",
        change: str,
        condition: str,
        facts: Mapping[str, object],
    ) -> dict[str, Any] | None:
        """Write on a condition: None when it was written, else the item that stood in the way."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=key,
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeNames={"#url": "url"},
                ExpressionAttributeValues=to_item(facts),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            return item_in_the_way(refused) or {}
        return None


def endpoint_key(merchant_id: str, mode: Mode) -> "dict[str, AttributeValueTypeDef]":
    """Make the primary key of a merchant's endpoint."""
    return to_item({"pk": f"MERCHANT#{merchant_id}", "sk": f"ENDPOINT#{mode}"})


def key_of(endpoint: Endpoint) -> "dict[str, AttributeValueTypeDef]":
    """Make the primary key of an endpoint."""
    return endpoint_key(endpoint.merchant_id, endpoint.mode)


def read(merchant_id: str, mode: Mode, record: Mapping[str, Any]) -> Endpoint:
    """An endpoint from its item, or from none."""
    disabled_at, failing_since = record.get("disabled_at"), record.get("failing_since")
    return Endpoint(
        merchant_id=merchant_id,
        mode=mode,
        url=record.get("url"),
        disabled_at=parse_iso(disabled_at) if disabled_at else None,
        disabled_why=DisabledWhy(record["disabled_why"]) if disabled_at else None,
        failing_since=parse_iso(failing_since) if failing_since else None,
        secret_version=record.get("secret_version", 0),
        write_id=record.get("write_id"),
    )

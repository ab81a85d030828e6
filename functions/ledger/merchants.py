"""Merchants and their keys in the ledger.

Every write is conditional, and a boolean that it returns means "did I change anything".

Raised here
    UnknownMerchant, UnknownKey: nobody was ever enrolled, or issued, under that name
    TooManyActivePairs: a merchant may have two active pairs per mode, so that one can replace
        the other, and no third
    MerchantContended: others kept changing the same merchant's keys; nothing was written
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ledger.attributes import from_item, to_item
from ledger.merchant_items import (
    PROFILE,
    pair_key,
    profile_item,
    profile_key,
    read_pair,
    read_profile,
)
from ledger.pair_writes import STILL_WORKS_THEN, adding, changing_plan, ending
from ledger.refusals import causes, item_in_the_way
from payments.clock import iso
from payments.errors import PaymentError
from payments.keys import KeyPair, hash_secret
from payments.merchant import ApiKey, Merchant
from payments.plan import Plan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

MOST_ACTIVE_PAIRS = 2
MOST_READS_BEFORE_GIVING_UP = 5
# Why a transaction is cancelled when somebody else wrote first: what was read is out of date.
OVERTAKEN = frozenset({"ConditionalCheckFailed", "TransactionConflict"})


class UnknownMerchant(PaymentError):
    """No merchant of that id was enrolled in this deployment."""

    def __init__(self, merchant_id: str) -> None:
        super().__init__(f"There is no merchant {merchant_id}")


class UnknownKey(PaymentError):
    """No pair with that public key was issued in this deployment."""

    def __init__(self, public_key: str) -> None:
        super().__init__(f"There is no key {public_key}")


class TooManyActivePairs(PaymentError):
    """The pair asked for would have been the third that works at once."""

    def __init__(self, merchant_id: str, mode: str) -> None:
        super().__init__(
            f"{merchant_id} has {MOST_ACTIVE_PAIRS} active {mode} pairs already: revoke one first",
        )


class MerchantContended(PaymentError):
    """Others kept changing this merchant's keys while we tried to."""

    def __init__(self, merchant_id: str) -> None:
        super().__init__(f"The keys of {merchant_id} keep changing: try again")


@dataclass(frozen=True, slots=True)
class Merchants:
    """The Merchants table. At run time one call per look-up; the writes are the operator's."""

    client: "DynamoDBClient"
    table: str

    def key(self, public_key: str) -> ApiKey | None:
        """Find an issued pair, revoked or not. Consistent, so that a revocation works at once."""
        answer = self.client.get_item(
            TableName=self.table, Key=pair_key(public_key), ConsistentRead=True
        )
        return read_pair(from_item(answer["Item"])) if "Item" in answer else None

    def merchant(self, merchant_id: str) -> Merchant | None:
        """Find a merchant. Consistent, so that whoever was just enrolled can sell at once."""
        answer = self.client.get_item(
            TableName=self.table, Key=profile_key(merchant_id), ConsistentRead=True
        )
        return read_profile(answer["Item"]) if "Item" in answer else None

    def known(self, merchant_id: str) -> Merchant:
        """Find a merchant who must be there. Raises UnknownMerchant."""
        merchant = self.merchant(merchant_id)
        if merchant is None:
            raise UnknownMerchant(merchant_id)
        return merchant

    def merchants(self) -> Iterator[Merchant]:
        """Everyone enrolled, in no order. Reads the whole table: for the operator alone."""
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table,
            FilterExpression="sk = :profile",
            ExpressionAttributeValues=to_item({":profile": PROFILE}),
        )
        for page in pages:
            yield from map(read_profile, page["Items"])

    def keys(self, merchant_id: str) -> tuple[ApiKey, ...]:
        """Every pair ever issued to a merchant, oldest first. Raises UnknownMerchant."""
        return self._pairs_of(self.known(merchant_id))

    def enrol(self, merchant: Merchant) -> bool:
        """Store a new merchant. False if the id is taken by another."""
        try:
            self.client.put_item(
                TableName=self.table,
                Item=profile_item(merchant),
                ConditionExpression="attribute_not_exists(pk)",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            # After a lost reply the SDK's retry meets its own item: the random salt tells.
            found = item_in_the_way(refused)
            return found is not None and found["salt"] == merchant.salt.hex()
        return True

    def issue(self, merchant_id: str, pair: KeyPair, now: datetime) -> ApiKey:
        """Store a new pair beside the one that may be active in its mode.

        Raises UnknownMerchant, TooManyActivePairs, MerchantContended.
        """
        return self._add(merchant_id, pair, now, others_end=None)

    def rotate(self, merchant_id: str, pair: KeyPair, now: datetime, overlap: timedelta) -> ApiKey:
        """Store a new pair and end the active ones of its mode at now + overlap, all in one.

        Raises UnknownMerchant, TooManyActivePairs (two are active and would overlap the new one),
        MerchantContended.
        """
        return self._add(merchant_id, pair, now, others_end=now + overlap)

    def revoke(self, public_key: str, at: datetime) -> bool:
        """End a pair, now or later. False if it ends by then anyhow. Raises UnknownKey."""
        try:
            self.client.update_item(
                TableName=self.table,
                Key=pair_key(public_key),
                UpdateExpression="SET revoked_at = :at",
                ConditionExpression=f"attribute_exists(pk) AND {STILL_WORKS_THEN}",
                ExpressionAttributeValues=to_item({":at": iso(at)}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            if item_in_the_way(refused) is None:
                raise UnknownKey(public_key) from None
            return False
        return True

    def set_routes(self, merchant_id: str, routes: Mapping[str, Sequence[str]]) -> bool:
        """Say which providers take which method, in order, in place of what was said before.

        Raises UnknownMerchant.
        """
        return self._set(merchant_id, "routes", {method: list(routes[method]) for method in routes})

    def set_plan(self, merchant_id: str, plan: Plan, now: datetime) -> bool:
        """Put a merchant, and every key that still works, under a plan, with full buckets.

        Raises UnknownMerchant, MerchantContended.
        """
        for _ in range(MOST_READS_BEFORE_GIVING_UP):
            merchant = self.known(merchant_id)
            if merchant.plan == plan:
                return False
            working = [pair for pair in self._pairs_of(merchant) if pair.is_active(now)]
            if self._write(list(changing_plan(self.table, merchant, working, plan))):
                return True
        raise MerchantContended(merchant_id)

    def _set(self, merchant_id: str, name: str, value: object) -> bool:
        try:
            self.client.update_item(
                TableName=self.table,
                Key=profile_key(merchant_id),
                UpdateExpression="SET #name = :value",
                ConditionExpression=(
                    "attribute_exists(pk) AND (attribute_not_exists(#name) OR #name <> :value)"
                ),
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues=to_item({":value": value}),
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as refused:
            if item_in_the_way(refused) is None:
                raise UnknownMerchant(merchant_id) from None
            return False
        return True

    def _pairs_of(self, merchant: Merchant) -> tuple[ApiKey, ...]:
        found = (self.key(public_key) for public_key in sorted(merchant.public_keys))
        return tuple(sorted(filter(None, found), key=lambda key: key.created_at))

    def _add(
        self, merchant_id: str, pair: KeyPair, now: datetime, *, others_end: datetime | None
    ) -> ApiKey:
        key = ApiKey(
            public_key=pair.public_key,
            merchant_id=merchant_id,
            mode=pair.mode,
            secret_hash=hash_secret(pair.secret_key),
            created_at=now,
        )
        for _ in range(MOST_READS_BEFORE_GIVING_UP):
            merchant = self.known(merchant_id)
            # What was refused may be the SDK's retry, after our own write whose reply was lost.
            if key.public_key in merchant.public_keys:
                return key
            key = replace(key, plan=merchant.plan)
            if self._write(self._addition(merchant, key, others_end)):
                return key
        raise MerchantContended(merchant_id)

    def _addition(
        self, merchant: Merchant, key: ApiKey, others_end: datetime | None
    ) -> "list[TransactWriteItemTypeDef]":
        now = key.created_at
        rivals = [
            pair
            for pair in self._pairs_of(merchant)
            if pair.mode is key.mode and pair.is_active(now)
        ]
        stay_active = others_end is None or others_end > now
        if stay_active and len(rivals) >= MOST_ACTIVE_PAIRS:
            raise TooManyActivePairs(merchant.merchant_id, key.mode)
        writes = list(adding(self.table, merchant, key))
        if others_end:
            outlasting = [pair for pair in rivals if pair.is_active(others_end)]
            writes += ending(self.table, outlasting, others_end)
        return writes

    def _write(self, writes: "list[TransactWriteItemTypeDef]") -> bool:
        try:
            self.client.transact_write_items(TransactItems=writes)
        except self.client.exceptions.TransactionCanceledException as refused:
            if causes(refused) <= OVERTAKEN:
                return False
            raise
        return True

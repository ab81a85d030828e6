"""Keys that count what is asked with them: one conditional update counts, and reads the key fresh.

So a revoked key and a changed plan work at once, and the count is exact however many functions
count together: DynamoDB takes one update of an item after the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from ledger.merchant_items import pair_key, read_pair
from ledger.refusals import item_in_the_way

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from payments.merchant import ApiKey

USED = "used_"
# The two ways to take from a bucket exclude each other, and only time leads from one to the other.
MOST_UPDATES = 4

FROM_A_FULL_ONE = (
    "SET next_at = :now - headroom, full_at = :now + #interval",
    "(attribute_not_exists(full_at) OR full_at <= :now)",
)
FROM_A_BEGUN_ONE = (
    "SET next_at = next_at + #interval, full_at = full_at + #interval",
    "full_at > :now AND next_at <= :now",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedKey:
    """A key as it was read last, with what is left of its plan."""

    key: "ApiKey"
    next_at: int | None
    """Microseconds since 1970; None before the first request of a plan."""
    full_at: int | None
    used: Mapping[str, int]
    """Requests of each day that is still remembered ("20261121")."""

    def left(self, now: datetime) -> int:
        """Requests that the bucket holds."""
        if self.next_at is None or self.full_at is None:
            return self.key.plan.burst
        whole = (microseconds(now) - self.next_at) // self.key.plan.interval + 1
        return max(0, min(whole, self.key.plan.burst))

    def left_today(self, now: datetime) -> int:
        """Requests that the day holds."""
        return max(0, self.key.plan.per_day - self.used.get(day_of(now), 0))


class CountedKeys:
    """The keys of the Merchants table, as whoever is asked with them sees them."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def look(self, public_key: str) -> CountedKey | None:
        """Read a key without counting."""
        answer = self._client.get_item(
            TableName=self._table, Key=pair_key(public_key), ConsistentRead=True
        )
        return read(answer["Item"]) if "Item" in answer else None

    def count(self, seen: CountedKey, now: datetime) -> tuple[CountedKey | None, bool]:
        """Count one request, and read the key fresh; False when it may not be made now.

        One call when the bucket is as it was seen last, and one more when another function has
        taken from it meanwhile. None when the key is gone.
        """
        for _ in range(MOST_UPDATES):
            try:
                return self._take(seen, now), True
            except self._client.exceptions.ConditionalCheckFailedException as refused:
                found = item_in_the_way(refused)
                if found is None:
                    return None, False
                seen = read_record(found)
                if not (seen.left(now) and seen.left_today(now)):
                    return seen, False
        return seen, False

    def _take(self, seen: CountedKey, now: datetime) -> CountedKey:
        is_full = seen.full_at is None or seen.full_at <= microseconds(now)
        move, is_so = FROM_A_FULL_ONE if is_full else FROM_A_BEGUN_ONE
        today = day_of(now)
        gone_by = [day for day in seen.used if day < day_of(now - timedelta(days=1))]
        names = {"#interval": "interval", "#today": f"{USED}{today}"}
        names |= {f"#gone{i}": f"{USED}{day}" for i, day in enumerate(gone_by)}
        forget = " REMOVE " + ", ".join(f"#gone{i}" for i in range(len(gone_by)))
        answer = self._client.update_item(
            TableName=self._table,
            Key=pair_key(seen.key.public_key),
            UpdateExpression=(
                f"{move}, #today = if_not_exists(#today, :none) + :one{forget if gone_by else ''}"
            ),
            ConditionExpression=(
                "attribute_exists(pk) AND (attribute_not_exists(#today) OR #today < per_day)"
                f" AND {is_so}"
            ),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=to_item({":now": microseconds(now), ":none": 0, ":one": 1}),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return read(answer["Attributes"])


def microseconds(moment: datetime) -> int:
    """A moment in microseconds since 1970."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def moment_of(since_1970: int) -> datetime:
    """The moment that so many microseconds are."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=since_1970)


def day_of(moment: datetime) -> str:
    """The day that a moment belongs to, in UTC: "20261121"."""
    return f"{moment.astimezone(UTC):%Y%m%d}"


def read(item: Mapping[str, Any]) -> CountedKey:
    """A key from its item as DynamoDB gave it."""
    return read_record(from_item(item))


def read_record(record: Mapping[str, Any]) -> CountedKey:
    """A key from its record."""
    return CountedKey(
        key=read_pair(record),
        next_at=record.get("next_at"),
        full_at=record.get("full_at"),
        used={
            name.removeprefix(USED): count
            for name, count in record.items()
            if name.startswith(USED)
        },
    )

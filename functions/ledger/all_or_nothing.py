"""Several writes that happen together or not at all."""

import random
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from ledger.attributes import from_item

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

CONFLICT = "TransactionConflict"
REFUSED = "ConditionalCheckFailed"
MOST_CONFLICTS = 6
SHORTEST_REST = 0.02

# What stood in the way of each write; None where its condition held, empty where nothing stands.
InTheWay = list[dict[str, Any] | None]


def write_all(
    client: "DynamoDBClient", writes: "Sequence[TransactWriteItemTypeDef]"
) -> InTheWay | None:
    """Do all writes, or none. None when they are done; else what stood in the way of each.

    Two transactions that meet on an item are no refusal: DynamoDB turns one away at once, and it
    is tried again. Raises ClientError when it goes on being turned away; nothing was written then.
    """
    for turned_away in range(MOST_CONFLICTS + 1):
        try:
            client.transact_write_items(TransactItems=writes)
        except client.exceptions.TransactionCanceledException as refused:
            reasons = reasons_of(refused)
            if any(reason["Code"] == REFUSED for reason in reasons):
                return [in_the_way(reason) for reason in reasons]
            if turned_away == MOST_CONFLICTS or not any(r["Code"] == CONFLICT for r in reasons):
                raise
            # Not for secrets: it only keeps two from meeting again.
            time.sleep(SHORTEST_REST * 2**turned_away * random.uniform(0.5, 1))  # noqa: S311  # nosec B311
        else:
            return None
    raise AssertionError("unreachable: the last conflict is raised")


def reasons_of(refused: "ClientError") -> list[dict[str, Any]]:
    """Why each write was refused; botocore's types do not know of it."""
    return list(cast("Mapping[str, Any]", refused.response)["CancellationReasons"])


def in_the_way(reason: Mapping[str, Any]) -> dict[str, Any] | None:
    """What stood in a write's way, for one that asked for ALL_OLD."""
    return from_item(reason.get("Item") or {}) if reason["Code"] == REFUSED else None

"""What a refused conditional write says of the item that stood in its way."""

from typing import TYPE_CHECKING, Any, cast

from ledger.attributes import from_item

if TYPE_CHECKING:
    from collections.abc import Mapping

    from botocore.exceptions import ClientError


def item_in_the_way(refused: "ClientError") -> dict[str, Any] | None:
    """Read the item that failed the condition; None if there was no item at all.

    For a ConditionalCheckFailedException of a single write that asked for
    `ReturnValuesOnConditionCheckFailure="ALL_OLD"`.
    """
    item = cast("Mapping[str, Any]", refused.response).get("Item")
    return from_item(item) if item else None


def causes(cancelled: "ClientError") -> frozenset[str]:
    """Read why a transaction was cancelled: the codes of its writes that were refused."""
    reasons = cast("Mapping[str, Any]", cancelled.response)["CancellationReasons"]
    return frozenset(reason["Code"] for reason in reasons) - {"None"}

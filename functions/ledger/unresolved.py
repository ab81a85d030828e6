"""The payments that a person has to look at: the sparse index `by_unresolved`, oldest first.

It may lag by moments.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ledger.attributes import from_item, to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from payments.mode import Mode

BY_UNRESOLVED = "by_unresolved"


class Unresolved:
    """What stands open in a deployment."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def sessions(self, mode: "Mode") -> Iterator[str]:
        """The session ids, those first that were opened first."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=BY_UNRESOLVED,
            KeyConditionExpression="unresolved = :mode",
            ExpressionAttributeValues=to_item({":mode": mode.value}),
        )
        for page in pages:
            yield from (from_item(item)["pk"] for item in page["Items"])

    def count(self, mode: "Mode") -> int:
        """How many stand open."""
        return sum(1 for _ in self.sessions(mode))

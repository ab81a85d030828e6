"""Many payments at once, by BatchGetItem: for the operator, who reads whole months of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ledger.attributes import from_item, to_item
from ledger.payments import key, read
from payments.errors import PaymentError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import (
        KeysAndAttributesOutputTypeDef,
        KeysAndAttributesTypeDef,
    )

    from payments.payment import Payment

# BatchGetItem's own limit.
MOST_AT_ONCE = 100
MOST_CALLS = 10
FIRST_PAUSE_SECONDS = 0.1

Pause = Callable[[float], None]


class ReadingPutOff(PaymentError):
    """DynamoDB kept putting off a part of what was asked for: it is busy, or throttled."""


def several_payments(
    client: "DynamoDBClient", table: str, session_ids: Sequence[str], pause: Pause = time.sleep
) -> "Iterator[Payment]":
    """Read payments, 100 at the most, in the order asked for; those that are gone are left out.

    Raises ReadingPutOff.
    """
    records = records_of(client, table, session_ids, pause)
    found = {record["pk"]: record for record in records}
    yield from (read(found[session]) for session in session_ids if session in found)


def records_of(
    client: "DynamoDBClient", table: str, session_ids: Iterable[str], pause: Pause
) -> Iterator[dict[str, Any]]:
    """The records of payments, in any order: what DynamoDB puts off is asked for again."""
    asked: KeysAndAttributesTypeDef | KeysAndAttributesOutputTypeDef = {
        "Keys": [to_item(key(session)) for session in session_ids],
        "ConsistentRead": True,
    }
    for call in range(MOST_CALLS):
        if call:
            pause(FIRST_PAUSE_SECONDS * 2**call)
        answer = client.batch_get_item(RequestItems={table: asked})
        yield from map(from_item, answer["Responses"].get(table, []))
        if table not in answer["UnprocessedKeys"]:
            return
        asked = answer["UnprocessedKeys"][table]
    raise ReadingPutOff("DynamoDB keeps putting the reading off: try again later")

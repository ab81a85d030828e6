from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError

from ledger.all_or_nothing import MOST_CONFLICTS, write_all
from ledger.attributes import to_item

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef


def putting(table: str, name: str) -> "TransactWriteItemTypeDef":
    return {
        "Put": {
            "TableName": table,
            "Item": to_item({"pk": name, "sk": "X"}),
            "ConditionExpression": "attribute_not_exists(pk)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
    }


def meet_others(client: "DynamoDBClient", times: int, code: str = "TransactionConflict") -> None:
    """Turn transactions away so often, as DynamoDB does when two meet on an item."""
    left = [times]

    def turn_away(**_: Any) -> Any:  # noqa: ANN401  # botocore says what it sends
        if not left[0]:
            return None
        left[0] -= 1
        told = {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [{"Code": code}, {"Code": "None"}],
        }
        return AWSResponse("https://dynamodb.example", 400, HTTPHeaders(), None), told

    client.meta.events.register("before-call.dynamodb.TransactWriteItems", turn_away)


def test_all_are_written(dynamodb: "DynamoDBClient", payments_table: str) -> None:
    writes = [putting(payments_table, name) for name in ("A", "B")]
    assert write_all(dynamodb, writes) is None
    assert dynamodb.scan(TableName=payments_table)["Count"] == 2


def test_or_none_and_what_stood_in_the_way_is_told(
    dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    write_all(dynamodb, [putting(payments_table, "A")])
    refused = write_all(dynamodb, [putting(payments_table, name) for name in ("B", "A")])
    assert refused == [None, {"pk": "A", "sk": "X"}]
    assert dynamodb.scan(TableName=payments_table)["Count"] == 1


def test_transactions_that_meet_are_tried_again(
    dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    meet_others(dynamodb, 3)
    assert write_all(dynamodb, [putting(payments_table, "A")]) is None
    assert dynamodb.scan(TableName=payments_table)["Count"] == 1


@pytest.mark.parametrize(
    ("times", "code"), [(MOST_CONFLICTS + 1, "TransactionConflict"), (1, "ThrottlingError")]
)
def test_what_goes_on_being_turned_away_is_raised(
    dynamodb: "DynamoDBClient", payments_table: str, times: int, code: str
) -> None:
    meet_others(dynamodb, times, code)
    with pytest.raises(ClientError):
        write_all(dynamodb, [putting(payments_table, "A")])
    assert dynamodb.scan(TableName=payments_table)["Count"] == 0

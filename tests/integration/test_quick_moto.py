"""moto by the shorter way answers as by the long one, and leaves the same behind."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.integration import quick_moto
from tests.integration.gateway import kept_clients
from tests.integration.tables import make_table

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

Step = tuple[str, dict[str, Any]]
KEY = {"pk": {"S": "one"}, "sk": {"S": "two"}}
OTHER = {"pk": {"S": "one"}, "sk": {"S": "three"}}
HELD = {
    "n": {"N": "1"},
    "set": {"SS": ["a", "b"]},
    "map": {"M": {"list": {"L": [{"S": "é"}, {"N": "2"}]}, "in": {"M": {"deep": {"BOOL": True}}}}},
    "bytes": {"B": b"\x00\xff"},
    "check_shard": {"S": "0"},
    "check_at": {"S": "2026-11-21T14:30:00Z"},
}
WORDS = {
    ":one": {"N": "1"},
    ":more": {"L": [{"S": "b"}]},
    ":set": {"SS": ["c"]},
    ":text": {"S": "t"},
    ":bytes": {"B": b"\x00\xff"},
}


def change(expression: str, *words: str, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3 takes them
    """An update of the one item."""
    given = {word: WORDS[word] for word in words}
    return {
        "Key": KEY,
        "UpdateExpression": expression,
        "ReturnValues": "ALL_NEW",
        **({"ExpressionAttributeValues": given} if given else {}),
        **asked,
    }


def written(item: dict[str, Any], **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3 takes them
    return {"Put": {"TableName": "Payments", "Item": item, **asked}}


ADDED = {
    "TableName": "Payments",
    "Key": KEY,
    "UpdateExpression": "ADD #set :set SET n = n + :one",
    "ExpressionAttributeNames": {"#set": "set"},
    "ExpressionAttributeValues": {":set": {"SS": ["z"]}, ":one": {"N": "1"}},
}
STEPS: list[Step] = [
    ("put_item", {"Item": KEY | HELD}),
    ("put_item", {"Item": KEY | HELD, "ReturnValues": "ALL_OLD"}),
    ("get_item", {"Key": KEY, "ConsistentRead": True}),
    ("get_item", {"Key": OTHER}),
    (
        "get_item",
        {
            "Key": KEY,
            "ProjectionExpression": "n, #m.#l",
            "ExpressionAttributeNames": {"#m": "map", "#l": "list"},
        },
    ),
    ("update_item", change("SET n = n + :one, a = if_not_exists(a, :one) REMOVE gone", ":one")),
    (
        "update_item",
        change(
            "SET #m.#l = list_append(#m.#l, :more), #m.#x = :text",
            *(":more", ":text"),
            ExpressionAttributeNames={"#m": "map", "#l": "list", "#x": "x"},
        ),
    ),
    (
        "update_item",
        change("ADD #set :set, n :one", ":set", ":one", ExpressionAttributeNames={"#set": "set"}),
    ),
    (
        "update_item",
        change("DELETE #set :set", ":set", ExpressionAttributeNames={"#set": "set"}),
    ),
    ("update_item", change("SET b = :text", ":text", ConditionExpression="attribute_exists(zz)")),
    (
        "update_item",
        change(
            "SET b = :text",
            *(":text", ":one"),
            ConditionExpression="n = :one",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        ),
    ),
    (
        "update_item",
        change(
            "SET b = :text",
            *(":text", ":bytes", ":one"),
            ConditionExpression="#b = :bytes AND (n > :one OR attribute_not_exists(n))",
            ExpressionAttributeNames={"#b": "bytes"},
        ),
    ),
    # What a text is refused for.
    ("update_item", change("SET n = :one SET a = :one", ":one")),
    ("update_item", change("SET n = :one, n = :one", ":one")),
    ("update_item", change("SET pk = :text", ":text")),
    ("update_item", change("SET n = :none_such")),
    ("update_item", change("SET n = n + :text", ":text")),
    ("update_item", change("NONSENSE")),
    ("put_item", {"Item": {"pk": {"S": "no sort key"}}}),
    ("put_item", {"Item": KEY, "ConditionExpression": "attribute_not_exists(pk)"}),
    # An item that was not there.
    ("update_item", change("SET a = :one", ":one", Key=OTHER)),
    (
        "transact_write_items",
        {"TransactItems": [{"Update": ADDED}, written(OTHER | {"pk": {"S": "another"}})]},
    ),
    (
        "transact_write_items",
        {
            "TransactItems": [
                {"Update": ADDED},
                written(OTHER, ConditionExpression="attribute_not_exists(pk)"),
            ]
        },
    ),
    ("transact_get_items", {"TransactItems": [{"Get": {"TableName": "Payments", "Key": KEY}}]}),
    ("batch_get_item", {"RequestItems": {"Payments": {"Keys": [KEY, OTHER]}}}),
    (
        "batch_write_item",
        {"RequestItems": {"Payments": [{"PutRequest": {"Item": OTHER | {"n": {"N": "3"}}}}]}},
    ),
    (
        "query",
        {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :t)",
            "FilterExpression": "attribute_exists(n)",
            "ExpressionAttributeValues": {":pk": {"S": "one"}, ":t": {"S": "t"}},
            "ScanIndexForward": False,
            "Limit": 1,
        },
    ),
    (
        "query",
        {
            "IndexName": "by_check",
            "KeyConditionExpression": "check_shard = :shard",
            "ExpressionAttributeValues": {":shard": {"S": "0"}},
        },
    ),
    ("query", {"IndexName": "none such", "KeyConditionExpression": "pk = :pk"}),
    ("delete_item", {"Key": OTHER, "ReturnValues": "ALL_OLD"}),
    ("delete_item", {"Key": KEY, "ConditionExpression": "attribute_exists(zz)"}),
    ("scan", {}),
    ("scan", {"TableName": "None-such"}),
]
WHOLE = {"transact_write_items", "transact_get_items", "batch_get_item", "batch_write_item"}
UNLIKE = {"ResponseMetadata", "ConsumedCapacity"}


def answers(client: "DynamoDBClient") -> list[dict[str, Any]]:
    """What is answered to each step, and in the end what the stream has of them."""
    make_table(client, "Payments")
    told: list[dict[str, Any]] = []
    for operation, asked in STEPS:
        named = asked if operation in WHOLE else {"TableName": "Payments"} | asked
        try:
            answer = getattr(client, operation)(**named)
        except ClientError as refused:
            answer = dict(refused.response)
        told.append({name: said for name, said in answer.items() if name not in UNLIKE})
    told += streamed(client)
    client.delete_table(TableName="Payments")
    return told


def streamed(client: "DynamoDBClient") -> list[dict[str, Any]]:
    streams = boto3.client("dynamodbstreams")
    arn = client.describe_table(TableName="Payments")["Table"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    start = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    records = streams.get_records(ShardIterator=start["ShardIterator"])["Records"]
    images = ("Keys", "OldImage", "NewImage")
    return [
        {"event": record["eventName"], **{name: record["dynamodb"].get(name) for name in images}}
        for record in records
    ]


@pytest.mark.usefixtures("aws")
def test_the_shorter_way_answers_as_the_long_one_and_leaves_the_same_behind() -> None:
    by_long = answers(boto3.client("dynamodb"))
    with quick_moto.quick():
        by_quick = answers(kept_clients().client("dynamodb"))
    assert len(by_quick) > len(STEPS) + 8
    for step, quick, long in zip([*STEPS, *by_long], by_quick, by_long, strict=False):
        assert quick == long, step
    assert by_quick == by_long


@pytest.mark.usefixtures("aws")
def test_what_asks_for_items_does_not_go_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    longer: Callable[..., Any] = quick_moto.the_long_way

    def noted(request: Any) -> Any:  # noqa: ANN401  # botocore's own
        asked.append(request.headers["X-Amz-Target"].decode().partition(".")[2])
        return longer(request)

    monkeypatch.setattr(quick_moto, "the_long_way", noted)
    client = kept_clients().client("dynamodb")
    make_table(client, "Payments")
    client.put_item(TableName="Payments", Item=KEY)
    client.get_item(TableName="Payments", Key=KEY)
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.delete_item(
            TableName="Payments", Key=KEY, ConditionExpression="attribute_exists(zz)"
        )
    assert asked == ["CreateTable"]

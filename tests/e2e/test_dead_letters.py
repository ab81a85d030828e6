"""What Announce could not take, handed to it once more by the operator's command line."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from infra.local.stack_file import published
from infra.operator.app import app
from ledger.attributes import from_item
from payments.clock import iso
from tests.e2e.merchant import PATIENCE, Merchant
from tests.e2e.patience import eventually

PAYS_AT_ONCE = "0780000000"


def changes_of(merchant: Merchant, session: str) -> list[dict[str, Any]]:
    """What the stream keeps of a payment."""
    streams = merchant.administrator("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=stream_of(merchant))["StreamDescription"]["Shards"]
    place = streams.get_shard_iterator(
        StreamArn=stream_of(merchant), ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    found: list[dict[str, Any]] = []
    while True:
        page = streams.get_records(ShardIterator=place)
        place = page.get("NextShardIterator")
        found += [r for r in page["Records"] if r["dynamodb"]["Keys"]["pk"]["S"] == session]
        if not page["Records"] or not place:
            return [{**record, "shard": shard["ShardId"]} for record in found]


def stream_of(merchant: Merchant) -> str:
    table = merchant.stack["tables"]["payments"]
    described = merchant.administrator("dynamodb").describe_table(TableName=table)
    return str(described["Table"]["LatestStreamArn"])


def letter_about(merchant: Merchant, changes: list[dict[str, Any]]) -> str:
    """What Lambda writes when it gives these changes up."""
    (mapping,) = [
        mapping
        for mapping in merchant.administrator("lambda").list_event_source_mappings()[
            "EventSourceMappings"
        ]
        if "Announce" in mapping["FunctionArn"]
    ]
    first, last = changes[0]["dynamodb"], changes[-1]["dynamodb"]
    return json.dumps(
        {
            "requestContext": {
                "functionArn": mapping["FunctionArn"],
                "condition": "RetryAttemptsExhausted",
            },
            "DDBStreamBatchInfo": {
                "shardId": changes[0]["shard"],
                "startSequenceNumber": first["SequenceNumber"],
                "endSequenceNumber": last["SequenceNumber"],
                "approximateArrivalOfFirstRecord": iso(first["ApproximateCreationDateTime"]),
                "batchSize": len(changes),
                "streamArn": stream_of(merchant),
            },
        }
    )


def events_of(merchant: Merchant, session: str) -> list[dict[str, Any]]:
    """The events that lie beside a payment."""
    answer = merchant.administrator("dynamodb").query(
        TableName=merchant.stack["tables"]["payments"],
        KeyConditionExpression="pk = :p AND begins_with(sk, :event)",
        ExpressionAttributeValues={":p": {"S": session}, ":event": {"S": "EVENT#"}},
    )
    return [from_item(item) for item in answer["Items"]]


def test_an_event_that_was_lost_is_there_again_after_a_redrive(
    merchant: Merchant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = merchant.open("test")["session_id"]
    assert merchant.process(session, PAYS_AT_ONCE).status_code == 200
    (event,) = eventually(
        lambda: events_of(merchant, session), within=PATIENCE, what="the event of a success"
    )
    changes = changes_of(merchant, session)
    merchant.administrator("dynamodb").delete_item(
        TableName=merchant.stack["tables"]["payments"],
        Key={"pk": {"S": session}, "sk": {"S": event["sk"]}},
    )
    assert events_of(merchant, session) == []
    merchant.administrator("sqs").send_message(
        QueueUrl=merchant.stack["dead_letters"], MessageBody=letter_about(merchant, changes)
    )

    def typed(*words: str) -> Result:
        return CliRunner().invoke(app, ["--local", "dead-letters", *words])

    monkeypatch.chdir(tmp_path)
    with published_here(tmp_path, merchant):
        (listed,) = json.loads(typed("list", "--json").stdout)
        done = typed("redrive", "--yes")
        assert typed("list").stdout == "none\n"
    assert (listed["changes"], listed["readable"]) == (len(changes), True)
    assert done.exit_code == 0, done.output
    (again,) = events_of(merchant, session)
    assert (again["event_id"], again["body"]) == (event["event_id"], event["body"])


def published_here(folder: Path, merchant: Merchant) -> Any:  # noqa: ANN401  # a context manager
    """Have stack.json where the command line looks for it."""
    (folder / ".local").mkdir()
    return published(folder / ".local", merchant.stack)

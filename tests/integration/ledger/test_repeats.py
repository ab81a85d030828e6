from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from ledger.attributes import from_item
from ledger.repeats import Repeats

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
DIGEST = "d" * 64


@pytest.fixture
def repeats(dynamodb: "DynamoDBClient", payments_table: str) -> Repeats:
    return Repeats(dynamodb, payments_table)


def test_the_same_request_may_be_repeated(repeats: Repeats) -> None:
    assert repeats.note(DIGEST, "one", NOW)
    assert repeats.note(DIGEST, "one", NOW + timedelta(hours=1))


def test_another_request_under_the_same_key_may_not(repeats: Repeats) -> None:
    repeats.note(DIGEST, "one", NOW)
    assert not repeats.note(DIGEST, "two", NOW)
    assert repeats.note(DIGEST, "one", NOW)


def test_a_key_is_forgotten_after_a_day_though_it_is_still_stored(repeats: Repeats) -> None:
    repeats.note(DIGEST, "one", NOW)
    assert not repeats.note(DIGEST, "two", NOW + timedelta(hours=23, minutes=59, seconds=59))
    assert repeats.note(DIGEST, "two", NOW + timedelta(hours=24))


def test_dynamodb_may_delete_it_when_it_is_forgotten(
    repeats: Repeats, dynamodb: "DynamoDBClient"
) -> None:
    repeats.note(DIGEST, "one", NOW)
    (item,) = dynamodb.scan(TableName="Payments")["Items"]
    assert from_item(item)["forgotten_at"] == (NOW + timedelta(hours=24)).timestamp()

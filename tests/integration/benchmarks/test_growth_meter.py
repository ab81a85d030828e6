"""What the meter of the growth benchmark counts, and that it leaves the answers as they are."""

from typing import TYPE_CHECKING

import pytest

from ledger.attributes import to_item
from ledger.listing import Kind, Listing, owner_of
from ledger.payments import Payments
from payments.mode import Mode
from tests.benchmarks.growth.meter import Meter, Taken, written_units
from tests.examples import PAYMENT
from tests.integration.tables import make_table

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ENDPOINT = "https://dynamodb.eu-west-1.amazonaws.com"
OWNER = owner_of(PAYMENT.merchant_id, Mode.LIVE, Kind.PAYMENTS)


@pytest.fixture
def meter(aws: None) -> Meter:  # noqa: ARG001  # moto must stand first
    """One over moto, with a payment of five kilobytes."""
    meter = Meter(ENDPOINT, "eu-west-1")
    bare: DynamoDBClient = meter.uncounted("dynamodb")
    make_table(bare, "Payments")
    bare.put_item(
        TableName="Payments",
        Item=to_item(
            {"pk": "1", "sk": "PAYMENT", "owner": OWNER, "created_at": "2026", "x": "." * 5000}
        ),
    )
    return meter


def test_what_is_asked_aside_is_not_counted(meter: Meter) -> None:
    assert meter.taken == Taken()


def test_a_read_is_priced_by_what_came_back(meter: Meter) -> None:
    for is_consistent in (True, False):
        meter.client("dynamodb").get_item(
            TableName="Payments",
            Key=to_item({"pk": "1", "sk": "PAYMENT"}),
            ConsistentRead=is_consistent,
        )
    assert meter.taken.calls == ["dynamodb.GetItem"] * 2
    assert meter.taken.items_read == 2
    assert meter.taken.units.reads == 2 + 1
    assert meter.taken.of_indexes == []
    assert 0 < meter.taken.seconds < 60


def test_a_read_that_finds_nothing_takes_the_least(meter: Meter) -> None:
    assert Payments(meter.client("dynamodb"), "Payments").get("CHK-0000000000000000") is None
    assert (meter.taken.items_read, meter.taken.units.reads) == (0, 1)


def test_a_query_of_an_index_can_be_asked_again_as_it_was(meter: Meter) -> None:
    records, _ = Listing(meter.client("dynamodb"), "Payments").page(OWNER, size=5)
    assert (meter.taken.items_read, meter.taken.units.reads) == (1, 0.5)
    (asked,) = meter.taken.of_indexes
    found = meter.uncounted("dynamodb").query(**asked)["Items"]
    assert [item["pk"]["S"] for item in found] == [record["pk"] for record in records]
    assert meter.taken.calls == ["dynamodb.Query"]


def test_a_write_takes_what_it_is_answered(meter: Meter) -> None:
    Payments(meter.client("dynamodb"), "Payments").open(PAYMENT)
    assert meter.taken.calls == ["dynamodb.PutItem"]
    assert meter.taken.units.reads == 0
    assert meter.taken.units.writes > 0
    assert meter.taken.items_read == 0


def test_a_transactions_units_are_those_of_all_its_tables() -> None:
    one, other = {"CapacityUnits": 5.0}, {"CapacityUnits": 2.0}
    assert written_units({"ConsumedCapacity": one}) == 5
    assert written_units({"ConsumedCapacity": [one, other]}) == 7
    assert written_units({}) == 0

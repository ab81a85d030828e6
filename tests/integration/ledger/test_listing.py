from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ledger.attributes import to_item
from ledger.listing import Kind, Listing, Place, owner_of
from payments.clock import iso
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
OURS = owner_of("mer_ours", Mode.LIVE, Kind.PAYMENTS)
THEIRS = owner_of("mer_theirs", Mode.LIVE, Kind.PAYMENTS)


@pytest.fixture
def listing(dynamodb: "DynamoDBClient", payments_table: str) -> Listing:
    for owner in (OURS, THEIRS):
        for number in range(7):
            dynamodb.put_item(
                TableName=payments_table,
                Item=to_item(
                    {
                        "pk": f"CHK-{owner}-{number}",
                        "sk": "PAYMENT",
                        "owner": owner,
                        # Two in the same second: the index must tell them apart.
                        "created_at": iso(NOW + timedelta(seconds=number // 2)),
                        "amount": number,
                        "request_hash": "not for lists",
                    }
                ),
            )
    return Listing(dynamodb, payments_table)


def amounts(records: list[dict[str, Any]]) -> list[int]:
    return [record["amount"] for record in records]


def test_the_newest_comes_first(listing: Listing) -> None:
    records, place = listing.page(OURS, size=10)
    assert [record["created_at"] for record in records] == sorted(
        (record["created_at"] for record in records), reverse=True
    )
    assert sorted(amounts(records)) == list(range(7))
    assert place is None


def test_pages_show_each_record_once(listing: Listing) -> None:
    seen: list[int] = []
    place: Place | None = None
    while True:
        records, place = listing.page(OURS, after=place, size=2)
        seen += amounts(records)
        if place is None:
            break
    assert sorted(seen) == list(range(7))


def test_both_ends_are_included(listing: Listing) -> None:
    records, _ = listing.page(
        OURS, since=NOW + timedelta(seconds=1), until=NOW + timedelta(seconds=2), size=10
    )
    assert sorted(amounts(records)) == [2, 3, 4, 5]


def test_a_place_in_anothers_list_opens_nothing_of_it(listing: Listing) -> None:
    _, place = listing.page(THEIRS, size=2)
    records, _ = listing.page(OURS, after=place, size=10)
    assert all(record["pk"].startswith(f"CHK-{OURS}") for record in records)


def test_modes_and_kinds_have_lists_of_their_own(listing: Listing) -> None:
    for mode, kind in ((Mode.TEST, Kind.PAYMENTS), (Mode.LIVE, Kind.EVENTS)):
        assert listing.page(owner_of("mer_ours", mode, kind), size=10) == ([], None)


@pytest.mark.parametrize("moment", ["zzz", "9999-01-01T00:00:00Z", iso(NOW + timedelta(days=1))])
def test_a_place_before_the_first_page_starts_with_it(listing: Listing, moment: str) -> None:
    records, _ = listing.page(OURS, until=NOW, after=Place(moment, "x", "y"), size=10)
    assert sorted(amounts(records)) == [0, 1]


@pytest.mark.parametrize("moment", ["!", iso(NOW - timedelta(days=1))])
def test_a_place_after_the_last_page_holds_nothing(listing: Listing, moment: str) -> None:
    assert listing.page(OURS, since=NOW, after=Place(moment, "x", "y"), size=10) == ([], None)

"""The local stack weighs items and indexes by code of its own: both must come to the same."""

from typing import Any

import pytest
from ministack.services import dynamodb as ministack  # type: ignore[import-untyped]  # no types

from tests.benchmarks.capacity import Item, in_index, size_of, written
from tests.benchmarks.meter import TABLES
from tests.benchmarks.quiet_world import Play, played
from tests.integration.tables import RESOURCES
from tests.simulation.world import Deployment

PAYMENTS = TABLES["Payments"]


@pytest.fixture(scope="module")
def writes(deployment: Deployment) -> list[tuple[Item | None, Item | None]]:
    """Every write of three payments that ended in three ways: the items before and after."""
    found: list[tuple[Item | None, Item | None]] = []
    for play in (Play(), Play(answer="decline"), Play(pays=False)):
        played(deployment, play)
        for record in deployment.table("Payments").stream_shard.items:
            images = record.record["dynamodb"]
            found.append((images.get("OldImage"), images.get("NewImage")))
    return found


def described() -> dict[str, Any]:
    """The table as MiniStack keeps it."""
    properties: dict[str, Any] = RESOURCES["Payments"]["Properties"]
    return {**properties, "pk_name": "pk", "sk_name": "sk"}


def test_both_say_what_each_item_weighs(writes: list[tuple[Item | None, Item | None]]) -> None:
    assert len(writes) > 40
    for item in (one for pair in writes for one in pair if one):
        assert size_of(item) == ministack._item_size_bytes(item)  # noqa: SLF001  # it has no other door
        assert written(size_of(item)) == ministack._capacity_kb(size_of(item))  # noqa: SLF001  # as above


def test_both_say_what_each_write_takes_of_each_index(
    writes: list[tuple[Item | None, Item | None]],
) -> None:
    table, taken = described(), 0.0
    for before, after in writes:
        for index in table["GlobalSecondaryIndexes"]:
            units: float = ministack._index_write_units(table, index, before, after)  # noqa: SLF001  # as above
            assert in_index(PAYMENTS, PAYMENTS.index(index["IndexName"]), before, after) == units
            taken += units
    assert taken > 20

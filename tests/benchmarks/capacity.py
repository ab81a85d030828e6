"""What a read or a write takes of DynamoDB's capacity, by the rules of its developer guide. Pure.

moto answers half a unit to everything, whatever it is asked, and the local stack reads of any size
for one price. So the units are worked out from the items before and after a call, by the sections
"DynamoDB item sizes and formats", "DynamoDB read and write operations" and "Provisioned throughput
considerations for global secondary indexes". Items are in DynamoDB's JSON ({"S": …}, {"N": …}).
"""

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from typing import Any

Item = Mapping[str, Any]

KILOBYTE = 1024
READ_BYTES = 4 * KILOBYTE
"""What one unit reads."""
NESTED = 3
"""Of a list or a map, whatever it holds; and one more for each of its elements."""


@dataclass(frozen=True)
class Index:
    """A global secondary index."""

    name: str
    keys: tuple[str, ...]
    projected: frozenset[str] | None
    """What it holds beside the keys; None for everything."""


@dataclass(frozen=True)
class Table:
    """A table with its indexes."""

    name: str
    keys: tuple[str, ...]
    indexes: tuple[Index, ...] = ()

    def index(self, name: str) -> Index:
        """One of its indexes."""
        return next(index for index in self.indexes if index.name == name)

    def entry(self, index: Index, item: Item | None) -> dict[str, Any] | None:
        """What an index holds of an item; None when it is not in it."""
        if item is None or any(key not in item for key in index.keys):
            return None
        if index.projected is None:
            return dict(item)
        held = {*self.keys, *index.keys, *index.projected}
        return {name: value for name, value in item.items() if name in held}


def table_of(name: str, properties: Mapping[str, Any]) -> Table:
    """A table from its properties in the template."""
    return Table(
        name,
        keys_of(properties),
        tuple(
            Index(index["IndexName"], keys_of(index), projected_by(index["Projection"]))
            for index in properties.get("GlobalSecondaryIndexes", ())
        ),
    )


def keys_of(properties: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of a key's attributes."""
    return tuple(part["AttributeName"] for part in properties["KeySchema"])


def projected_by(projection: Mapping[str, Any]) -> frozenset[str] | None:
    """What an index holds beside the keys."""
    if projection["ProjectionType"] == "ALL":
        return None
    return frozenset(projection.get("NonKeyAttributes", ()))


# -------------------------------------------------------------------- sizes
def size_of(item: Item) -> int:
    """The bytes of an item: its attributes' names and values."""
    return sum(size_of_text(name) + size_of_value(value) for name, value in item.items())


def size_of_text(text: str) -> int:
    """Text counts as it stands in UTF-8."""
    return len(text.encode())


def size_of_value(value: Mapping[str, Any]) -> int:
    """The bytes of a value."""
    ((kind, held),) = value.items()
    if kind not in SIZES:
        raise ValueError(f"DynamoDB has no type {kind}")
    return SIZES[kind](held)


def size_of_number(number: str) -> int:
    """A byte for every two significant digits, one more, and one for a minus; "approximately".

    Digits go in pairs from the decimal point on, so that 100 is one pair and 12.5 is two.
    """
    told = Decimal(number)
    if told == 0:
        return 1
    digits, exponent = told.normalize().as_tuple()[1:]
    assert isinstance(exponent, int), "DynamoDB knows no infinity"
    pairs = ceil((len(digits) + exponent) / 2) - exponent // 2
    return 1 + pairs + (told < 0)


def size_of_bytes(held: str | bytes) -> int:
    """Bytes count as they are; they travel as base64."""
    return len(base64.b64decode(held)) if isinstance(held, str) else len(held)


def size_of_list(held: list[Mapping[str, Any]]) -> int:
    """A list's own bytes, and its elements with a byte for each."""
    return NESTED + sum(1 + size_of_value(one) for one in held)


def size_of_map(held: Item) -> int:
    """A map's own bytes, and its pairs with a byte for each."""
    return NESTED + size_of(held) + len(held)


def all_of(size: Callable[[Any], int]) -> Callable[[list[Any]], int]:
    """The size of a set, by its elements'."""
    return lambda held: sum(map(size, held))


SIZES: Mapping[str, Callable[[Any], int]] = {
    "S": size_of_text,
    "N": size_of_number,
    "B": size_of_bytes,
    "BOOL": lambda _: 1,
    "NULL": lambda _: 1,
    "SS": all_of(size_of_text),
    "NS": all_of(size_of_number),
    "BS": all_of(size_of_bytes),
    "L": size_of_list,
    "M": size_of_map,
}


# -------------------------------------------------------------------- units
@dataclass(frozen=True)
class Units:
    """What a call takes: read and write request units."""

    reads: float = 0.0
    writes: float = 0.0
    by_index: Mapping[str, float] = field(default_factory=dict)
    """The part of `writes` that is the indexes'."""

    def __add__(self, other: "Units") -> "Units":
        names = [*self.by_index, *other.by_index]
        return Units(
            self.reads + other.reads,
            self.writes + other.writes,
            {n: self.by_index.get(n, 0) + other.by_index.get(n, 0) for n in names},
        )


NOTHING = Units()


def reading(sizes: Iterable[int], *, is_consistent: bool) -> Units:
    """One read of so many items side by side, a query's page or a single one.

    What finds nothing takes as much as the smallest.
    """
    units = max(1, ceil(sum(sizes) / READ_BYTES))
    return Units(reads=units if is_consistent else units / 2)


def written(size: int) -> int:
    """Units that a write of an item of that size takes."""
    return max(1, ceil(size / KILOBYTE))


def writing(
    table: Table, before: Item | None, after: Item | None, *, is_in_transaction: bool = False
) -> Units:
    """One write, by the larger of the item before and after it, and what it changes in the indexes.

    A transaction prepares and commits each of its items; indexes follow it later, at their own
    price. A write whose condition fails changes nothing and takes what stands there: before is
    after.
    """
    larger = max(size_of(item) if item else 0 for item in (before, after))
    own = written(larger) * (2 if is_in_transaction else 1)
    by_index = {
        index.name: units
        for index in table.indexes
        if (units := in_index(table, index, before, after))
    }
    return Units(writes=own + sum(by_index.values()), by_index=by_index)


def in_index(table: Table, index: Index, before: Item | None, after: Item | None) -> int:
    """What a write takes of an index.

    One write to put an entry in or to take it out, one to change what is projected, two to move
    it (taken out, put in), none where nothing that it holds changes.
    """
    old, new = table.entry(index, before), table.entry(index, after)
    if same(old, new):
        return 0
    if old is None or new is None:
        return written(size_of(old or new or {}))
    if any(not same(old[key], new[key]) for key in index.keys):
        return written(size_of(old)) + written(size_of(new))
    return written(max(size_of(old), size_of(new)))


def same(one: Item | None, other: Item | None) -> bool:
    """Whether two pieces of DynamoDB's JSON say the same."""
    return one == other or json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

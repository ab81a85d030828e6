"""The developer guide's own examples, and the corners of its rules."""

import pytest

from tests.benchmarks.capacity import (
    Index,
    Item,
    Table,
    Units,
    reading,
    size_of,
    size_of_number,
    size_of_value,
    table_of,
    writing,
)
from tests.integration.tables import RESOURCES

BY_STATUS = Index("by_status", ("status",), frozenset({"amount"}))
WHOLE = Index("whole", ("owner",), None)
TABLE = Table("Payments", ("pk",), (BY_STATUS,))


def item(**facts: str) -> Item:
    return {"pk": {"S": "1"}, **{name: {"S": fact} for name, fact in facts.items()}}


def of_size(size: int) -> Item:
    """An item of exactly so many bytes."""
    return item(x="." * (size - size_of(item(x=""))))


# -------------------------------------------------------------------- sizes
@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "Ikawa"}, 5),
        ({"S": "Kïgali"}, 7),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": "AAAA"}, 3),
        ({"B": b"AAAA"}, 4),
        ({"SS": ["ab", "c"]}, 3),
        ({"NS": ["1", "100"]}, 4),
        ({"BS": ["AAAA", "AAAA"]}, 6),
        ({"L": []}, 3),
        ({"M": {}}, 3),
        ({"L": [{"S": "ab"}, {"S": "c"}]}, 3 + 2 + 1 + 1 + 1),
        ({"M": {"name": {"S": "ab"}}}, 3 + 1 + 4 + 2),
    ],
)
def test_a_value_has_the_size_that_the_guide_gives_it(value: Item, size: int) -> None:
    assert size_of_value(value) == size


@pytest.mark.parametrize(
    ("number", "size"),
    [
        ("0", 1),
        ("7", 2),
        ("27", 2),
        ("-27", 3),
        ("100", 2),
        ("5000", 2),
        ("123", 3),
        ("12.5", 3),
        ("0.01", 2),
        ("1.5", 3),
        ("11000", 3),
        ("1796050200000000", 5),
    ],
)
def test_a_number_is_a_byte_for_two_digits_and_one_more(number: str, size: int) -> None:
    assert size_of_number(number) == size


def test_names_count_as_values_do() -> None:
    # "shirt-color" and "R" are 12 bytes, in the guide's words on attribute names.
    assert size_of({"shirt-color": {"S": "R"}}) == 12


def test_a_type_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no type X"):
        size_of_value({"X": "1"})


# -------------------------------------------------------------------- reads
@pytest.mark.parametrize(
    ("sizes", "consistent", "eventual"),
    [
        ([3_584], 1, 0.5),
        ([10 * 1024], 3, 1.5),
        ([8 * 1024], 2, 1),
        ([4096], 1, 0.5),
        ([4097], 2, 1),
        # A query adds its items up before it rounds: 40.8 KB are 44.
        ([41_779], 11, 5.5),
        ([1_500, 6_500], 2, 1),
        ([], 1, 0.5),
    ],
)
def test_a_unit_reads_four_kilobytes(sizes: list[int], consistent: float, eventual: float) -> None:
    assert reading(sizes, is_consistent=True) == Units(reads=consistent)
    assert reading(sizes, is_consistent=False) == Units(reads=eventual)


# -------------------------------------------------------------------- writes
@pytest.mark.parametrize(("size", "units"), [(512, 1), (1024, 1), (1025, 2), (3_584, 4)])
def test_a_unit_writes_a_kilobyte_begun(size: int, units: int) -> None:
    bare = Table("Bare", ("pk",))
    assert writing(bare, None, of_size(size)) == Units(writes=units)
    assert writing(bare, of_size(size), None) == Units(writes=units)
    twice = writing(bare, None, of_size(size), is_in_transaction=True)
    assert twice == Units(writes=2 * units)


def test_the_larger_of_before_and_after_counts() -> None:
    bare = Table("Bare", ("pk",))
    assert writing(bare, of_size(3000), of_size(100)) == Units(writes=3)
    assert writing(bare, of_size(100), of_size(3000)) == Units(writes=3)


def test_what_is_refused_takes_what_stands_there() -> None:
    assert writing(TABLE, of_size(1500), of_size(1500)) == Units(writes=2)
    assert writing(TABLE, None, None) == Units(writes=1)


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        (None, item(status="open", amount="1"), 1),
        (item(), item(status="open"), 1),
        (item(status="open"), item(), 1),
        (item(status="open"), None, 1),
        (item(status="open"), item(status="paid"), 2),
        (item(status="open", amount="1"), item(status="open", amount="2"), 1),
        (item(status="open", amount="1"), item(status="open", amount="1", note="new"), 0),
        (item(note="old"), item(note="new"), 0),
    ],
    ids=["new", "enters", "leaves", "deleted", "moves", "projected", "not projected", "never in"],
)
def test_an_index_is_written_when_what_it_holds_changes(
    before: Item | None, after: Item | None, units: int
) -> None:
    taken = writing(TABLE, before, after)
    assert taken.by_index.get("by_status", 0) == units
    assert taken.writes == 1 + units


def test_an_entry_of_two_kilobytes_moves_for_four_units() -> None:
    table = Table("Links", ("pk",), (WHOLE,))
    before, after = item(owner="a", x="." * 1500), item(owner="b", x="." * 1500)
    assert writing(table, before, after) == Units(writes=2 + 4, by_index={"whole": 4})


def test_indexes_follow_a_transaction_at_their_own_price() -> None:
    taken = writing(TABLE, None, item(status="open"), is_in_transaction=True)
    assert taken == Units(writes=3, by_index={"by_status": 1})


def test_the_order_of_a_maps_names_changes_nothing() -> None:
    table = Table("Whole", ("pk",), (WHOLE,))
    before = {**item(owner="a"), "m": {"M": {"a": {"S": "1"}, "b": {"S": "2"}}}}
    after = {**item(owner="a"), "m": {"M": {"b": {"S": "2"}, "a": {"S": "1"}}}}
    assert writing(table, before, after).by_index == {}


def test_units_add_up() -> None:
    one, other = Units(1, 2, {"a": 1}), Units(0.5, 3, {"a": 1, "b": 2})
    assert one + other == Units(1.5, 5, {"a": 2, "b": 2})


def test_the_templates_tables_are_read_with_their_indexes() -> None:
    payments = table_of("Payments", RESOURCES["Payments"]["Properties"])
    assert payments.keys == ("pk", "sk")
    assert payments.index("by_check").projected == frozenset()
    by_owner = payments.index("by_owner").projected
    assert by_owner is not None
    assert {"status", "live_attempt"} <= by_owner
    merchants = table_of("Merchants", RESOURCES["Merchants"]["Properties"])
    assert merchants.index("by_owner").projected is None

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer

from ledger.attributes import from_item, to_item, to_value
from payments.mode import Mode


def test_what_goes_in_comes_out() -> None:
    item = {
        "amount": 5000,
        "fee": Decimal("18.4"),
        "name": "Uwimana é 🎉",
        "late": True,
        "salt": b"\x00\xff",
        "keys": frozenset({"a", "b"}),
        "attempts": {"01": {"number": 1, "tries": [1, Decimal("2.5"), "x"]}},
    }
    assert from_item(to_item(item)) == item


def test_whole_numbers_come_back_as_int_and_sets_as_frozenset() -> None:
    found = from_item({"n": {"N": "240.00"}, "s": {"NS": ["1", "2"]}, "d": {"N": "0.5"}})
    assert type(found["n"]) is int
    assert type(found["s"]) is frozenset
    assert type(found["d"]) is Decimal


def test_nothing_is_left_out_at_every_depth() -> None:
    item = {"a": None, "b": {"c": None, "d": [{"e": None, "f": 1}]}, "g": frozenset[str]()}
    assert from_item(to_item(item)) == {"b": {"d": [{"f": 1}]}}


def test_tuples_are_lists_and_enums_are_their_words() -> None:
    assert to_value((Mode.LIVE, 1)) == {"L": [{"S": "live"}, {"N": "1"}]}


def test_money_as_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        to_value(0.1)


@pytest.mark.parametrize("value", [object(), 1j, 0.5, None, {1, "a"}, frozenset({b"a"}), [None]])
def test_what_dynamodb_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="DynamoDB has"):
        to_value([value])


@pytest.mark.parametrize("number", [10**38 + 1, Decimal("1.5e-170"), Decimal("1e127")])
def test_a_number_that_would_not_be_kept_to_the_digit_is_refused(number: int | Decimal) -> None:
    with pytest.raises(ArithmeticError):
        to_value(number)


@pytest.mark.parametrize("word", ["NaN", "Infinity"])
def test_what_is_no_number_is_refused(word: str) -> None:
    with pytest.raises(TypeError, match="DynamoDB has no"):
        to_value(Decimal(word))


def test_a_kind_that_is_never_written_is_not_read() -> None:
    with pytest.raises(TypeError, match="NULL"):
        from_item({"gone": {"NULL": True}})


@pytest.mark.parametrize(
    "value",
    [
        "text",
        True,
        0,
        -5,
        10**37,
        Decimal("18.40"),
        Decimal("1e100"),
        b"\x00",
        [1, ["a"]],
        {"a": {"b": [Decimal("0.5")]}},
        frozenset({"a"}),
        frozenset({7}),
    ],
)
def test_boto3_writes_and_reads_the_same(value: object) -> None:
    written = TypeSerializer().serialize(value)
    assert to_value(value) == written
    assert from_item({"value": to_value(value)})["value"] == TypeDeserializer().deserialize(written)

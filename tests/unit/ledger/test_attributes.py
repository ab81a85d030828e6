from decimal import Decimal

import pytest

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
    with pytest.raises(TypeError, match="Float"):
        to_value(0.1)

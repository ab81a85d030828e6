import json

import pytest

from tests.benchmarks.cost.prices import FILE, Price, Prices, prices

MADE_UP = Prices(
    "nowhere-1",
    "2026-11-22",
    {
        "call": Price("Calls", 2.0, 1_000_000, "calls", "a test"),
        "gift": Price("Calls", 0.5, 1, "gifts", "a test"),
        "byte": Price("Bytes", 0.1, 10, "bytes", "a test"),
    },
)


def test_a_bill_adds_up_what_stands_on_one_line() -> None:
    bill = MADE_UP.bill({"call": 3.0, "gift": 2.0, "byte": 5.0}, times=10)
    assert bill == pytest.approx({"Calls": 3 * 10 * 2e-6 + 2 * 10 * 0.5, "Bytes": 5 * 10 * 0.01})


def test_a_bill_is_for_a_million_unless_told_otherwise() -> None:
    assert MADE_UP.bill({"call": 3.0}) == pytest.approx({"Calls": 6.0})


def test_what_has_no_price_is_not_free() -> None:
    with pytest.raises(KeyError, match="wish"):
        MADE_UP.bill({"wish": 1.0})


def test_lines_stand_once_in_the_order_of_the_file() -> None:
    assert MADE_UP.lines == ("Calls", "Bytes")


def test_the_file_names_its_region_date_and_every_source() -> None:
    told = prices()
    assert told.region == json.loads(FILE.read_text(encoding="utf-8"))["region"] == "us-east-1"
    assert told.read_on == "2026-11-22"
    for unit, price in told.by_unit.items():
        assert price.source.startswith("https://"), unit
        assert price.dollars > 0, unit
        assert price.per > 0, unit


def test_a_million_transitions_are_25_dollars() -> None:
    assert prices().bill({"transition": 1.0}) == pytest.approx({"Step Functions": 25.0})

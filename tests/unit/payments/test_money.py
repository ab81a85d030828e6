from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import UnusableAmount
from payments.money import EXPONENTS, MOST_DIGITS, Money


@pytest.mark.parametrize(
    ("amount", "currency", "minor_units"),
    [
        ("5000", "RWF", 5000),
        ("5000.0", "RWF", 5000),
        ("5e3", "RWF", 5000),
        ("12.50", "USD", 1250),
        ("0.01", "EUR", 1),
        ("0", "RWF", 0),
    ],
)
def test_reads_an_amount_as_people_write_it(amount: str, currency: str, minor_units: int) -> None:
    assert Money.of(Decimal(amount), currency) == Money(minor_units, currency)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.5", "RWF"),
        ("5000.01", "RWF"),
        ("12.505", "USD"),
        ("0.001", "EUR"),
        ("1e-999999", "RWF"),
        ("5000.0000000000000000000000000000000001", "RWF"),
        ("12.500000000000000000000000000000000001", "USD"),
    ],
)
def test_refuses_what_is_finer_than_the_smallest_coin(amount: str, currency: str) -> None:
    with pytest.raises(UnusableAmount, match="no coin that small"):
        Money.of(Decimal(amount), currency)


@pytest.mark.parametrize(
    "amount", ["NaN", "sNaN", "-NaN", "Infinity", "-Infinity", "1e999999", "1e15", "0e999999"]
)
def test_refuses_what_is_no_sum_of_money(amount: str) -> None:
    with pytest.raises(UnusableAmount, match="not an amount"):
        Money.of(Decimal(amount), "RWF")


def test_takes_fifteen_digits_and_no_more() -> None:
    assert Money.of(Decimal("9" * MOST_DIGITS), "USD").minor_units == int("9" * MOST_DIGITS) * 100


@pytest.mark.parametrize("currency", ["", "rwf", "FRW", "KES", "RWF "])
def test_refuses_a_currency_that_we_do_not_know(currency: str) -> None:
    with pytest.raises(UnusableAmount, match="not a currency"):
        Money.of(Decimal(5000), currency)


@given(st.decimals(), st.sampled_from(sorted(EXPONENTS)))
def test_never_changes_an_amount_by_reading_it(amount: Decimal, currency: str) -> None:
    try:
        money = Money.of(amount, currency)
    except UnusableAmount:
        return
    assert money.major == amount


@given(st.integers(0, 10**15 - 1), st.sampled_from(sorted(EXPONENTS)))
def test_reads_back_what_it_wrote(minor_units: int, currency: str) -> None:
    money = Money(minor_units, currency)
    assert Money.of(money.major, currency) == money


def test_francs_are_whole_in_json_and_dollars_have_cents() -> None:
    assert repr(Money(5000, "RWF").json_number) == "5000"
    assert repr(Money(1250, "USD").json_number) == "12.5"


def test_is_shown_with_thousands_and_its_currency() -> None:
    assert str(Money(1_000_000, "RWF")) == "1,000,000 RWF"
    assert str(Money(123_450, "USD")) == "1,234.50 USD"

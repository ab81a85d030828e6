"""What a provider wrote, read as one thing or not at all."""

from decimal import Decimal

import pytest

from payments.errors import ProviderSilent
from payments.money import Money
from providers.wire import read_object, stated_money

ASKED = Money(5000, "RWF")


@pytest.mark.parametrize(
    "text",
    [
        '{"amount": 1, "amount": 5000}',
        '{"amount": 5000, "amount": "5000"}',
        '{"a": 1, "status": "failed", "b": 2, "status": "successful"}',
        '{"data": {"amount": 1, "amount": 5000}}',
        '{"list": [{"x": 1, "x": null}]}',
    ],
)
def test_what_contradicts_itself_says_nothing(text: str) -> None:
    assert read_object(text.encode()) is None


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ('{"amount": 5000, "amount": 5000}', {"amount": 5000}),
        ('{"amount": 5000, "amount": 5000.0}', {"amount": 5000}),
        ('{"a": {"x": 1}, "b": {"x": 2}}', {"a": {"x": 1}, "b": {"x": 2}}),
        ('{"fee": 18.4}', {"fee": Decimal("18.4")}),
    ],
)
def test_the_same_word_twice_is_one_word(text: str, spoken: dict[str, object]) -> None:
    assert read_object(text.encode()) == spoken


def test_no_number_is_said_once_as_well() -> None:
    spoken = read_object(b'{"fee": NaN}')
    assert spoken is not None
    assert spoken["fee"] != spoken["fee"]


@pytest.mark.parametrize("currency", [True, False, ["RWF"], {"code": "RWF"}, "R" * 3000])
def test_a_currency_that_cannot_be_read_is_not_taken_as_ours(currency: object) -> None:
    with pytest.raises(ProviderSilent, match="currency"):
        stated_money({"amount": 5000, "currency": currency}, ASKED)


@pytest.mark.parametrize("currency", [None, "", " ", "RWF", "rwf", " Rwf "])
def test_a_currency_that_is_not_stated_is_ours(currency: object) -> None:
    assert stated_money({"amount": 5000, "currency": currency}, ASKED) == ASKED


def test_what_states_neither_states_no_sum() -> None:
    assert stated_money({}, ASKED) is None
    assert stated_money({"currency": "RWF", "amount": ""}, ASKED) is None

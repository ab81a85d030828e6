"""What the schema of a field allows, its rule accepts; and what the rule accepts, it allows."""

import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from checkout.order import TxRef
from payments.mode import Mode
from plumbing.fields import Address, Email, PhoneText, Text
from plumbing.terms import Terms

TERMS = Terms(
    mode=Mode.TEST,
    currencies=frozenset({"RWF"}),
    rates={"USD": Decimal(1450), "EUR": Decimal(1650)},
)
FIELDS: dict[str, TypeAdapter[Any]] = {
    "text": TypeAdapter(Text),
    "email": TypeAdapter(Email),
    "phone": TypeAdapter(PhoneText),
    "tx_ref": TypeAdapter(TxRef),
    "address": TypeAdapter(Address),
}
GOOD = {
    "text": ["Aline", " Aline Uwase ", "日本", "a\tb"],
    "email": ["a@b.rw", " a.b+c@d.e.rw ", "a..b@c.d"],
    "phone": [
        "0788123456",
        "788123456",
        "250788123456",
        "+250 788 123 456",
        "+250 (0) 788-123-456",
        "+250.788.123.456",
        "2500788123456",
        "00250788123456",
        " 0788123456 ",
    ],
    "tx_ref": ["ORDER-1", ".a", "...", "a b", "é"],
    "address": ["https://a.rw", "HTTP://a:8080/b?c=d#e", "https://a:65535", "https://é.rw/é"],
}
BAD = {
    "text": ["", "  ", "a\x00b", "a" * 101],
    "email": ["", "a", "a@b", "a b@c.d", "a@b..c", "a@b.c@d"],
    "phone": ["", "0778123456", "0758123456", "07881234567", "078812345", "+251788123456", "x"],
    "tx_ref": ["", ".", "..", " a", "a ", "a/b", "a?b", "a" * 51],
    "address": [
        "",
        "a",
        "ftp://a.rw",
        "https://",
        "https://a b",
        "https://u@a.rw",
        "https://a\\b",
        "https://a:65536",
    ],
}
EVERY = pytest.mark.parametrize("name", FIELDS)


def accepts(name: str, value: str) -> bool:
    try:
        FIELDS[name].validate_python(value, context=TERMS)
    except ValidationError:
        return False
    return True


def allows(name: str, value: str) -> bool:
    schema = FIELDS[name].json_schema()
    fits = re.search(schema["pattern"].removesuffix("$") + r"\Z", value)
    return bool(fits) and len(value) <= schema["maxLength"]


@EVERY
def test_what_is_good_is_allowed_and_accepted(name: str) -> None:
    assert [value for value in GOOD[name] if not accepts(name, value)] == []
    assert [value for value in GOOD[name] if not allows(name, value)] == []


@EVERY
def test_what_is_bad_is_neither(name: str) -> None:
    assert [value for value in BAD[name] if accepts(name, value)] == []
    assert [value for value in BAD[name] if allows(name, value)] == []


@EVERY
@settings(max_examples=100, derandomize=True)
@given(data=st.data())
def test_whatever_the_schema_allows_is_accepted(name: str, data: st.DataObject) -> None:
    pattern = FIELDS[name].json_schema()["pattern"].removesuffix("$") + r"\Z"
    value = data.draw(st.from_regex(pattern, alphabet=st.characters(exclude_categories=["Cs"])))
    if allows(name, value):
        assert accepts(name, value), repr(value)

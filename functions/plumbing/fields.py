"""The fields that merchants send, each with its rule and its words for what is wrong.

Every error of a request is found at once and named by its field.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

from payments.addresses import LONGEST as LONGEST_ADDRESS
from payments.addresses import check_address
from payments.errors import (
    InvalidRequest,
    PhoneFault,
    UnusableAddress,
    UnusableAmount,
    UnusablePhone,
)
from payments.limits import LEAST_RWF, MOST_RWF, limits
from payments.money import EXPONENTS, Money
from payments.phone import parse_phone
from plumbing.terms import Terms

LONGEST_DESCRIPTION = 500

NO_CONTROLS = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
WRITTEN_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


class Fault(StrEnum):
    """What is wrong with a field, as far as whoever fills in a form can be told."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NOT_AN_EMAIL = "not_an_email"
    PHONE_UNREADABLE = "phone_unreadable"
    PHONE_NO_WALLET = "phone_no_wallet"
    NOT_A_NUMBER = "not_a_number"
    TOO_FINE = "too_fine"
    TOO_SMALL = "too_small"
    TOO_LARGE = "too_large"
    WRONG = "wrong"


PHONE_FAULTS = {
    PhoneFault.UNREADABLE: Fault.PHONE_UNREADABLE,
    PhoneFault.NO_WALLET: Fault.PHONE_NO_WALLET,
}
# Pydantic's own kinds of error, and ours.
FAULTS = {
    "string_too_short": Fault.MISSING,
    "string_too_long": Fault.TOO_LONG,
    **{fault.value: fault for fault in Fault},
}


def wrong(message: str, fault: Fault = Fault.WRONG) -> PydanticCustomError:
    """A field's error, in these words, and in one that pages say in the reader's language."""
    return PydanticCustomError(fault.value, "{message}", {"message": message})


def terms_in(info: ValidationInfo) -> Terms:
    """What the asker may ask for, as `Asked.read` handed it over."""
    return cast("Terms", info.context)


def read_currency(value: object, info: ValidationInfo) -> object:
    """RWF when not given; upper or lower case. One that no provider here takes is refused."""
    currency = value.upper() if isinstance(value, str) else value
    if currency is None:
        currency = "RWF"
    if not isinstance(currency, str) or currency not in EXPONENTS:
        raise wrong("Use RWF, USD or EUR")
    terms = terms_in(info)
    if currency not in terms.currencies:
        taken = ", ".join(sorted(terms.currencies)) or "none at all"
        raise wrong(f"No payment method of this merchant takes {currency}; they take {taken}")
    return currency


def read_amount(value: object, info: ValidationInfo) -> Money:
    """5000, 5000.0 and "5000" are five thousand francs; a fraction of a franc is nothing."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise wrong("The amount must be a number", Fault.NOT_A_NUMBER)
    text = str(value).strip()
    if isinstance(value, str) and not WRITTEN_AMOUNT.fullmatch(text):
        raise wrong("The amount must be a number", Fault.NOT_A_NUMBER)
    terms = terms_in(info)
    currency = terms.currency_named
    least, most = limits(currency, terms.rates)
    try:
        money = Money.of(Decimal(text), currency)
    except UnusableAmount as unusable:
        words = f"The amount is finer than the smallest coin: {unusable}"
        raise wrong(words, Fault.TOO_FINE) from unusable
    if money.minor_units < least.minor_units:
        raise wrong(f"The amount must be at least {least}", Fault.TOO_SMALL)
    if money.minor_units > most.minor_units:
        raise wrong(f"The amount must be at most {most}", Fault.TOO_LARGE)
    return money


def read_text(value: str) -> str:
    """Words of any language, without control characters."""
    if not NO_CONTROLS.fullmatch(value):
        raise wrong("Control characters are not allowed")
    return value


def read_email(value: str) -> str:
    """An e-mail address by its form; whether it works is the mail's to find out."""
    if not EMAIL.fullmatch(value):
        raise wrong("This is not an e-mail address", Fault.NOT_AN_EMAIL)
    return value


def read_phone(value: str) -> str:
    """A Rwandan wallet number, kept in national form."""
    try:
        return parse_phone(value).national
    except UnusablePhone as unusable:
        raise wrong(str(unusable), PHONE_FAULTS[unusable.fault]) from unusable


def read_address(value: str, info: ValidationInfo) -> str:
    """A web address that the key's mode allows."""
    try:
        terms = terms_in(info)
        return check_address(value, terms.mode, loopback_allowed=terms.loopback_allowed)
    except UnusableAddress as unusable:
        raise wrong(str(unusable)) from unusable


# What the document says of each field (infra/openapi): the same rules as above, as far as JSON
# Schema can say them.
NO_CONTROL = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"
NO_SPACE = r"[^\s\x00-\x1f\x7f-\x9f]"
IN_EMAIL = r"[^@.\s\x00-\x1f\x7f-\x9f]"
IN_HOST = r"[^\s\x00-\x1f\x7f-\x9f/?#@:\\\[\]]"
IN_ADDRESS = r"[^\x00-\x20\x7f-\x9f\\\u2028\u2029]"
OUTER = r"[ \t\n\r]*"
BETWEEN = "[ ().-]*"
COUNTRY = rf"(\+|0{BETWEEN}0{BETWEEN})?2{BETWEEN}5{BETWEEN}0{BETWEEN}"
PORT = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(read_text),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 100,
            "pattern": f"^{NO_CONTROL}*{NO_SPACE}{NO_CONTROL}*$",
            "description": "Words without control characters; outer spaces do not count.",
        }
    ),
]
Description = Annotated[
    str,
    StringConstraints(max_length=LONGEST_DESCRIPTION),
    AfterValidator(read_text),
    WithJsonSchema(
        {"type": "string", "maxLength": LONGEST_DESCRIPTION, "pattern": f"^{NO_CONTROL}*$"}
    ),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(read_text),
    AfterValidator(read_email),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 254,
            "pattern": rf"^{OUTER}({IN_EMAIL}|\.)+@{IN_EMAIL}+(\.{IN_EMAIL}+)+{OUTER}$",
        }
    ),
]
PhoneText = Annotated[
    str,
    AfterValidator(read_phone),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": (
                rf"^{OUTER}({COUNTRY})?(0{BETWEEN})?7{BETWEEN}[2389]"
                rf"({BETWEEN}[0-9]){{7}}{BETWEEN}{OUTER}$"
            ),
            "maxLength": 24,
            "description": "A number of MTN (078, 079) or Airtel (072, 073), as in 0788123456.",
        }
    ),
]
AN_ADDRESS: JsonDict = {
    "type": "string",
    "maxLength": LONGEST_ADDRESS,
    "pattern": rf"^[Hh][Tt][Tt][Pp][Ss]?://{IN_HOST}+(:{PORT})?([/?#]{IN_ADDRESS}*)?$",
    "description": "A full address that begins with https://; in test mode http:// too.",
}

Address = Annotated[str, AfterValidator(read_address), WithJsonSchema(AN_ADDRESS)]
Currency = Annotated[
    str,
    BeforeValidator(read_currency),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": "^([Rr][Ww][Ff]|[Uu][Ss][Dd]|[Ee][Uu][Rr])$",
                },
                {"type": "null"},
            ],
            "description": "RWF, USD or EUR, where one of your providers takes it.",
        }
    ),
]
Amount = Annotated[
    Money,
    BeforeValidator(read_amount),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_RWF},
                {"type": "string", "pattern": rf"^\s*{WRITTEN_AMOUNT.pattern}\s*$"},
            ],
            "description": (
                f"In the currency's own unit. Whole francs from {LEAST_RWF} to {MOST_RWF}, or "
                "dollars and euros of about the same worth, to the cent."
            ),
        }
    ),
]


class Asked(BaseModel):
    """What a request asks for: the fields that are named, and no other."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @classmethod
    def names(cls) -> frozenset[str]:
        """The fields that there are, as they are sent."""
        return frozenset(field.alias or name for name, field in cls.model_fields.items())

    @classmethod
    def read(cls, body: Mapping[str, Any], terms: Terms | None = None) -> Self:
        """Read a request. Raises InvalidRequest with every field that is wrong."""
        named = str(body.get("currency")).upper()
        reading = terms and replace(terms, currency_named=named if named in EXPONENTS else "RWF")
        try:
            return cls.model_validate(body, context=reading)
        except ValidationError as invalid:
            raise InvalidRequest(fields_of(invalid), faults_of(invalid)) from invalid


def fields_of(invalid: ValidationError) -> dict[str, list[str]]:
    """Every error under its field, dotted ("customer.phone")."""
    fields: dict[str, list[str]] = {}
    for error in invalid.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"])
        fields.setdefault(name, []).append(in_words(error["type"], error["msg"]))
    return fields


def faults_of(invalid: ValidationError) -> dict[str, list[Fault]]:
    """The same without words."""
    faults: dict[str, list[Fault]] = {}
    for error in invalid.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"])
        faults.setdefault(name, []).append(FAULTS.get(error["type"], Fault.WRONG))
    return faults


def in_words(kind: str, message: str) -> str:
    """An error as a merchant's developer wants to read it."""
    match kind:
        case "missing":
            return "This field is required"
        case "extra_forbidden":
            return "There is no such field"
        case _:
            return message

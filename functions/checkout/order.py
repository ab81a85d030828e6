"""What a merchant asks for when opening a payment: seed 000's fields, limits and all.

Every error of a request is found at once and named by its field.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
)
from pydantic_core import PydanticCustomError

from payments.addresses import check_address
from payments.errors import InvalidRequest, UnusableAddress, UnusableAmount, UnusablePhone
from payments.limits import Rates, limits
from payments.merchant import Merchant
from payments.mode import Mode
from payments.money import EXPONENTS, Money
from payments.payment import SESSION_LIFE, Customer, Payment
from payments.phone import parse_phone
from payments.references import LONGEST_TX_REF, may_be_tx_ref, session_id
from payments.status import Status

LONGEST_DESCRIPTION = 500
MOST_META_BYTES = 8 * 1024

NO_CONTROLS = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
WRITTEN_AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?", re.ASCII)


def wrong(message: str) -> PydanticCustomError:
    """A field's error, in these words."""
    return PydanticCustomError("wrong", "{message}", {"message": message})


def terms_in(info: ValidationInfo) -> "Terms":
    """What the asker may ask for, as `Order.read` handed it over."""
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
        raise wrong("The amount must be a number")
    text = str(value).strip()
    if isinstance(value, str) and not WRITTEN_AMOUNT.fullmatch(text):
        raise wrong("The amount must be a number")
    terms = terms_in(info)
    currency = terms.currency_named
    least, most = limits(currency, terms.rates)
    try:
        money = Money.of(Decimal(text), currency)
    except UnusableAmount as unusable:
        raise wrong(f"The amount is finer than the smallest coin: {unusable}") from unusable
    if money.minor_units < least.minor_units:
        raise wrong(f"The amount must be at least {least}")
    if money.minor_units > most.minor_units:
        raise wrong(f"The amount must be at most {most}")
    return money


def read_tx_ref(value: str) -> str:
    """Your own reference, safe to stand in a path."""
    if not 0 < len(value) <= LONGEST_TX_REF:
        raise wrong(f"tx_ref must have 1 to {LONGEST_TX_REF} characters")
    if not may_be_tx_ref(value):
        raise wrong("tx_ref must not hold / ? # % \\ or control characters, nor outer spaces")
    return value


def read_text(value: str) -> str:
    """Words of any language, without control characters."""
    if not NO_CONTROLS.fullmatch(value):
        raise wrong("Control characters are not allowed")
    return value


def read_email(value: str) -> str:
    """An e-mail address by its form; whether it works is the mail's to find out."""
    if not EMAIL.fullmatch(value):
        raise wrong("This is not an e-mail address")
    return value


def read_phone(value: str) -> str:
    """A Rwandan wallet number, kept in national form."""
    try:
        return parse_phone(value).national
    except UnusablePhone as unusable:
        raise wrong(str(unusable)) from unusable


def read_address(value: str, info: ValidationInfo) -> str:
    """A web address that the key's mode allows."""
    try:
        terms = terms_in(info)
        return check_address(value, terms.mode, loopback_allowed=terms.loopback_allowed)
    except UnusableAddress as unusable:
        raise wrong(str(unusable)) from unusable


def read_meta(value: object) -> str | None:
    """The merchant's own object, kept as JSON text so that it comes back as it came."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong("meta must be an object")
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text.encode()) > MOST_META_BYTES:
        raise wrong(f"meta must be at most {MOST_META_BYTES} bytes of JSON")
    return text if value else None


Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
    AfterValidator(read_text),
]
Email = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    AfterValidator(read_text),
    AfterValidator(read_email),
]
PhoneText = Annotated[str, AfterValidator(read_phone)]
Address = Annotated[str, AfterValidator(read_address)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an order may ask for, by who asks."""

    mode: Mode
    currencies: frozenset[str]
    """Those that some provider of the merchant takes."""
    rates: Rates
    loopback_allowed: bool = False
    currency_named: str = "RWF"
    """What the order's sum is read in; francs where it names no currency that there is."""


class OrderCustomer(BaseModel):
    """`customer` of the request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Text
    email: Email
    phone: PhoneText


class Order(BaseModel):
    """The request to open a payment."""

    model_config = ConfigDict(extra="forbid", strict=True)

    currency: Annotated[str, BeforeValidator(read_currency)] = Field("RWF", validate_default=True)
    amount: Annotated[Money, BeforeValidator(read_amount)]
    tx_ref: Annotated[str, AfterValidator(read_tx_ref)]
    customer: OrderCustomer
    redirect_url: Address | None = None
    webhook_url: Address | None = None
    description: (
        Annotated[
            str,
            StringConstraints(max_length=LONGEST_DESCRIPTION),
            AfterValidator(read_text),
        ]
        | None
    ) = None
    meta: Annotated[str | None, BeforeValidator(read_meta)] = None

    @classmethod
    def read(cls, body: Mapping[str, Any], terms: "Terms") -> "Order":
        """Read a request. Raises InvalidRequest with every field that is wrong."""
        named = str(body.get("currency")).upper()
        reading = replace(terms, currency_named=named if named in EXPONENTS else "RWF")
        try:
            return cls.model_validate(body, context=reading)
        except ValidationError as invalid:
            raise InvalidRequest(fields_of(invalid)) from invalid

    def payment(
        self, merchant: Merchant, mode: Mode, idempotency_key: str | None, now: datetime
    ) -> Payment:
        """The payment that this order opens."""
        return Payment(
            session_id=session_id(merchant.salt, mode, self.tx_ref),
            merchant_id=merchant.merchant_id,
            mode=mode,
            tx_ref=self.tx_ref,
            money=self.amount,
            customer=Customer(
                name=self.customer.name, email=self.customer.email, phone=self.customer.phone
            ),
            status=Status.PENDING,
            version=1,
            created_at=now,
            updated_at=now,
            expires_at=now + SESSION_LIFE,
            request_hash=digest(self.model_dump_json()),
            idempotency_hash=digest(idempotency_key) if idempotency_key else None,
            description=self.description or None,
            meta=self.meta,
            redirect_url=self.redirect_url,
            webhook_url=self.webhook_url,
        )


def fields_of(invalid: ValidationError) -> dict[str, list[str]]:
    """Every error under its field, dotted ("customer.phone")."""
    fields: dict[str, list[str]] = {}
    for error in invalid.errors(include_url=False, include_input=False):
        name = ".".join(str(part) for part in error["loc"])
        fields.setdefault(name, []).append(in_words(error["type"], error["msg"]))
    return fields


def in_words(kind: str, message: str) -> str:
    """An error as a merchant's developer wants to read it."""
    match kind:
        case "missing":
            return "This field is required"
        case "extra_forbidden":
            return "There is no such field"
        case _:
            return message


def digest(text: str) -> str:
    """SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()

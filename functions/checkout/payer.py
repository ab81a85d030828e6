"""How a payment is to be paid, as a merchant's own page says it: RwandaPay's body for `process`."""

from typing import TYPE_CHECKING, Annotated

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic.config import JsonDict

from checkout.ask import Ask
from payments.payment import BY_PHONE, Method
from payments.phone import Network, parse_phone
from plumbing.fields import Asked, Email, PhoneText, Text, wrong

if TYPE_CHECKING:
    from payments.payment import Payment


def read_network(value: object) -> object:
    """MTN or Airtel, however it is capitalised."""
    for network in Network:
        if isinstance(value, str) and value.upper() == network.upper():
            return network
    raise wrong("Use MTN or Airtel")


def read_method(value: object) -> object:
    """One of the methods, by its name."""
    for method in Method:
        if value == method:
            return method
    raise wrong(f"Use {' or '.join(Method)}")


def read_bank(value: str | None, info: ValidationInfo) -> str | None:
    """The bank that pays: a bank transfer has to name it, and nothing else needs one."""
    if info.data.get("method") is Method.BANK and not value:
        raise wrong("Name the bank by its code")
    return value


WrittenNetwork = Annotated[
    Network,
    BeforeValidator(read_network),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": "^([Mm][Tt][Nn]|[Aa][Ii][Rr][Tt][Ee][Ll])$",
            "description": "MTN or Airtel: for a number that has moved to the other network.",
        }
    ),
]

A_BANK_IS_NAMED: JsonDict = {
    "if": {"properties": {"method": {"const": "bank"}}, "required": ["method"]},
    "then": {"properties": {"bank": {"type": "string", "minLength": 1}}, "required": ["bank"]},
}


class Payer(Asked):
    """How to pay. What is left out is taken from the order."""

    model_config = ConfigDict(json_schema_extra=A_BANK_IS_NAMED)

    method: Annotated[Method, BeforeValidator(read_method)] = Method.MOBILE_MONEY
    phone: PhoneText | None = None
    network: WrittenNetwork | None = None
    bank: Annotated[
        Annotated[str, StringConstraints(max_length=10)] | None, AfterValidator(read_bank)
    ] = Field(None, validate_default=True)
    customer_name: Text | None = None
    email: Email | None = None

    def ask(self, payment: "Payment") -> Ask:
        """The try that this asks for. A decline is final: nobody stands by to try again."""
        is_wallet = self.method is Method.MOBILE_MONEY
        phone = parse_phone(self.phone or payment.customer.phone)
        return Ask(
            method=self.method,
            payer_name=self.customer_name or payment.customer.name,
            payer_email=self.email or payment.customer.email,
            decline_is_final=True,
            phone=phone if self.method in BY_PHONE else None,
            network=(self.network or phone.network) if is_wallet else None,
            bank=self.bank if self.method is Method.BANK else None,
        )

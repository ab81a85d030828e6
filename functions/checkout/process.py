"""POST /checkout/{session_id}/process: pay from a merchant's own page. A decline is final here."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any

from aws_lambda_powertools.event_handler import Response
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

from checkout.charging import Ask, charge
from checkout.order import Email, PhoneText, Text, fields_of, wrong
from payments.errors import Declined, InvalidRequest, ProviderRefused, SessionNotFound
from payments.payment import BY_PHONE, Method
from payments.phone import Network, parse_phone
from payments.references import looks_like_session_id
from payments.report import Reason
from payments.status import AttemptStatus, Status
from plumbing import wiring
from plumbing.merchant_api import json_answer, merchant_api
from plumbing.observability import logger
from plumbing.requests import json_object, path_parameter, public_base_url, raw_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.payment import Payment

api = merchant_api()


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


class Payer(BaseModel):
    """RwandaPay's own body for this path; what is left out is taken from the order."""

    model_config = ConfigDict(extra="forbid", strict=True)

    method: Annotated[Method, BeforeValidator(read_method)] = Method.MOBILE_MONEY
    phone: PhoneText | None = None
    network: Annotated[Network, BeforeValidator(read_network)] | None = None
    bank: Annotated[
        Annotated[str, StringConstraints(max_length=10)] | None, AfterValidator(read_bank)
    ] = Field(None, validate_default=True)
    customer_name: Text | None = None
    email: Email | None = None

    @classmethod
    def read(cls, body: "Mapping[str, Any]") -> "Payer":
        """Read a request. Raises InvalidRequest with every field that is wrong."""
        try:
            return cls.model_validate(body)
        except ValidationError as invalid:
            raise InvalidRequest(fields_of(invalid)) from invalid

    def ask(self, payment: "Payment") -> Ask:
        """The try that this body asks for."""
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


@api.post(".*")
def process() -> Response[str]:
    """Send the prompt, or answer with the provider's page for a card."""
    request = api.current_event.raw_event
    session = path_parameter(request, "session_id") or path_parameter(request, "reference")
    payer = Payer.read(json_object(raw_body(request)))
    payment = wiring.payments().get(session) if looks_like_session_id(session) else None
    if payment is None:
        raise SessionNotFound
    return json_answer(
        HTTPStatus.OK, told(charge(payment, payer.ask(payment), public_base_url(request)))
    )


def told(payment: "Payment") -> dict[str, Any]:
    """How the try stands. Raises Declined and ProviderRefused for one that is over already."""
    attempt = payment.attempts[-1]
    if attempt.status is AttemptStatus.REFUSED:
        raise ProviderRefused(attempt.reason or Reason.NOT_ENABLED)
    if attempt.status is AttemptStatus.DECLINED:
        raise Declined(attempt.reason or Reason.DECLINED)
    paid = payment.status is Status.SUCCESSFUL
    data = {
        "reference": payment.tx_ref,
        "session_id": payment.session_id,
        "status": payment.status,
        "mode": payment.mode,
    }
    if attempt.next_url and not paid:
        data["authorization_url"] = attempt.next_url
        message = "Send the customer to authorization_url"
    else:
        message = "Payment successful!" if paid else "Approve the payment on your phone"
    return {"success": True, "message": message, "data": data}


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return api.resolve(event, context)

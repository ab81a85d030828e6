"""POST /checkout/{session_id}: the page's own form. A decline here leaves room for another try."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from checkout.ask import Ask
from checkout.charging import charge
from checkout.view import Form, not_found_page, payment_page, shown_payment
from payments.errors import (
    AttemptInProgress,
    BodyTooLarge,
    MalformedBody,
    MethodUnavailable,
    PaymentClosed,
    SessionNotFound,
    TriesUsedUp,
    UnusablePhone,
)
from payments.payment import BY_PHONE, Method
from payments.phone import Network, Phone, parse_phone
from plumbing import wiring
from plumbing.html import see_other, with_apology
from plumbing.observability import logger
from plumbing.pages import page_url
from plumbing.requests import Request, form_fields, path_parameter, public_base_url, raw_body
from settlement.judge import give_up
from settlement.settle import change

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.payment import Payment

# As much of a wrong number as the form shows again.
LONGEST_ECHO = 30

# The payment is not open to this try, for a reason that the page shows by itself.
NOTHING_TO_DO = (AttemptInProgress, PaymentClosed, SessionNotFound, TriesUsedUp)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return obeyed(event)


@with_apology
def obeyed(event: Request) -> dict[str, Any]:
    """Charge, or go back to the shop; then show how it stands."""
    payment = shown_payment(path_parameter(event, "session_id"))
    if payment is None:
        return not_found_page(event)
    base_url = public_base_url(event)
    form = form_after(payment, event, base_url)
    if form:
        return payment_page(event, payment, form)
    return see_other(page_url(payment, base_url))


def form_after(payment: "Payment", event: Request, base_url: str) -> Form | None:
    """Do what the form asks. When it cannot be done, the form to show again, saying why."""
    form = Form(phone=payment.customer.phone)
    try:
        fields = form_fields(raw_body(event))
        form = Form(
            phone=fields.get("phone", form.phone)[:LONGEST_ECHO], network=fields.get("network", "")
        )
        obey(payment, fields, base_url)
    except (MalformedBody, BodyTooLarge):
        return replace(form, error="fault.form_unreadable")
    except UnusablePhone as unusable:
        return replace(form, error=f"fault.phone_{unusable.fault}")
    except MethodUnavailable:
        return replace(form, error="why.not_enabled")
    except NOTHING_TO_DO:
        logger.info("nothing to do for this form")
    return None


def obey(payment: "Payment", fields: "Mapping[str, str]", base_url: str) -> None:
    """Charge, or give up, as the form asks.

    The form bears the number of the try that it was drawn for: a double click, a reload or an
    old tab bears a number that was used, and charges nothing.
    """
    if "leave" in fields:
        now = wiring.outside.clock()
        change(wiring.payments(), payment, lambda standing: give_up(standing, now))
    elif fields.get("try") == str(payment.tries + 1):
        charge(payment, ask_of(payment, fields), base_url)


def ask_of(payment: "Payment", fields: "Mapping[str, str]") -> Ask:
    """The try that the form asks for. Raises UnusablePhone, MethodUnavailable."""
    named = fields.get("method", Method.MOBILE_MONEY)
    if named not in set(Method):
        raise MethodUnavailable(named)
    method = Method(named)
    if method is Method.BANK and not fields.get("bank"):
        raise MethodUnavailable("a bank transfer without a bank")
    phone = parse_phone(fields.get("phone", "")) if method in BY_PHONE else None
    is_wallet = method is Method.MOBILE_MONEY
    return Ask(
        method=method,
        payer_name=payment.customer.name,
        payer_email=payment.customer.email,
        decline_is_final=False,
        phone=phone,
        network=chosen_network(fields, phone) if phone and is_wallet else None,
        bank=fields.get("bank") if method is Method.BANK else None,
    )


def chosen_network(fields: "Mapping[str, str]", phone: Phone) -> Network:
    """The network that the payer named; a number can be ported, so their word counts."""
    named = fields.get("network", "")
    return Network(named) if named in set(Network) else phone.network

"""POST /pay/{slug}: the form of a payment link. It opens one payment, however often it is sent."""

from typing import TYPE_CHECKING, Any

from links.payer import payment_of
from links.view import Earlier, Form, closed_page, form_page, is_token, no_such_page, shown_link
from payments.errors import (
    BodyTooLarge,
    DuplicateReference,
    InvalidRequest,
    LinkClosed,
    MalformedBody,
)
from payments.link import CLOSED_FOR_GOOD, Standing
from plumbing import wiring
from plumbing.html import see_other, with_apology
from plumbing.observability import logger
from plumbing.pages import page_url
from plumbing.requests import Request, form_fields, public_base_url, raw_body

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.link import Link

UNREADABLE, OUTDATED, BEGUN = "form_unreadable", "outdated", "begun"


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return obeyed(event)


@with_apology
def obeyed(event: Request) -> dict[str, Any]:
    """Open the payment and send the payer to its page, or show what keeps them from it."""
    link = shown_link(event)
    if link is None:
        return no_such_page(event)
    try:
        fields = form_fields(raw_body(event))
    except (MalformedBody, BodyTooLarge):
        fields = {}
    try:
        return paid(event, link, fields)
    except LinkClosed as closed:
        return closed_page(event, link, Standing(closed.standing))
    except DuplicateReference:
        return form_page(event, link, Form.of(fields, {"form": [OUTDATED]}, is_used=True))
    except InvalidRequest as invalid:
        standing = link.standing_at(wiring.outside.clock())
        if standing in CLOSED_FOR_GOOD:
            return closed_page(event, link, standing)
        errors = invalid.faults if fields else {"form": [UNREADABLE]}
        return form_page(event, link, Form.of(fields, errors))


def paid(event: Request, link: "Link", fields: "Mapping[str, str]") -> dict[str, Any]:
    """Open the payment that the form asks for, or find the one that it opened before.

    A payer who went back and changed the sum is asked which of the two is meant. Raises
    InvalidRequest, LinkClosed, DuplicateReference.
    """
    asked = payment_of(link, fields)
    if not is_token(fields.get("once", "")):
        raise InvalidRequest({"form": ["The form bears no token"]}, {"form": [OUTDATED]})
    payment = wiring.link_payments().open(link, asked, asked.created_at)
    address = page_url(payment, public_base_url(event))
    if payment.money != asked.money:
        form = Form.of(fields, {"form": [BEGUN]}, is_used=True)
        return form_page(event, link, form, Earlier(payment.money, address))
    return see_other(address)

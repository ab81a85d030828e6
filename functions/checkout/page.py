"""GET /checkout/{session_id}: the page where a customer pays and sees what came of it."""

from typing import TYPE_CHECKING, Any

from checkout.view import not_found_page, payment_page, shown_payment
from plumbing.html import with_apology
from plumbing.observability import logger
from plumbing.requests import Request, path_parameter

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return show(event)


@with_apology
def show(event: Request) -> dict[str, Any]:
    """Show the payment. What the query says of a return chooses words, and no more."""
    payment = shown_payment(path_parameter(event, "session_id"))
    if payment is None:
        return not_found_page(event)
    return payment_page(event, payment)

"""GET /pay/{slug}: the public page of a payment link."""

from typing import TYPE_CHECKING, Any

from links.view import closed_page, form_page, no_such_page, shown_link
from payments.link import Standing
from plumbing import wiring
from plumbing.html import with_apology
from plumbing.observability import logger
from plumbing.requests import Request

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return show(event)


@with_apology
def show(event: Request) -> dict[str, Any]:
    """Show the form while the link can be paid. The query string is never read."""
    link = shown_link(event)
    if link is None:
        return no_such_page(event)
    now = wiring.outside.clock()
    standing = link.standing_at(now)
    if standing is Standing.USED_UP:
        # A payment that failed since gives its use back to whoever comes next.
        standing = wiring.link_payments().make_room(link, now)
    return (
        form_page(event, link) if standing is Standing.OPEN else closed_page(event, link, standing)
    )

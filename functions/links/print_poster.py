"""GET /pay/{slug}/poster: the link on paper, for a counter or a wall, with its QR code.

It only reads. So a link whose last use may still come free is "in use" here until somebody opens
its page, which decides.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import segno
from markupsafe import Markup

from links.shown_link import link_url
from links.view import TEMPLATES, closed_page, no_such_page, shown_link
from payments.link import Standing
from payments.mode import Mode
from plumbing import wiring
from plumbing.html import page_answer, with_apology
from plumbing.languages.language import Language
from plumbing.languages.speech import Speech
from plumbing.observability import logger
from plumbing.requests import Request, public_base_url

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from payments.link import Link


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], _context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return show(event)


@with_apology
def show(event: Request) -> dict[str, Any]:
    """Show the poster while the link can be paid; else what the link's own page says."""
    link = shown_link(event)
    if link is None:
        return no_such_page(event)
    standing = standing_at(link, wiring.outside.clock())
    if standing is not Standing.OPEN:
        return closed_page(event, link, standing)
    address = link_url(link, public_base_url(event))
    return page_answer(
        event,
        HTTPStatus.OK,
        TEMPLATES / "poster.html",
        link=link,
        shop=wiring.merchant(link.merchant_id).name,
        is_test=link.mode is Mode.TEST,
        address=address,
        code=drawn(address),
        # Whoever passes by reads one of them; nobody can switch the language of paper.
        speeches=[Speech(language) for language in Language],
    )


def standing_at(link: "Link", now: "datetime") -> Standing:
    """Whether it can be paid now, as far as the link itself tells."""
    standing = link.standing_at(now)
    may_come_free = standing is Standing.USED_UP and link.spent != link.max_uses
    return Standing.IN_USE if may_come_free else standing


def drawn(address: str) -> Markup:
    """The QR code as SVG, as large as there is room; readable when up to 25 % of it are stained."""
    code = segno.make_qr(address, error="q")
    # It holds the modules alone: nothing of the address stands in it as text.
    return Markup(code.svg_inline(omitsize=True, light="#fff"))  # noqa: S704

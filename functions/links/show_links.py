"""GET /api/v1/payment-links and /api/v1/payment-links/{link_id}: a merchant's links, or one."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

from pydantic import BeforeValidator, WithJsonSchema

from ledger.listing import Place
from links.shown_link import ShownLink, own_link, shown
from payments.clock import parse_iso
from payments.errors import InvalidRequest
from payments.link import LINK_ID
from plumbing import cursors, wiring
from plumbing.authentication import authenticate
from plumbing.fields import Asked, wrong
from plumbing.list_fields import A_CURSOR, Size
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, path_parameter, public_base_url, query

if TYPE_CHECKING:
    from payments.link import Link

DEFAULT_SIZE = 20


class ShownLinkAnswer(TypedDict):
    """One link."""

    success: Literal[True]
    message: str
    data: ShownLink


class NextPage(TypedDict):
    """Where the list goes on."""

    next_cursor: str | None
    """null on the last page."""


class ShownLinks(TypedDict):
    """Links, newest first. A new one is in the list within moments."""

    success: Literal[True]
    message: str
    data: list[ShownLink]
    meta: NextPage


def read_cursor(text: str) -> Place:
    """The place where a page of links ended."""
    try:
        place = cursors.read(text)
        parse_iso(place.created_at)
    except (InvalidRequest, ValueError) as unreadable:
        raise wrong("Use next_cursor of the page before") from unreadable
    if not LINK_ID.fullmatch(place.pk.removeprefix("LINK#")) or place.sk != "LINK":
        raise wrong("Use next_cursor of the page before")
    return place


class Page(Asked):
    """Which part of the list. Every value is text, as it came."""

    limit: Size = DEFAULT_SIZE
    cursor: Annotated[Place, BeforeValidator(read_cursor), WithJsonSchema(A_CURSOR)] | None = None
    """`next_cursor` of the page before."""


def show_links(request: Request) -> Answer:
    """Show one link where the path names it, else a page of them."""
    key = authenticate(request)
    base_url = public_base_url(request)
    link_id = path_parameter(request, "link_id")
    if link_id:
        query(request, frozenset())
        return json_answer(HTTPStatus.OK, told(own_link(link_id, key), base_url))
    page = Page.read(query(request, frozenset(Page.model_fields)))
    links, place = wiring.links().page(
        key.merchant_id, key.mode, after=page.cursor, size=page.limit
    )
    return json_answer(HTTPStatus.OK, listed(links, place, base_url))


def told(link: "Link", base_url: str) -> ShownLinkAnswer:
    """The answer for one link."""
    return {
        "success": True,
        "message": "Payment link",
        "data": shown(link, wiring.outside.clock(), base_url),
    }


def listed(links: "list[Link]", place: Place | None, base_url: str) -> ShownLinks:
    """The answer for a page of links."""
    now = wiring.outside.clock()
    return {
        "success": True,
        "message": "Payment links",
        "data": [shown(link, now, base_url) for link in links],
        "meta": {"next_cursor": cursors.write(place) if place else None},
    }


handler = answering({"GET": show_links})

"""POST /api/v1/payment-links: make a link that people pay by, from a message, a button or paper."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict

from links.asked_link import AskedLink, is_what_was_asked
from links.shown_link import ShownLink, shown
from payments.errors import IdempotencyKeyReused
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.idempotency import claim
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, json_object, public_base_url, raw_body
from plumbing.terms import terms_of

if TYPE_CHECKING:
    from payments.link import Link


class CreatedLink(TypedDict):
    """The link that was made, or was made before under the same Idempotency-Key."""

    success: Literal[True]
    message: str
    data: ShownLink


def create_link(request: Request) -> Answer:
    """Make a link: 201, and 201 again for the same request under the same Idempotency-Key."""
    key = authenticate(request)
    body = json_object(raw_body(request))
    asked = AskedLink.read(body, terms_of(wiring.merchant(key.merchant_id), key.mode))
    digest = claim(key, request, body)
    link = created(asked.link(key, wiring.outside.clock(), digest))
    return json_answer(HTTPStatus.CREATED, told(link, public_base_url(request)))


def created(asked: "Link") -> "Link":
    """The link as it stands. Raises SlugTaken, and IdempotencyKeyReused.

    An Idempotency-Key is forgotten after a day, but what was made under it stands: the same id
    would follow from it for another request.
    """
    link = wiring.links().create(asked)
    if not is_what_was_asked(link, asked):
        raise IdempotencyKeyReused
    return link


def told(link: "Link", base_url: str) -> CreatedLink:
    """The answer, as the link stands now."""
    return {
        "success": True,
        "message": "Payment link created",
        "data": shown(link, wiring.outside.clock(), base_url),
    }


handler = answering({"POST": create_link})

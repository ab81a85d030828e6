"""POST /api/v1/payment-links/{link_id}/deactivate: close a link for good."""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict

from links.shown_link import ShownLink, shown
from payments.errors import LinkNotFound
from payments.link import LINK_ID
from plumbing import wiring
from plumbing.authentication import authenticate
from plumbing.fields import Asked
from plumbing.idempotency import claim
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, json_object, path_parameter, public_base_url, raw_body

if TYPE_CHECKING:
    from payments.link import Link
    from payments.merchant import ApiKey


class DeactivatedLink(TypedDict):
    """The link, now closed."""

    success: Literal[True]
    message: str
    data: ShownLink


class Nothing(Asked):
    """A body is not needed, and may say nothing."""


def deactivate_link(request: Request) -> Answer:
    """Close the link; 200 also when it is closed already. Payments that are open go on."""
    key = authenticate(request)
    body = json_object(raw_body(request) or b"{}")
    Nothing.read(body)
    claim(key, request, body)
    link = closed(path_parameter(request, "link_id"), key)
    return json_answer(HTTPStatus.OK, told(link, public_base_url(request)))


def closed(link_id: str, key: "ApiKey") -> "Link":
    """The link of this merchant in this mode, closed. Raises LinkNotFound."""
    is_id = LINK_ID.fullmatch(link_id) is not None
    link = wiring.links().deactivate(link_id, key.merchant_id, key.mode) if is_id else None
    if link is None:
        raise LinkNotFound
    return link


def told(link: "Link", base_url: str) -> DeactivatedLink:
    """The answer."""
    return {
        "success": True,
        "message": "Payment link deactivated",
        "data": shown(link, wiring.outside.clock(), base_url),
    }


handler = answering({"POST": deactivate_link})

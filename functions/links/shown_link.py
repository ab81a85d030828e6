"""A payment link as the merchant's API shows it."""

from typing import TYPE_CHECKING, TypedDict

from payments.clock import iso
from payments.errors import LinkNotFound
from payments.link import LINK_ID, Link, LinkType, Standing
from payments.mode import Mode
from plumbing import wiring

if TYPE_CHECKING:
    from datetime import datetime

    from payments.merchant import ApiKey


class ShownLink(TypedDict):
    """A payment link."""

    link_id: str
    slug: str
    """Its name in `url`."""
    url: str
    """The public page: send it, print it, put it behind a button."""
    qr_code: str
    """A picture of `url`; add ?format=png and ?scale=1 to 20 as you like."""
    name: str
    amount: int | float | None
    """In major units; null where the payer says how much."""
    currency: str
    type: LinkType
    description: str | None
    redirect_url: str | None
    max_uses: int | None
    """null where everyone may pay."""
    uses: int | None
    """Payments made or being made. null without `max_uses`: list the link's payments."""
    expires_at: str | None
    active: bool
    """false once it was deactivated."""
    standing: Standing
    """Whether it can be paid now, as far as the link itself tells."""
    mode: Mode
    created_at: str


def shown(link: Link, now: "datetime", base_url: str) -> ShownLink:
    """The link, field for field."""
    return {
        "link_id": link.link_id,
        "slug": link.slug,
        "url": link_url(link, base_url),
        "qr_code": f"{base_url}/api/v1/payment-links/{link.link_id}/qr",
        "name": link.name,
        "amount": link.money.json_number if link.money else None,
        "currency": link.currency,
        "type": link.type,
        "description": link.description,
        "redirect_url": link.redirect_url,
        "max_uses": link.max_uses,
        "uses": None if link.max_uses is None else link.uses,
        "expires_at": iso(link.expires_at) if link.expires_at else None,
        "active": link.active,
        "standing": link.standing_at(now),
        "mode": link.mode,
        "created_at": iso(link.created_at),
    }


def link_url(link: Link, base_url: str) -> str:
    """Where a link is paid."""
    return f"{base_url}/pay/{link.slug}"


def own_link(link_id: str, key: "ApiKey") -> Link:
    """The link of this merchant in this mode. Raises LinkNotFound, also for a stranger's."""
    link = wiring.links().get(link_id) if LINK_ID.fullmatch(link_id) else None
    if link is None or link.merchant_id != key.merchant_id or link.mode is not key.mode:
        raise LinkNotFound
    return link

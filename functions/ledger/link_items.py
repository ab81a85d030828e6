"""How payment links lie in the Merchants table.

("LINK#<link_id>", "LINK") is the link itself, since its pictures and payments know no more of it
than its id. ("SLUG#<slug>", "SLUG") leads to it and keeps the slug its own; neither ever changes.
("LINK#<link_id>", "USE#<created_at>#<session_id>") is a use that is taken and not yet decided,
the oldest first. A merchant's list is the index `by_owner`, as for payments: an index follows
every change by itself, where a second item per link would have to be written with each use.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ledger.attributes import to_item
from ledger.listing import Kind, owner_of
from payments.clock import iso, parse_iso
from payments.link import Link, LinkType
from payments.mode import Mode
from payments.money import Money

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

    from payments.payment import Payment

USE = "USE#"


def link_key(link_id: str) -> "dict[str, AttributeValueTypeDef]":
    """The key of a link's item."""
    return to_item({"pk": f"LINK#{link_id}", "sk": "LINK"})


def slug_key(slug: str) -> "dict[str, AttributeValueTypeDef]":
    """The key of the item that leads from a slug to its link."""
    return to_item({"pk": f"SLUG#{slug}", "sk": "SLUG"})


def slug_item(link: Link) -> "dict[str, AttributeValueTypeDef]":
    """What leads from a slug to its link."""
    return slug_key(link.slug) | to_item({"link_id": link.link_id})


def use_item(payment: "Payment") -> "dict[str, AttributeValueTypeDef]":
    """The use of its link that a payment takes."""
    taken = f"{USE}{iso(payment.created_at)}#{payment.session_id}"
    return to_item({"pk": f"LINK#{payment.link_id}", "sk": taken, "session_id": payment.session_id})


def link_item(link: Link) -> "dict[str, AttributeValueTypeDef]":
    """A link as it is stored."""
    return link_key(link.link_id) | to_item(
        {
            "owner": owner_of(link.merchant_id, link.mode, Kind.LINKS),
            "merchant_id": link.merchant_id,
            "mode": link.mode.value,
            "slug": link.slug,
            "name": link.name,
            "amount": link.money.minor_units if link.money else None,
            "currency": link.currency,
            "type": link.type.value,
            "description": link.description,
            "redirect_url": link.redirect_url,
            "max_uses": link.max_uses,
            "uses": link.uses,
            "spent": link.spent,
            "expires_at": iso(link.expires_at) if link.expires_at else None,
            "active": link.active,
            "created_at": iso(link.created_at),
        }
    )


def read_link(record: Mapping[str, Any]) -> Link:
    """The link that a stored record holds."""
    amount, expires_at = record.get("amount"), record.get("expires_at")
    return Link(
        link_id=record["pk"].removeprefix("LINK#"),
        slug=record["slug"],
        merchant_id=record["merchant_id"],
        mode=Mode(record["mode"]),
        name=record["name"],
        money=None if amount is None else Money(amount, record["currency"]),
        currency=record["currency"],
        type=LinkType(record["type"]),
        description=record.get("description"),
        redirect_url=record.get("redirect_url"),
        max_uses=record.get("max_uses"),
        uses=record["uses"],
        spent=record["spent"],
        expires_at=parse_iso(expires_at) if expires_at else None,
        active=record["active"],
        created_at=parse_iso(record["created_at"]),
    )

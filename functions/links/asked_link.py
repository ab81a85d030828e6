"""What a merchant asks for when making a payment link: seed 002's fields, and their like."""

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema
from pydantic.config import JsonDict

from payments.link import SLUG, Link, LinkType, link_id, slug_of
from payments.period import last_moment
from plumbing import wiring
from plumbing.fields import Address, Amount, Asked, Currency, Description, Text, wrong
from plumbing.list_fields import A_TIME, one_of

if TYPE_CHECKING:
    from payments.merchant import ApiKey

MOST_USES = 1_000_000
A_TIME_OR_NONE: JsonDict = {"anyOf": [A_TIME, {"type": "null"}]}


def read_slug(value: str) -> str:
    """A slug that can be read aloud."""
    if not SLUG.fullmatch(value):
        raise wrong("Use 3 to 60 of a-z, 0-9 and -, with a letter or digit at either end")
    return value


def read_max_uses(value: int | None, info: ValidationInfo) -> int | None:
    """A one_off link is used once, whoever says so."""
    if value is not None and not 1 <= value <= MOST_USES:
        raise wrong(f"Use a whole number from 1 to {MOST_USES:,}")
    if info.data.get("type") is not LinkType.ONE_OFF:
        return value
    if value not in (None, 1):
        raise wrong("A one_off link is used once")
    return 1


def read_expires_at(value: object) -> datetime | None:
    """A moment to come, or a day that counts whole."""
    if value is None:
        return None
    if not isinstance(value, str):
        raise wrong("Write a day (2026-11-21) or a moment (2026-11-21T14:30:00Z)")
    try:
        moment = last_moment(value).replace(microsecond=0)
    except ValueError as unreadable:
        raise wrong(str(unreadable)) from unreadable
    if moment <= wiring.outside.clock():
        raise wrong("This moment has passed")
    return moment


class AskedLink(Asked):
    """The request to make a payment link."""

    name: Text
    currency: Currency = Field("RWF", validate_default=True)
    amount: Amount | None = None
    """Left out where the payer is to say how much."""
    type: Annotated[LinkType, BeforeValidator(one_of(LinkType))]
    description: Description | None = None
    redirect_url: Address | None = None
    slug: (
        Annotated[
            str,
            AfterValidator(read_slug),
            WithJsonSchema({"type": "string", "pattern": f"^{SLUG.pattern}$"}),
        ]
        | None
    ) = None
    """Its name in the public address; made from `name` unless you say."""
    max_uses: Annotated[
        int | None,
        AfterValidator(read_max_uses),
        WithJsonSchema({"type": ["integer", "null"], "minimum": 1, "maximum": MOST_USES}),
    ] = Field(None, validate_default=True)
    """How many may pay; a one_off link is used once, whoever says so."""
    expires_at: Annotated[
        datetime | None, BeforeValidator(read_expires_at), WithJsonSchema(A_TIME_OR_NONE)
    ] = None
    """A moment to come, or a day that counts whole."""

    def link(self, key: "ApiKey", now: datetime, digest: str | None) -> Link:
        """The link that this asks for; the same digest (hex) leads to the same link."""
        made = link_id(bytes.fromhex(digest) if digest else None)
        return Link(
            link_id=made,
            slug=self.slug or slug_of(self.name, made),
            merchant_id=key.merchant_id,
            mode=key.mode,
            name=self.name,
            money=self.amount,
            currency=self.currency,
            type=self.type,
            description=self.description or None,
            redirect_url=self.redirect_url,
            max_uses=self.max_uses,
            expires_at=self.expires_at,
            created_at=now,
        )


def is_what_was_asked(link: Link, asked: Link) -> bool:
    """Whether a link that stands is the one that this request would make."""
    standing = replace(
        asked,
        created_at=link.created_at,
        active=link.active,
        uses=link.uses,
        spent=link.spent,
    )
    return standing == link

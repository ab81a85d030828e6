"""Which payments a list is to show."""

from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, WithJsonSchema

from ledger.listing import Place
from payments.clock import iso, parse_iso
from payments.errors import InvalidRequest
from payments.mode import Mode
from payments.references import looks_like_session_id
from payments.status import Status
from plumbing import cursors
from plumbing.fields import Asked, wrong
from plumbing.list_fields import A_CURSOR, First, Last, Size, one_of
from providers.registry import REGISTRY

if TYPE_CHECKING:
    from reporting.payment_listed import PaymentListed

LONGEST_LINK_ID = 100
NO_CURSOR = "Use next_cursor of the page before, with the same filters"


def read_provider(text: str) -> str:
    """A provider's name."""
    if text not in REGISTRY:
        raise wrong(f"Use one of: {', '.join(sorted(REGISTRY))}")
    return text


def read_cursor(text: str, info: ValidationInfo) -> Place:
    """The place where a page of payments ended; the time asked for is read before it."""
    try:
        place = cursors.read(text)
        created_at = parse_iso(place.created_at)
    except (InvalidRequest, ValueError) as unreadable:
        raise wrong(NO_CURSOR) from unreadable
    is_payment = looks_like_session_id(place.pk) and place.sk == "PAYMENT"
    # DynamoDB refuses to go on from outside of what is asked for.
    since, until = info.data.get("since"), info.data.get("until")
    is_within = (not since or since <= created_at) and (not until or created_at <= until)
    if not is_payment or not is_within or iso(created_at) != place.created_at:
        raise wrong(NO_CURSOR)
    return place


class Filters(Asked):
    """The query of a list of payments. Every value is text, as it came."""

    status: Annotated[Status, BeforeValidator(one_of(Status))] | None = None
    """As it is by the clock: what nobody paid in time is expired, and not pending."""
    mode: Annotated[Mode, BeforeValidator(one_of(Mode))] | None = None
    """That of the keys, which see no other."""
    provider: (
        Annotated[
            str,
            BeforeValidator(read_provider),
            WithJsonSchema({"type": "string", "enum": [*sorted(REGISTRY)]}),
        ]
        | None
    ) = None
    """Of the last attempt."""
    link: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_LINK_ID)] | None = None
    """The payment link that they were made by."""
    since: First | None = Field(None, alias="from")
    """Opened from then on: a day (2026-11-21, in UTC) or a moment (2026-11-21T14:30:00Z)."""
    until: Last | None = Field(None, alias="to")
    """Opened by then; a day counts whole."""
    limit: Size = 20
    """At most 100."""
    cursor: Annotated[Place, BeforeValidator(read_cursor), WithJsonSchema(A_CURSOR)] | None = None
    """`next_cursor` of the page before."""

    @property
    def is_narrow(self) -> bool:
        """Whether some payments of the time asked for are passed over."""
        return any(wish is not None for wish in (self.status, self.provider, self.link))

    def takes(self, payment: "PaymentListed") -> bool:
        """Whether a payment is to be shown."""
        return (
            self.status in (None, payment["status"])
            and self.provider in (None, payment["provider"])
            and self.link in (None, payment["link_id"])
        )

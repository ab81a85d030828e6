"""Which events are asked for: by type, state and time, out of the last 30 days."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from ledger.events import REMEMBERED, DeliveryState
from ledger.listing import Kind, Place, owner_of, place_of
from payments.clock import iso, parse_iso
from payments.errors import InvalidRequest
from payments.event_types import EventType
from payments.references import looks_like_session_id
from plumbing import cursors
from plumbing.fields import Asked, wrong
from plumbing.list_fields import A_CURSOR, First, Last, one_of
from plumbing.list_pages import PAGE_SIZE, pages

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from payments.merchant import ApiKey
    from plumbing.list_pages import Page

NO_CURSOR = "Use next_cursor of the page before, with the same wishes"


def read_cursor(value: object) -> Place:
    """The place where a page of events ended."""
    try:
        place = cursors.read(value if isinstance(value, str) else "")
        written = iso(parse_iso(place.created_at))
    except (InvalidRequest, ValueError) as unreadable:
        raise wrong(NO_CURSOR) from unreadable
    is_event = looks_like_session_id(place.pk) and place.sk.startswith("EVENT#")
    if not is_event or written != place.created_at:
        raise wrong(NO_CURSOR)
    return place


class Wishes(Asked):
    """What an event must be like to be meant."""

    type: Annotated[EventType, BeforeValidator(one_of(EventType))] | None = None
    state: Annotated[DeliveryState, BeforeValidator(one_of(DeliveryState))] | None = None
    since: First | None = Field(None, alias="from")
    """A day (2026-11-21) or a moment (2026-11-21T14:30:00Z); events are kept for 30 days."""
    until: Last | None = Field(None, alias="to")
    """It counts too."""
    cursor: Annotated[Place, BeforeValidator(read_cursor), WithJsonSchema(A_CURSOR)] | None = None
    """`next_cursor` of the page before."""

    @property
    def is_narrow(self) -> bool:
        """Whether some events of the time asked for are passed over."""
        return self.type is not None or self.state is not None

    def meets(self, record: "dict[str, Any]") -> bool:
        """Whether an event, as the index knows it, is meant."""
        return self.type in (None, record["type"]) and self.state in (None, record["state"])


def wished(
    wishes: Wishes, key: "ApiKey", limit: int, now: datetime
) -> "tuple[list[dict[str, Any]], Place | None]":
    """So many of the events that are meant, newest first, and where to go on.

    There may be fewer, or none, while there is a place to go on from. Raises InvalidRequest.
    """
    found: list[dict[str, Any]] = []
    rest: Place | None = None
    for records, ended in pages_of(wishes, key, limit, now):
        rest = ended
        found += [record for record in records if wishes.meets(record)]
        # One more than asked for tells that there is more.
        if len(found) > limit:
            return found[:limit], place_of(found[limit - 1])
    return found, rest


def pages_of(wishes: Wishes, key: "ApiKey", limit: int, now: datetime) -> "Iterator[Page]":
    """The pages of the index to look through, none of it older than events are kept."""
    oldest = now - REMEMBERED
    since = max(wishes.since or oldest, oldest)
    place = wishes.cursor
    if place and wishes.until and place.created_at > iso(wishes.until):
        raise InvalidRequest({"cursor": [NO_CURSOR]})
    if wishes.until and wishes.until < since:
        return iter(())
    return pages(
        owner_of(key.merchant_id, key.mode, Kind.EVENTS),
        since=since,
        until=wishes.until,
        after=place,
        size=PAGE_SIZE if wishes.is_narrow else limit + 1,
    )

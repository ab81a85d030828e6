"""GET /api/v1/payments: a merchant's payments, newest first, in the mode of the keys.

The list follows a change within moments; one payment alone is always read as it stands.
"""

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, TypedDict

from ledger.listing import Kind, owner_of, place_of
from payments.errors import InvalidRequest
from plumbing import cursors, wiring
from plumbing.authentication import authenticate
from plumbing.list_pages import PAGE_SIZE, pages
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, query
from reporting.filters import Filters
from reporting.payment_listed import PaymentListed, payment_listed

if TYPE_CHECKING:
    from datetime import datetime

    from ledger.listing import Place
    from payments.merchant import ApiKey


class PaymentListMeta(TypedDict):
    """What is said of a list as a whole."""

    next_cursor: str | None
    """Send it as `cursor` for the next page; null when there is none. A page may be short, or
    even empty, while there is one: a request looks at 500 payments at the most."""


class PaymentList(TypedDict):
    """A page of payments."""

    success: Literal[True]
    message: str
    data: list[PaymentListed]
    meta: PaymentListMeta


def list_payments(request: Request) -> Answer:
    """Tell a page of payments."""
    key = authenticate(request)
    filters = Filters.read(query(request, Filters.names()))
    if filters.mode not in (None, key.mode):
        raise InvalidRequest({"mode": [f"These are {key.mode} keys: they see no other mode"]})
    return json_answer(HTTPStatus.OK, told(filters, key, wiring.outside.clock()))


def told(filters: Filters, key: "ApiKey", now: "datetime") -> PaymentList:
    """The page, and where the next begins."""
    found: list[tuple[PaymentListed, Place]] = []
    rest: Place | None = None
    for records, ended in pages(
        owner_of(key.merchant_id, key.mode, Kind.PAYMENTS),
        since=filters.since,
        until=filters.until,
        after=filters.cursor,
        size=PAGE_SIZE if filters.is_narrow else filters.limit + 1,
    ):
        rest = ended
        placed = [(payment_listed(record, key.mode, now), place_of(record)) for record in records]
        found += [(payment, place) for payment, place in placed if filters.takes(payment)]
        # One more than asked for tells that there is more.
        if len(found) > filters.limit:
            rest = found[filters.limit - 1][1]
            break
    return {
        "success": True,
        "message": "Payments, newest first",
        "data": [payment for payment, _ in found[: filters.limit]],
        "meta": {"next_cursor": cursors.write(rest) if rest else None},
    }


handler = answering({"GET": list_payments})

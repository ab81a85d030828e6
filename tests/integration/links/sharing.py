"""A merchant who shares payment links, and people who pay by them."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from links import (
    create_link,
    deactivate_link,
    draw_qr,
    open_link,
    pay_link,
    print_poster,
    show_links,
)
from tests.integration.gateway import Gateway, key_headers
from tests.integration.rest_events import Answer, Headers, Request, call

if TYPE_CHECKING:
    from payments.keys import KeyPair
    from payments.payment import Payment

FEE: Mapping[str, Any] = {"name": "Monthly fee", "amount": 10_000, "type": "multiple"}
DONATION: Mapping[str, Any] = {"name": "Donation", "type": "multiple"}
INVOICE: Mapping[str, Any] = {"name": "Invoice 7", "amount": 10_000, "type": "one_off"}
PAYER = {"name": "Uwase Aline", "email": "aline@example.rw", "phone": "0788123456"}


def create(
    gateway: Gateway,
    body: str | bytes | Mapping[str, Any] | None = FEE,
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
) -> Answer:
    """Ask for a link, with live keys unless told otherwise."""
    request = Request(
        method="POST",
        resource="/api/v1/payment-links",
        headers={**key_headers(pair or gateway.shop.live), **(headers or {})},
        body=json.dumps(body) if isinstance(body, Mapping) else body,
    )
    return call(create_link.handler, request)


def made(gateway: Gateway, asked: Mapping[str, Any] = FEE, **changes: object) -> dict[str, Any]:
    """Make a link; its data."""
    pair: Any = changes.pop("pair", None)
    answer = create(gateway, {**asked, **changes}, pair)
    assert answer.status == 201, answer.text
    data: dict[str, Any] = answer.json["data"]
    return data


def show(gateway: Gateway, link_id: str, pair: "KeyPair | None" = None, **query: str) -> Answer:
    """Ask for one link."""
    request = Request(
        method="GET",
        resource="/api/v1/payment-links/{link_id}",
        parameters={"link_id": link_id},
        headers=key_headers(pair or gateway.shop.live),
        query=query,
    )
    return call(show_links.handler, request)


def listed(
    gateway: Gateway, query: Mapping[str, str] | None = None, pair: "KeyPair | None" = None
) -> Answer:
    """Ask for a page of links."""
    request = Request(
        method="GET",
        resource="/api/v1/payment-links",
        headers=key_headers(pair or gateway.shop.live),
        query=query,
    )
    return call(show_links.handler, request)


def pages(gateway: Gateway, limit: int) -> Iterator[list[str]]:
    """The ids on every page, by the cursors."""
    query = {"limit": str(limit)}
    while True:
        answer = listed(gateway, query)
        assert answer.status == 200, answer.text
        yield [link["link_id"] for link in answer.json["data"]]
        if answer.json["meta"]["next_cursor"] is None:
            return
        query["cursor"] = answer.json["meta"]["next_cursor"]


def deactivate(
    gateway: Gateway,
    link_id: str,
    pair: "KeyPair | None" = None,
    body: str | None = None,
    headers: Headers | None = None,
) -> Answer:
    """Close a link."""
    request = Request(
        method="POST",
        resource="/api/v1/payment-links/{link_id}/deactivate",
        parameters={"link_id": link_id},
        headers={**key_headers(pair or gateway.shop.live), **(headers or {})},
        body=body,
    )
    return call(deactivate_link.handler, request)


def qr(link_id: str, **query: str) -> Answer:
    """Ask for the picture, without keys."""
    request = Request(
        method="GET",
        resource="/api/v1/payment-links/{link_id}/qr",
        parameters={"link_id": link_id},
        query=query,
    )
    return call(draw_qr.handler, request)


def visit(slug: str) -> Answer:
    """Open the public page."""
    resource, named = "/pay/{slug}", {"slug": slug}
    return call(open_link.handler, Request(method="GET", resource=resource, parameters=named))


def poster(slug: str, language: str = "en") -> Answer:
    """Open the page to print."""
    request = Request(
        method="GET",
        resource="/pay/{slug}/poster",
        parameters={"slug": slug},
        headers={"Accept-Language": language},
    )
    return call(print_poster.handler, request)


def token(page: Answer) -> str:
    """The token of the form on a page."""
    found = re.search(r'name="once" value="([^"]*)"', page.text)
    assert found, page.text
    return found[1]


def send(slug: str, **fields: str) -> Answer:
    """Post the form as it is filled in."""
    return send_raw(slug, urlencode(fields))


def send_raw(slug: str, body: str | bytes) -> Answer:
    """Post anything to the public page."""
    request = Request(method="POST", resource="/pay/{slug}", parameters={"slug": slug}, body=body)
    return call(pay_link.handler, request)


def pay(slug: str, **changes: str) -> Answer:
    """Open the page and send its form, filled in well unless told otherwise."""
    return send(slug, **{"once": token(visit(slug)), **PAYER, **changes})


def session_of(answer: Answer) -> str:
    """Where a form led: the session of its payment."""
    assert answer.status == 303, answer.text
    found = re.fullmatch(
        r"https://pay\.example/checkout/(CHK-[0-9A-Z]{16})", answer.headers["location"]
    )
    assert found
    return found[1]


def payments(gateway: Gateway) -> "list[Payment]":
    """Every payment that there is."""
    sessions = [item["pk"] for item in gateway.items() if item["sk"] == "PAYMENT"]
    return [gateway.payment(session) for session in sessions]

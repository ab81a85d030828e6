"""A merchant's questions about payments, with live keys unless told otherwise."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from payments.mode import Mode
from payments.payment import SESSION_LIFE, Attempt, Payment
from payments.references import attempt_ref, session_id
from reporting import list_payments, show_payment
from tests.examples import PAYMENT
from tests.integration.gateway import Gateway, Shop, key_headers
from tests.integration.rest_events import Answer, Headers, Request, call

if TYPE_CHECKING:
    from payments.keys import KeyPair


def ask(
    gateway: Gateway,
    query: Mapping[str, str],
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
) -> Answer:
    """Ask for a page of payments, with any query."""
    request = Request(
        method="GET",
        resource="/api/v1/payments",
        headers=key_headers(pair or gateway.shop.live) if headers is None else headers,
        query=query,
    )
    return call(list_payments.handler, request)


def listed(gateway: Gateway, pair: "KeyPair | None" = None, /, **query: str) -> Answer:
    """Ask for a page of payments; `since` stands for `from`, which Python keeps to itself."""
    named = {"from" if name == "since" else name: value for name, value in query.items()}
    return ask(gateway, named, pair)


def references(answer: Answer) -> list[str]:
    """The tx_refs of a page."""
    assert answer.status == 200, answer.text
    return [payment["reference"] for payment in answer.json["data"]]


def pages(gateway: Gateway, **query: str) -> Iterator[list[Any]]:
    """Every page, by the cursors."""
    cursor: dict[str, str] = {}
    while True:
        answer = listed(gateway, **query, **cursor)
        assert answer.status == 200, answer.text
        yield answer.json["data"]
        if answer.json["meta"]["next_cursor"] is None:
            return
        cursor = {"cursor": answer.json["meta"]["next_cursor"]}


def shown(
    gateway: Gateway,
    reference: str,
    pair: "KeyPair | None" = None,
    headers: Headers | None = None,
    query: Mapping[str, str] | None = None,
) -> Answer:
    """Ask for one payment."""
    request = Request(
        method="GET",
        resource="/api/v1/payments/{reference}",
        parameters={"reference": reference},
        headers=key_headers(pair or gateway.shop.live) if headers is None else headers,
        query=query,
    )
    return call(show_payment.handler, request)


def put(
    gateway: Gateway,
    tx_ref: str,
    *attempts: Attempt,
    shop: Shop | None = None,
    seconds: int = 0,
    **facts: Any,  # noqa: ANN401  # any field of a payment
) -> Payment:
    """Write a payment that was opened so many seconds from now, as it stands."""
    merchant = (shop or gateway.shop).merchant
    mode = facts.setdefault("mode", Mode.LIVE)
    opened_at = facts.setdefault("created_at", gateway.clock() + timedelta(seconds=seconds))
    facts.setdefault("expires_at", opened_at + SESSION_LIFE)
    session = session_id(merchant.salt, mode, tx_ref)
    payment = replace(
        PAYMENT,
        session_id=session,
        merchant_id=merchant.merchant_id,
        tx_ref=tx_ref,
        attempts=tuple(replace(a, ref=attempt_ref(session, a.number)) for a in attempts),
        **facts,
    )
    assert gateway.ledger.open(payment)
    return payment

"""All that a merchant has in one mode, each piece of it marked so that a leak is seen at once."""

import base64
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from werkzeug.test import Client, TestResponse

from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets
from tests.integration.bridge import STAGE, app
from tests.integration.gateway import Gateway, Shop, key_headers

if TYPE_CHECKING:
    from payments.keys import KeyPair


def phone_of(mark: str) -> str:
    """A number that nobody else here has, magic at no provider."""
    return f"0788{100_000 + zlib.crc32(mark.encode()) % 900_000}"


@dataclass(frozen=True)
class Asker:
    """Somebody with keys, or without."""

    name: str
    pair: "KeyPair | None"

    def ask(  # noqa: PLR0913  # a request has so many parts
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        key: str | None = None,
    ) -> TestResponse:
        """Ask by HTTP, at the front door."""
        headers = key_headers(self.pair) if self.pair else {}
        if key:
            headers["Idempotency-Key"] = key
        return Client(app).open(
            f"{STAGE}{path}",
            method=method,
            headers=headers,
            query_string=dict(query or {}),
            json=body,
            data=form,
        )


@dataclass(frozen=True, kw_only=True)
class Belongings:
    """What one merchant has in one mode."""

    owner: Asker
    references: Mapping[str, str]
    """Every reference that could be handed in: by kind."""
    cursors: Mapping[str, str]
    """A place in each of the lists, by the list's path."""
    order: Mapping[str, Any]
    """What was asked for, under the Idempotency-Key `order_key`."""
    order_key: str
    private: frozenset[str]
    """Texts that nobody else may ever be told."""
    customers: frozenset[str]
    """Of them, those that tell of the people who pay."""


def belongings(gateway: Gateway, shop: Shop, mode: Mode, mark: str) -> Belongings:
    """Give a merchant one of everything: paid, failed, linked, told, set, listed."""
    owner = Asker(f"{mark} {mode}", shop.live if mode is Mode.LIVE else shop.test)
    secret = b"%-32s" % f"secret of {mark}".encode()
    secrets = WebhookSecrets(current=f"whsec_{base64.b64encode(secret).decode()}")
    gateway.store_webhook_secrets(shop.merchant, mode, secrets)
    asked = order_of(mark)
    paid = data(owner.ask("POST", "/api/v1/checkout/initialize", body=asked, key=f"{mark}-key"))
    session = paid["session_id"]
    process = f"/checkout/{session}/process"
    assert owner.ask("POST", process, body={"phone": phone_of(mark)}).status_code == 200
    attempt = gateway.attempt(session)
    if mode is Mode.LIVE:
        gateway.approve(attempt.ref)
        gateway.till.tick()
    payment = gateway.payment(session)
    assert payment.status == "successful", payment
    link = data(owner.ask("POST", "/api/v1/payment-links", body=link_of(mark)))
    data(owner.ask("PUT", "/api/v1/webhook-endpoint", body={"url": f"https://{mark}-end.example/"}))
    # A second of each, so that every list has a page after the first.
    data(owner.ask("POST", "/api/v1/payment-links", body={**link_of(mark), "slug": f"{mark}-2"}))
    failed = data(
        owner.ask(
            "POST",
            "/api/v1/checkout/initialize",
            body={
                **asked,
                "tx_ref": f"{mark}-failed",
                "customer": person(mark, phone_of(f"{mark} 2")),
            },
        )
    )["session_id"]
    assert owner.ask("POST", f"/checkout/{failed}", form={"leave": "1"}).status_code == 303
    gateway.pump()
    (event,) = gateway.events_of(session)
    references = {
        "tx_ref": str(asked["tx_ref"]),
        "session_id": session,
        "attempt_ref": attempt.ref,
        "provider_ref": str(attempt.provider_ref),
        "transaction_id": str(payment.transaction_id),
        "event_id": str(event["event_id"]),
        "link_id": link["link_id"],
        "slug": link["slug"],
        "failed_tx_ref": f"{mark}-failed",
        "failed_session_id": failed,
        "merchant_id": shop.merchant.merchant_id,
        "idempotency_key": f"{mark}-key",
    }
    customers = {
        *(f"{mark} Umuhire", f"{mark}@people.example"),
        *(phone_of(mark), phone_of(f"{mark} 2")),
    }
    ours = {*references.values()} - {shop.merchant.merchant_id}
    told = {f"{mark}-{what}.example" for what in ("back", "hook", "end", "thanks")}
    words = {f"{mark} order", f"{mark} meta", f"{mark} fee", f"{mark} rent", f"{mark}-2"}
    return Belongings(
        owner=owner,
        references=references,
        cursors={path: cursor_of(owner, path) for path in LISTS},
        order=asked,
        order_key=f"{mark}-key",
        private=frozenset({*customers, *ours, *told, *words, secrets.current}),
        customers=frozenset(customers),
    )


LISTS = ("/api/v1/payments", "/api/v1/events", "/api/v1/payment-links")


def person(mark: str, phone: str) -> dict[str, str]:
    return {"name": f"{mark} Umuhire", "email": f"{mark}@people.example", "phone": phone}


def order_of(mark: str) -> dict[str, Any]:
    """An order with a mark in every field."""
    return {
        "amount": 5000,
        "tx_ref": f"{mark}-order",
        "customer": person(mark, phone_of(mark)),
        "redirect_url": f"https://{mark}-back.example/",
        "webhook_url": f"https://{mark}-hook.example/",
        "description": f"{mark} order",
        "meta": {"note": f"{mark} meta"},
    }


def link_of(mark: str) -> dict[str, Any]:
    """A link with a mark in every field."""
    return {
        "name": f"{mark} fee",
        "description": f"{mark} rent",
        "amount": 7000,
        "type": "multiple",
        "slug": f"{mark}-link",
        "redirect_url": f"https://{mark}-thanks.example/",
    }


def data(answer: TestResponse) -> Any:  # noqa: ANN401  # JSON is anything
    """What a good answer tells."""
    assert answer.status_code in {200, 201}, answer.text
    return json.loads(answer.text)["data"]


def cursor_of(owner: Asker, path: str) -> str:
    """Where a list of the owner's goes on after its first record."""
    answer = owner.ask("GET", path, query={"limit": "1"})
    assert answer.status_code == 200, answer.text
    return str(json.loads(answer.text)["meta"]["next_cursor"])

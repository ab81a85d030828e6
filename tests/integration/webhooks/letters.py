"""Signed notifications as the providers' simulators write them, and as a forger would."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tests.integration.gateway import Gateway, Shop
from tests.integration.internet import GIVEN
from tests.integration.rest_events import Answer

SIGNATURE_HEADERS = {
    "vpay": "X-VPay-Signature",
    "dgspay": "X-DGS-Signature",
    "rwandapay": "X-Webhook-Signature",
}
SIGNING = tuple(SIGNATURE_HEADERS)
"""The providers whose notifications are signed."""

PENDING: Mapping[str, dict[str, str]] = {
    "vpay": {"status": "pending"},
    "dgspay": {"event": "payment.pending", "transaction_status": "pending"},
    "rwandapay": {"event": "payment.pending", "status": "pending"},
}
"""What a notification says as long as nobody has paid."""


class Written(Protocol):
    """A webhook as any of the three simulators keeps it."""

    url: str

    @property
    def body(self) -> str | bytes: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def acknowledged(self) -> bool: ...


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A notification that is on its way."""

    provider: str
    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def signature(self) -> str:
        return self.headers[SIGNATURE_HEADERS[self.provider]]

    def signed_with(self, signature: str) -> "Letter":
        """The same, under another signature."""
        headers = {**self.headers, SIGNATURE_HEADERS[self.provider]: signature}
        return replace(self, headers=headers)

    def resigned(self, secret: str | None = None) -> "Letter":
        """The same, signed anew over its bytes: by the provider, or by a stranger."""
        key = GIVEN[self.provider]["webhook_secret"] if secret is None else secret
        return self.signed_with(hmac.new(key.encode(), self.body, hashlib.sha256).hexdigest())

    def saying(self, **facts: object) -> "Letter":
        """One in which the provider says something else, with its own signature."""
        told: dict[str, Any] = json.loads(self.body)
        inner = told.get("data", told)
        for name, value in facts.items():
            (inner if name in inner else told)[name] = value
        return replace(self, body=json.dumps(told).encode()).resigned()


def shop_of(gateway: Gateway, provider: str) -> Shop:
    """A merchant of this provider alone."""
    return gateway.enrol(f"Shop of {provider}", routes={"mobile_money": (provider,)})


def prompted(gateway: Gateway, provider: str, tx_ref: str = "ORDER-1") -> tuple[str, str]:
    """A payment of a merchant's own page whose prompt is out: session and attempt."""
    session = gateway.opened(shop_of(gateway, provider).live, tx_ref=tx_ref)
    gateway.process(session)
    reference = gateway.attempt(session).ref
    assert gateway.attempt(session).status == "accepted"
    gateway.internet.questions.clear()
    return session, reference


def written_by(gateway: Gateway, provider: str) -> Sequence[Written]:
    """Every notification that a provider has written, whether sent or not."""
    written: Mapping[str, Sequence[Written]] = {
        "vpay": gateway.internet.vpay.postbacks,
        "dgspay": gateway.internet.dgspay.webhooks,
        "rwandapay": gateway.internet.rwandapay.webhooks,
    }
    return written[provider]


def letter_from(gateway: Gateway, provider: str) -> Letter:
    """The last notification that a provider has written, whether sent or not."""
    last = written_by(gateway, provider)[-1]
    body = last.body if isinstance(last.body, bytes) else last.body.encode()
    return Letter(provider=provider, url=last.url, body=body, headers=dict(last.headers))


def paid(gateway: Gateway, provider: str, tx_ref: str = "ORDER-1") -> tuple[str, Letter]:
    """A payment that the customer has approved, and the letter that says so, not sent yet."""
    session, reference = prompted(gateway, provider, tx_ref)
    gateway.approve(reference)
    return session, letter_from(gateway, provider)


def arrives(gateway: Gateway, letter: Letter, url: str | None = None) -> Answer:
    """Let a letter come, at its own address unless told otherwise."""
    return gateway.webhook(url or letter.url, letter.body.decode(), dict(letter.headers))

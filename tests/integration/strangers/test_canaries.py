"""Nothing that tells of a person, and no secret, in anything that a function says.

Whole payments of all five providers, paid, declined, lost, silent, forged, failing and resent, at
every log level that an operator can set; and every fault of our own side that raises.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from links import create_link, open_link, pay_link
from plumbing import provider_desk, wiring
from polling import ask_provider
from providers.registry import REGISTRY
from tests.figures import publish
from tests.integration.announcements.asking import ENDPOINT, sent
from tests.integration.gateway import (
    ORDER,
    WEBHOOK_SECRET,
    Gateway,
    Shop,
    key_headers,
    make_machines,
    parameters,
)
from tests.integration.internet import GIVEN
from tests.integration.links.sharing import token
from tests.integration.rest_events import Context, Request, call
from tests.integration.strangers.overheard import Overheard, overheard
from tests.integration.webhooks.letters import SIGNING, letter_from
from tests.recording_network import RecordingNetwork

LEVELS = {"INFO": logging.INFO, "DEBUG": logging.DEBUG}
PERSON = {"name": "Canary Umuhire", "email": "canary@umuhire.example", "phone": "0788987654"}
# The number in every form that one of the wires has, and the people's own words.
PEOPLE = ("Canary", "Umuhire", "umuhire.example", "788987654", "canary-words", "canary-meta")
ADDRESSES = ("canary-back.example", "canary-hook.example", "canary-end.example")
TASK_TOKEN = "canary-task-token"
ORDERED: Mapping[str, Any] = {
    **ORDER,
    "customer": PERSON,
    "description": "canary-words",
    "meta": {"x": "canary-meta"},
    "redirect_url": "https://canary-back.example/",
    "webhook_url": "https://canary-hook.example/",
}


@dataclass
class Life:
    """A gateway whose every word is listened to, and the secrets that were made meanwhile."""

    gateway: Gateway
    heard: Overheard
    tokens: set[str] = field(default_factory=set)

    def open(self, shop: Shop, provider: str, tx_ref: str) -> str:
        pair = shop.test if provider == "sandbox" else shop.live
        answer = self.gateway.initialize({**ORDERED, "tx_ref": f"{provider}-{tx_ref}"}, pair)
        assert answer.status == 201, answer.text
        return str(answer.json["data"]["session_id"])

    def note(self, address: str) -> str:
        """Remember the token of an address."""
        self.tokens.add(address.rsplit("/", 1)[1])
        return address


def callback_of(gateway: Gateway, provider: str, reference: str) -> str | None:
    """Where a provider was told to tell us."""
    if provider == "sandbox":
        return str(gateway.internet.told[-1]) if gateway.internet.told else None
    for charge in gateway.internet.charges(provider):
        if charge["refid"] == reference:
            (address,) = (
                charge[name] for name in ("returl", "callback_url", "webhook_url") if name in charge
            )
            return str(address)
    return None


def live_through(life: Life, provider: str) -> None:
    """Everything that can happen to payments of one provider."""
    gateway = life.gateway
    shop = gateway.enrol("Shop", routes={"mobile_money": (provider,), "card": (provider,)})
    phone = PERSON["phone"]
    paid = life.open(shop, provider, "PAID")
    gateway.process(paid, phone=phone)
    attempt = gateway.attempt(paid)
    if attempt.is_live and provider != "sandbox":
        gateway.fall_asleep(paid, TASK_TOKEN)
        gateway.approve(attempt.ref)
        forge(life, provider, attempt.ref)
    gateway.internet.tick()
    gateway.clock.move(5)
    life.heard.tell(lambda: gateway.ask_provider(paid, attempt.ref))
    declined = life.open(shop, provider, "DECLINED")
    gateway.pay(declined, attempt="1", method="mobile_money", phone="0771234567")
    gateway.pay(declined, attempt="1", method="mobile_money", phone=phone)
    if provider != "sandbox":
        gateway.decline(gateway.attempt(declined).ref)
    gateway.internet.tick()
    gateway.pay(declined, leave="1")
    gateway.pay(life.open(shop, provider, "CARD"), attempt="1", method="card")
    for number, failure in enumerate(
        (httpx.ReadTimeout(f"silence of {phone}"), httpx.ConnectError(f"{phone} canary-words"))
    ):
        silent = life.open(shop, provider, f"SILENT-{number}")
        gateway.internet.failures[provider] = failure
        gateway.process(silent, phone=phone)
        for last in (False, True):
            life.heard.tell(
                lambda silent=silent, last=last: gateway.ask_provider(  # type: ignore[misc]  # bound at once
                    silent, gateway.attempt(silent).ref, last=last
                )
            )
        gateway.internet.failures.clear()
    nonsense = life.open(shop, provider, "NONSENSE")
    said = {**PERSON, "refid": "x", "status": "canary-words", "amount": phone, "reply": phone}
    gateway.internet.replacement = httpx.Response(200, json=said)
    gateway.process(nonsense, phone=phone)
    life.heard.tell(lambda: gateway.ask_provider(nonsense, gateway.attempt(nonsense).ref))
    gateway.internet.replacement = None


def forge(life: Life, provider: str, reference: str) -> None:
    """Letters with the wrong signature, the wrong token, no sense; then one with another sum."""
    gateway = life.gateway
    address = callback_of(gateway, provider, reference)
    assert address
    life.note(address)
    body = json.dumps(PERSON)
    for bad in (address, address[:-1], address.replace(reference, "0" * 16 + "01")):
        gateway.webhook(bad, body, {"X-VPay-Signature": "canary-words"})
        gateway.webhook_encoded(bad, "=canary-words=", {"X-DGS-Signature": "canary-words"})
    if provider in SIGNING:
        letter = letter_from(gateway, provider).saying(amount=1, name=PERSON["name"])
        gateway.webhook(letter.url, letter.body.decode(), dict(letter.headers))


def share_links(life: Life) -> None:
    """A link, its page, its form filled in wrongly and well."""
    gateway = life.gateway
    body = {"name": "canary-words", "type": "multiple", "slug": "a-slug", "amount": 5000}
    request = Request(
        method="POST",
        resource="/api/v1/payment-links",
        headers=key_headers(gateway.shop.live),
        body=json.dumps(body),
    )
    assert call(create_link.handler, request).status == 201
    resource, named = "/pay/{slug}", {"slug": "a-slug"}
    page = call(open_link.handler, Request(method="GET", resource=resource, parameters=named))
    for fields in ({**PERSON, "email": "canary"}, PERSON):
        form = "&".join(f"{name}={value}" for name, value in fields.items())
        posted = Request(
            method="POST",
            resource=resource,
            parameters=named,
            body=f"once={token(page)}&{form.replace(' ', '+')}",
        )
        assert call(pay_link.handler, posted).status in {303, 422}


def tell_merchants(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Announce all that happened, deliver it, have it resent, and let deliveries fail."""
    gateway = life.gateway
    changes = gateway.changes()
    gateway.announce(changes)
    poisoned = json.loads(json.dumps(changes[0], default=str))
    poisoned["dynamodb"]["NewImage"]["mode"] = {"S": "canary-words"}
    life.heard.tell(lambda: gateway.announce([poisoned]))
    sent(gateway, "PUT", ENDPOINT, {"url": "https://canary-end.example/"})
    sent(gateway, "POST", f"{ENDPOINT}/rotate-secret", {})
    refusal = b"HTTP/1.1 500 No\r\nContent-Length: 12\r\n\r\ncanary-words"
    for network in (RecordingNetwork(refusal), None):
        # None: the names are asked of nobody, as the machine's own resolver is told to fail.
        monkeypatch.setattr(wiring.outside, "merchants", network)
        for event in [item for item in gateway.items() if "event_id" in item]:
            life.heard.tell(
                lambda event=event: gateway.deliver(event["pk"], event["version"])  # type: ignore[misc]  # bound at once
            )


def fail_everywhere(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Our own side fails: no table, no secrets that can be read, an item that is no payment."""
    gateway = life.gateway
    session = gateway.opened(**{**ORDERED, "tx_ref": "FAILS"})
    gateway.process(session, phone=PERSON["phone"])
    reference = gateway.attempt(session).ref
    address = life.note(gateway.callback_of(reference))

    def ask_everything() -> None:
        gateway.initialize({**ORDERED, "tx_ref": "FAILS-2"})
        gateway.process(session, phone=PERSON["phone"])
        gateway.pay(session, attempt="2", phone=PERSON["phone"])
        gateway.page(session)
        gateway.verify(session)
        gateway.verify(session, gateway.shop.live)
        gateway.clock.move(5)
        gateway.webhook(address, json.dumps(PERSON))
        life.heard.tell(lambda: gateway.ask_provider(session, reference, last=True))
        life.heard.tell(lambda: gateway.deliver(session, 2))

    def with_item(change: Callable[[dict[str, Any]], None]) -> None:
        key = {"pk": {"S": session}, "sk": {"S": "PAYMENT"}}
        whole = gateway.dynamodb.get_item(TableName="Payments", Key=key)["Item"]
        broken = json.loads(json.dumps(whole))
        change(broken)
        gateway.dynamodb.put_item(TableName="Payments", Item=broken)
        ask_everything()
        gateway.dynamodb.put_item(TableName="Payments", Item=whole)

    with_item(lambda item: item.pop("amount", None))
    with_item(lambda item: item.update(status={"S": "no such status"}))
    with_item(lambda item: item.update(created_at={"S": "no such time"}))
    with_item(lambda item: item.update(customer={"S": PERSON["phone"]}))
    with_item(lambda item: item["attempts"]["M"]["01"]["M"].pop("status"))
    for written in ("canary-words", '["canary-words"]', '{"username": "canary-words"}'):
        for name in ("kpay", "vpay", "dgspay", "rwandapay"):
            owner = gateway.shop.merchant.merchant_id
            parameters().put_parameter(
                Name=f"/ishyura/test/providers/{name}/{owner}/live",
                Value=written,
                Type="SecureString",
                Overwrite=True,
            )
        gateway.forget_secrets()
        provider_desk.forget()
        ask_everything()
    for name in ("PAYMENTS_TABLE", "MERCHANTS_TABLE"):
        monkeypatch.setenv(name, "Nowhere")
        wiring.forget()
        ask_everything()
        monkeypatch.setenv(name, name.partition("_")[0].capitalize())
        wiring.forget()
    life.heard.tell(lambda: ask_provider.handler({}, Context()))  # type: ignore[arg-type]  # on purpose


@pytest.mark.parametrize("level", LEVELS)
def test_nobody_and_no_secret_in_anything_that_is_said(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    make_machines()
    with overheard(LEVELS[level]) as heard:
        life = Life(gateway, heard)
        for provider in REGISTRY:
            live_through(life, provider)
        share_links(life)
        tell_merchants(life, monkeypatch)
        fail_everywhere(life, monkeypatch)
        gateway.initialize({**ORDERED, "tx_ref": "X", "customer": {**PERSON, "phone": "canary"}})
        life.tokens |= set(gateway.internet.told)
    secrets = {value for given in GIVEN.values() for value in given.values() if "canary" in value}
    keys = {
        key
        for pair in (gateway.shop.test, gateway.shop.live)
        for key in (pair.secret_key, pair.public_key)
    }
    canaries = [*PEOPLE, *ADDRESSES, *secrets, *keys, *life.tokens, WEBHOOK_SECRET, TASK_TOKEN]
    lines = heard.text.splitlines()
    assert len(lines) > 100
    assert len(life.tokens) > 5
    for word in ("unexpected", "webhook tried", "webhook ignored", "Traceback"):
        assert word in heard.text, word
    leaks = {canary: line for line in lines for canary in canaries if canary in line}
    assert not leaks, [f"{canary}: {line[:500]}" for canary, line in leaks.items()]
    publish("canaries", f"{level}: {len(lines):,} lines of logs, {len(canaries)} canaries, 0 found")

"""Canaries: nothing that tells of a person, and no secret, in any line that a function logs."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest

from announcements.deliver import NotDelivered
from payments.keys import KeyPair
from plumbing import wiring
from plumbing.observability import logger
from tests.integration.gateway import ORDER, WEBHOOK_SECRET, Gateway
from tests.integration.internet import CREDENTIALS

CUSTOMER = {"name": "Canary Umuhire", "email": "canary@umuhire.example", "phone": "0788987654"}
SECRETS = (CREDENTIALS.password, CREDENTIALS.api_key, WEBHOOK_SECRET, "canary-task-token")
PEOPLE = ("Canary", "Umuhire", "umuhire.example", "788987654", "738765432", "canary-description")


@contextmanager
def overheard() -> Iterator[io.StringIO]:
    """Everything that is logged, as Lambda would write it: by anyone, from INFO up."""
    lines = io.StringIO()
    listener = logging.StreamHandler(lines)
    listener.setFormatter(logger.registered_formatter)
    root = logging.getLogger()
    before = root.level
    root.addHandler(listener)
    root.setLevel(logging.INFO)
    try:
        yield lines
    finally:
        root.removeHandler(listener)
        root.setLevel(before)


def order(reference: str) -> dict[str, Any]:
    return {
        **ORDER,
        "tx_ref": reference,
        "customer": CUSTOMER,
        "description": "canary-description",
        "webhook_url": "https://127.0.0.1/canary",
    }


def live_and_let_pay(gateway: Gateway) -> list[str]:
    """Everything that can happen to a live payment; the tokens that were in addresses."""
    session = gateway.opened(**order("LIVE"))
    for answer in (gateway.initialize(order("LIVE")), gateway.initialize({"amount": "canary"})):
        assert answer.status in {409, 422}
    gateway.pay(session, attempt="1", phone="0771234567")
    gateway.pay(session, attempt="1", phone="0738765432")
    reference = gateway.attempt(session).ref
    gateway.fall_asleep(session, "canary-task-token")
    gateway.internet.failure = httpx.ReadTimeout("silence for 0788987654")
    gateway.webhook(gateway.callback_of(reference))
    gateway.ask_provider(session, reference, last=True)
    gateway.internet.failure = None
    gateway.clock.move(5)
    gateway.approve(reference)
    gateway.till.tick()
    gateway.webhook(gateway.callback_of(reference)[:-1])
    return [gateway.callback_of(reference).rsplit("/", 1)[1]]


def rehearse(gateway: Gateway) -> list[str]:
    """Everything that can happen to a test payment; the tokens that were in addresses."""
    pair = gateway.shop.test
    session = gateway.opened(pair, **order("TEST"))
    gateway.pay(session, attempt="1", method="card")
    address = str(gateway.attempt(session).next_url)
    gateway.test_card_page(address)
    gateway.test_card_page(address, "POST", card="4000000000000002")
    gateway.clock.move(5)
    gateway.pay(session, attempt="2", phone="0780000001")
    for phone in ("0780000004", "0780000009", CUSTOMER["phone"]):
        gateway.process(gateway.opened(pair, **order(f"TEST-{phone}")), phone=phone)
    return [address.rsplit("/", 1)[1], *gateway.internet.told]


def fail(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let our own side fail wherever it can."""
    session = gateway.opened(**order("FAILS"))
    monkeypatch.setenv("PAYMENTS_TABLE", "Nowhere")
    wiring.forget()
    assert gateway.initialize(order("FAILS")).status == 500
    assert gateway.process(session, phone=CUSTOMER["phone"]).status == 500
    assert gateway.verify(session, gateway.shop.live).status == 500
    monkeypatch.setenv("PAYMENTS_TABLE", "Payments")
    wiring.forget()


def test_nobody_and_no_secret_is_ever_logged(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs: list[KeyPair] = [gateway.shop.test, gateway.shop.live]
    with overheard() as lines:
        tokens = [*live_and_let_pay(gateway), *rehearse(gateway)]
        changes = gateway.changes()
        gateway.announce(changes)
        poisoned = json.loads(json.dumps(changes[0], default=str))
        poisoned["dynamodb"]["NewImage"]["mode"] = {"S": "no such mode"}
        assert gateway.announce([poisoned]) != []
        for event in [item for item in gateway.items() if item["sk"] != "PAYMENT"]:
            with suppress(NotDelivered):
                gateway.deliver(event["pk"], event["version"])
        fail(gateway, monkeypatch)
        gateway.initialize(pair=KeyPair(pairs[0].mode, pairs[0].public_key, pairs[1].secret_key))
    logged = lines.getvalue()
    assert "unresolved" in logged
    assert "unexpected" in logged
    assert "webhook tried" in logged
    assert len(tokens) > 3
    keys = [key for pair in pairs for key in (pair.public_key, pair.secret_key)]
    for canary in (*PEOPLE, *SECRETS, *keys, *tokens):
        assert canary not in logged, canary

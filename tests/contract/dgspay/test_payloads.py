"""DGS-Pay's own examples (tests/payloads/dgspay/SOURCES.md), read by the adapter."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from payments.money import Money
from payments.payment import Customer
from payments.report import Outcome, Reason, Report
from providers.dgspay import Dgspay
from providers.port import Addresses
from tests.contract.dgspay.desk import ADDRESSES, OURS, URL, signed
from tests.examples import PAYMENT, attempt, payment

EXAMPLES = Path(__file__).parents[2] / "payloads" / "dgspay"
ASKED = Money(2000, "RWF")
ENDINGS = [
    ("charge_reply_pending.json", Outcome.PENDING, None, "dgs_123456789"),
    ("charge_reply_successful.json", Outcome.PAID, None, "dgs_987654321"),
    (
        "charge_reply_failed.json",
        Outcome.DECLINED,
        Reason.INSUFFICIENT_FUNDS,
        "dgs_123456789",
    ),
]


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


class Kept:
    """A DGS-Pay that gives one example as its answer, and keeps what it was sent."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.sent: dict[str, Any] = {}
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.dgspay = Dgspay(http, URL, OURS)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent = json.loads(request.content) if request.content else {}
        return httpx.Response(200, content=self.content)


def test_sends_the_charge_of_the_example() -> None:
    asked: dict[str, Any] = json.loads(example("charge_request.json"))
    tried = attempt(
        phone="0789654321",
        payer_name="Jane Doe",
        payer_email="jane.doe@example.com",
    )
    order = replace(
        PAYMENT,
        money=ASKED,
        description="Payment for Invoice #5678",
        customer=Customer(name="Jane Doe", email="jane.doe@example.com", phone="0789654321"),
    )
    there = Kept(example("charge_reply_pending.json"))
    there.dgspay.charge(
        order,
        tried,
        Addresses(callback_url="https://us.example/webhooks", return_url=asked["redirect_url"]),
    )
    # The address to call back is not in the documentation; public integrations send it.
    assert there.sent == asked | {"callback_url": "https://us.example/webhooks"}


@pytest.mark.parametrize(("name", "outcome", "reason", "reference"), ENDINGS)
def test_reads_the_replies_of_the_examples(
    name: str, outcome: Outcome, reason: Reason | None, reference: str
) -> None:
    there = Kept(example(name))
    is_pending = outcome is Outcome.PENDING
    expected = Report(
        attempt_ref=attempt().ref,
        outcome=outcome,
        reason=reason,
        provider_ref=reference,
        is_named_by_itself=True,
        next_url="https://provider.com/authorize" if is_pending else None,
        stated=ASKED,
    )
    assert there.dgspay.charge(PAYMENT, attempt(), ADDRESSES) == expected
    known = attempt(provider_ref=reference)
    answered = there.dgspay.ask(payment(known), known)
    assert answered == replace(expected, is_named_by_itself=False)


@pytest.mark.parametrize(("name", "outcome", "reason", "reference"), ENDINGS[1:])
def test_hears_the_replies_of_the_examples_as_webhooks(
    name: str, outcome: Outcome, reason: Reason | None, reference: str
) -> None:
    event = b"payment.success" if outcome is Outcome.PAID else b"payment.failed"
    body = b'{"event": "' + event + b'",' + example(name).lstrip(b"{")
    said = Kept(b"").dgspay.hear(PAYMENT, attempt(phone="0789654321"), signed(body))
    assert said is not None
    assert (said.outcome, said.reason, said.stated) == (outcome, reason, ASKED)
    assert said.provider_ref == reference

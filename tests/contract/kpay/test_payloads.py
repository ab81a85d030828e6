"""esicia's own examples (tests/payloads/kpay/SOURCES.md), read by the adapter."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from payments.money import Money
from payments.payment import Attempt, Method
from payments.report import Outcome, Reason
from providers.kpay import Kpay, KpayCredentials, acknowledgement
from providers.port import Addresses
from tests.contract.kpay.desk import OURS, URL
from tests.examples import PAYMENT, attempt

EXAMPLES = Path(__file__).parents[2] / "payloads" / "kpay"
PAID = replace(attempt(), ref="1489693046", provider_ref="A441489693051")


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


class Kept:
    """A K-Pay that gives one example as its answer, and keeps what it was sent."""

    def __init__(self, content: bytes, credentials: KpayCredentials = OURS) -> None:
        self.content = content
        self.sent: dict[str, Any] = {}
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.kpay = Kpay(http, URL, credentials)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent = json.loads(request.content)
        return httpx.Response(200, content=self.content)


def test_sends_the_charge_of_the_example() -> None:
    asked: dict[str, Any] = json.loads(example("pay_request.json"))
    tried = replace(
        attempt(),
        ref=asked["refid"],
        phone=asked["msisdn"],
        payer_name=asked["cname"],
        payer_email=asked["email"],
    )
    order = replace(PAYMENT, money=Money(asked["amount"], "RWF"), description=asked["details"])
    there = Kept(example("pay_reply_pending.json"))
    there.kpay.charge(
        order, tried, Addresses(callback_url=asked["returl"], return_url=asked["redirecturl"])
    )
    # The example leaves the action out, which the table requires, and has the phone number in a
    # form that the table does not have.
    assert there.sent == asked | {"action": "pay", "msisdn": "250783300000"}


@pytest.mark.parametrize(
    "tried",
    [attempt(), attempt(method=Method.CARD, phone=None, network=None)],
    ids=["wallet", "card"],
)
def test_reads_the_reply_of_the_example(tried: Attempt) -> None:
    there = Kept(example("pay_reply_pending.json"))
    tried = replace(tried, ref="15947234071471114")
    said = there.kpay.charge(PAYMENT, tried, Addresses(callback_url="", return_url=""))
    assert said.outcome is Outcome.PENDING
    assert said.provider_ref == "E6974831594723691"
    # With mobile money the prompt is on the phone: the page that K-Pay names is not needed.
    page = "https://pay.esicia.com/checkout/A12343983489"
    assert said.next_url == (page if tried.method is Method.CARD else None)


def test_answers_the_postback_as_the_example_does() -> None:
    said = acknowledgement(example("postback_paid.json"))
    assert said == json.loads(example("postback_answer.json"))


def test_asks_as_the_example_does() -> None:
    there = Kept(example("status_not_found.json"))
    there.kpay.ask(PAYMENT, PAID)
    assert there.sent == json.loads(example("status_request.json"))


def test_reads_that_nothing_was_found() -> None:
    there = Kept(example("status_not_found.json"))
    assert there.kpay.ask(PAYMENT, PAID).outcome is Outcome.NOT_FOUND


def test_reads_a_status_with_the_fields_of_the_postback() -> None:
    said = Kept(example("postback_paid.json")).kpay.ask(PAYMENT, PAID)
    assert (said.outcome, said.network_ref) == (Outcome.PAID, "616730887")


@pytest.mark.parametrize(
    ("fragment", "statusid", "outcome", "reason"),
    [
        ("status_paid_fragment.txt", b"01", Outcome.PAID, None),
        ("status_failed_fragment.txt", b"02", Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
    ],
)
def test_reads_what_is_left_of_the_older_statuses(
    fragment: str, statusid: bytes, outcome: Outcome, reason: Reason | None
) -> None:
    left = example(fragment).rstrip(b",")
    said = Kept(b'{"statusid":"' + statusid + b'",' + left + b"}").kpay.ask(PAYMENT, PAID)
    assert (said.outcome, said.reason) == (outcome, reason)


def test_reads_what_is_left_of_the_older_failed_reply() -> None:
    there = Kept(b"{" + example("pay_reply_failed_fragment.txt") + b'"retcode":605}')
    said = there.kpay.charge(PAYMENT, attempt(), Addresses(callback_url="", return_url=""))
    assert (said.outcome, said.next_url) == (Outcome.REFUSED, None)

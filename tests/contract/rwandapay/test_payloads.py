"""RwandaPay's own examples (tests/payloads/rwandapay/SOURCES.md), read by the adapter."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.simulators.rwandapay_webhooks import sign
from payments.money import Money
from payments.report import Outcome, Reason, Report
from providers.port import Addresses
from providers.rwandapay import Rwandapay, acknowledgement
from tests.contract.rwandapay.desk import ADDRESSES, OURS, URL, attempt, notice_of
from tests.examples import PAYMENT

EXAMPLES = Path(__file__).parents[2] / "payloads" / "rwandapay"
OF_THE_REPLY = replace(attempt(), ref="ORDER-1780943716")
OF_THE_WEBHOOK = replace(attempt(), ref="ORDER-12345")
EIGHT_THOUSAND = replace(PAYMENT, money=Money(8000, "RWF"))
TEST_KEYS = replace(OURS, public_key="pk_test_1")


def example(name: str) -> bytes:
    return (EXAMPLES / name).read_bytes()


class Kept:
    """A RwandaPay that gives one example as its answer, and keeps what it was sent."""

    def __init__(self, name: str, credentials: Any = OURS, push: int = 200) -> None:  # noqa: ANN401  # ours
        self.content = example(name)
        self.push = push
        self.sent: list[httpx.Request] = []
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.rwandapay = Rwandapay(http, URL, credentials)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        if request.url.path.endswith("process"):
            return httpx.Response(self.push, content=b"{}" if self.push == 200 else b"Not Found")
        return httpx.Response(200, content=self.content)

    def asked(self) -> Report:
        return self.rwandapay.ask(PAYMENT, attempt())


def test_sends_the_request_of_the_example() -> None:
    asked: dict[str, Any] = json.loads(example("initialize_request.json"))
    customer = asked["customer"]
    tried = replace(
        OF_THE_WEBHOOK,
        phone=customer["phone"],
        payer_name=customer["name"],
        payer_email=customer["email"],
    )
    order = replace(PAYMENT, description=asked["description"])
    there = Kept("initialize_reply_live.json")
    addresses = Addresses(callback_url=asked["webhook_url"], return_url=asked["redirect_url"])
    with pytest.raises(Exception, match="another transaction"):
        there.rwandapay.charge(order, tried, addresses)
    # What the merchant keeps of the order is no business of the provider's.
    del asked["meta"]
    assert json.loads(there.sent[0].content) == asked


@pytest.mark.parametrize(
    ("name", "credentials"),
    [("initialize_reply_live.json", OURS), ("initialize_reply_test.json", TEST_KEYS)],
)
def test_reads_the_reply_of_the_example_and_prompts_in_its_session(
    name: str, credentials: object
) -> None:
    there = Kept(name, credentials)
    said = there.rwandapay.charge(EIGHT_THOUSAND, OF_THE_REPLY, ADDRESSES)
    assert (said.outcome, said.provider_ref) == (Outcome.PENDING, "CHK-V0CFMJGNI8ZWIJBR")
    assert str(there.sent[1].url) == f"{URL}/checkout/CHK-V0CFMJGNI8ZWIJBR/process"


@pytest.mark.parametrize("push", [404, 405])
def test_sends_the_customer_to_the_page_of_the_example_where_there_is_no_push(push: int) -> None:
    there = Kept("initialize_reply_live.json", push=push)
    said = there.rwandapay.charge(EIGHT_THOUSAND, OF_THE_REPLY, ADDRESSES)
    assert said.outcome is Outcome.PENDING
    assert said.next_url == "https://pay.rwandapay.rw/checkout/CHK-V0CFMJGNI8ZWIJBR"


def test_a_test_session_on_live_keys_is_refused_before_anybody_is_prompted() -> None:
    there = Kept("initialize_reply_test.json")
    said = there.rwandapay.charge(EIGHT_THOUSAND, OF_THE_REPLY, ADDRESSES)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert len(there.sent) == 1


def test_a_session_for_another_sum_is_refused_before_anybody_is_prompted() -> None:
    there = Kept("initialize_reply_live.json")
    said = there.rwandapay.charge(PAYMENT, OF_THE_REPLY, ADDRESSES)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert len(there.sent) == 1


@pytest.mark.parametrize(
    ("name", "credentials", "outcome", "stated"),
    [
        ("verify_pending.json", OURS, Outcome.PENDING, None),
        ("verify_paid_live.json", OURS, Outcome.PAID, PAYMENT.money),
        ("verify_paid_test.json", TEST_KEYS, Outcome.PAID, PAYMENT.money),
        ("verify_failed.json", OURS, Outcome.DECLINED, None),
        ("verify_not_found.json", OURS, Outcome.NOT_FOUND, None),
    ],
)
def test_reads_the_statuses_of_the_examples(
    name: str, credentials: object, outcome: Outcome, stated: Money | None
) -> None:
    said = Kept(name, credentials).asked()
    assert (said.outcome, said.stated) == (outcome, stated)


def test_a_test_that_was_paid_is_nothing_to_live_keys() -> None:
    with pytest.raises(Exception, match="another mode"):
        Kept("verify_paid_test.json").asked()


@pytest.mark.parametrize("name", ["webhook_paid.json", "webhook_flat.json"])
def test_reads_the_webhook_of_the_example(name: str) -> None:
    body = example(name)
    notice = notice_of(body, {"X-Webhook-Signature": sign(body, "whs", "hex")})
    known = replace(OF_THE_WEBHOOK, network_ref="550e8400-e29b-41d4-a716-446655440000")
    said = Kept("verify_pending.json").rwandapay.hear(PAYMENT, known, notice)
    assert said is not None
    assert (said.outcome, said.stated) == (Outcome.PAID, PAYMENT.money)
    assert said.network_ref == known.network_ref


def test_answers_the_webhook_as_the_sample_does() -> None:
    assert acknowledgement(example("webhook_paid.json")) == {"status": "ok"}

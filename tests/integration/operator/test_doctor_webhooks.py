"""The doctor's test events, with the real delivery behind them."""

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx
import pytest

from announcements.deliver import NotDelivered
from infra.operator.deployment import Deployment
from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import Finding, Verdict
from infra.operator.doctor.webhooks import MOST_SECONDS, check_webhooks
from ledger.endpoints import DisabledWhy
from ledger.payments import News
from payments.mode import Mode
from plumbing import wiring
from plumbing.parameter_secrets import webhook_secret_name
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import PREFIX, WEBHOOK_SECRET, Gateway, aws_calls, gateway

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

__all__ = ["aws_calls", "gateway"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as heard:
        heard.url += "?token=hook-canary"
        yield heard


class Waiting:
    """The seconds that the doctor waits, in which events are delivered, or not."""

    def __init__(self, gateway: Gateway, ssm: "SSMClient") -> None:
        self.gateway = gateway
        self.delivers = True
        self.seconds = 0.0
        self.told: list[str] = []
        self.examination = Examination(
            deployment=Deployment(
                merchants=gateway.merchants,
                dynamodb=gateway.dynamodb,
                ssm=ssm,
                parameter_prefix=PREFIX,
                payments_table="Payments",
                api_url="https://pay.example/api/v1",
                loopback_allowed=True,
            ),
            http=httpx.Client(),
            clock=gateway.clock,
            sleep=self.sleep,
            say=self.told.append,
        )

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        for item in self.gateway.items() if self.delivers else ():
            # What the stream passes on, and nothing else.
            if item["news"] == News.DELIVER:
                with suppress(NotDelivered):
                    self.gateway.deliver(item["pk"], item["version"])

    def listen_at(self, url: str, *modes: Mode) -> None:
        """Set the merchant's endpoint."""
        for mode in modes or Mode:
            merchant_id = self.gateway.shop.merchant.merchant_id
            self.examination.deployment.endpoints.set_url(merchant_id, mode, url)

    def look(self, *, send: bool = True) -> dict[str | None, Finding]:
        """Look at the merchant's endpoints, by mode; what is told holds no secret."""
        found = list(check_webhooks(self.examination, self.gateway.shop.merchant, send=send))
        for finding in found:
            assert "canary" not in finding.line
            assert WEBHOOK_SECRET not in finding.line
        return {finding.about.part: finding for finding in found}


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch, gateway: Gateway, ssm: "SSMClient") -> Waiting:
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    return Waiting(gateway, ssm)


def test_an_endpoint_that_answers_is_well(waiting: Waiting, receiver: Receiver) -> None:
    waiting.listen_at(receiver.url)
    found = waiting.look()
    for mode in Mode:
        assert found[mode].verdict is Verdict.OK
        assert " answered 200 in " in found[mode].told
        assert found[mode].told.endswith(" ms.")
    assert [b'"event":"webhook.test"' in heard.body for heard in receiver.heard] == [True, True]
    assert waiting.seconds == 2
    assert "waiting for http://127.0.0.1" in waiting.told[0]


@pytest.mark.parametrize("status", [302, 404, 410, 500])
def test_an_endpoint_that_does_not_answer_2xx_is_a_problem(
    waiting: Waiting, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    receiver.text = "answer-canary"
    waiting.listen_at(receiver.url)
    found = waiting.look()[Mode.LIVE]
    assert found.verdict is Verdict.PROBLEM
    assert f"answered {status} in " in found.told


def test_a_dead_address_is_a_problem(waiting: Waiting) -> None:
    waiting.listen_at("http://127.0.0.1:9/hooks?token=hook-canary")
    found = waiting.look()[Mode.LIVE]
    assert found.verdict is Verdict.PROBLEM
    assert found.told.startswith("http://127.0.0.1:9 could not be called: ")


def test_an_address_that_leads_inside_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, waiting: Waiting, receiver: Receiver
) -> None:
    monkeypatch.delenv("LOOPBACK_ALLOWED")
    wiring.forget()
    waiting.listen_at(receiver.url)
    found = waiting.look()[Mode.TEST]
    assert found.verdict is Verdict.PROBLEM
    assert "could not be called: address refused" in found.told
    assert receiver.heard == []


def test_a_try_that_never_comes_is_a_problem_of_the_deployment(
    waiting: Waiting, receiver: Receiver
) -> None:
    waiting.delivers = False
    waiting.listen_at(receiver.url, Mode.LIVE)
    found = waiting.look()[Mode.LIVE]
    assert found.verdict is Verdict.PROBLEM
    assert f"within {MOST_SECONDS} s" in found.told
    assert waiting.seconds == MOST_SECONDS


def test_an_endpoint_that_cannot_be_signed_for_is_a_problem(
    waiting: Waiting, receiver: Receiver, ssm: "SSMClient"
) -> None:
    merchant_id = waiting.gateway.shop.merchant.merchant_id
    ssm.delete_parameter(Name=webhook_secret_name(PREFIX, merchant_id, Mode.LIVE))
    waiting.listen_at(receiver.url, Mode.LIVE)
    found = waiting.look()[Mode.LIVE]
    assert found.verdict is Verdict.PROBLEM
    assert "was not called: nobody_listens" in found.told
    assert waiting.seconds == 1


def test_a_disabled_endpoint_is_a_problem_since_and_why_and_is_not_called(
    waiting: Waiting, receiver: Receiver
) -> None:
    waiting.listen_at(receiver.url)
    endpoints = waiting.examination.deployment.endpoints
    standing = endpoints.get(waiting.gateway.shop.merchant.merchant_id, Mode.LIVE)
    assert endpoints.disable(standing, DisabledWhy.GONE, waiting.gateway.clock())
    for send in (True, False):
        found = waiting.look(send=send)[Mode.LIVE]
        assert found.verdict is Verdict.PROBLEM
        assert found.told.endswith("is not called since 2026-11-21T14:30:00Z: gone.")
    assert len(receiver.heard) == 1


def test_nothing_is_sent_when_webhooks_are_left_out(waiting: Waiting, receiver: Receiver) -> None:
    waiting.listen_at(receiver.url)
    assert waiting.look(send=False) == {}
    assert waiting.gateway.items() == []


def test_a_merchant_without_an_endpoint_is_well(waiting: Waiting) -> None:
    assert {found.verdict for found in waiting.look().values()} == {Verdict.OK}
    assert waiting.gateway.items() == []

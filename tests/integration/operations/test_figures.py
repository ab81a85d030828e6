"""What is counted where, and that nothing of a person or a payment stands beside the count."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest

from announcements.deliver import NotDelivered
from payments.keys import KeyPair
from payments.mode import Mode
from payments.payment import Payment
from plumbing import wiring
from plumbing.observability import Figure
from providers.registry import REGISTRY
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import MTN, Gateway, make_machines
from tests.integration.webhooks.letters import arrives, paid

Figures = Callable[[], list[tuple[str, str | None, int]]]

METRIC = {"_aws", "Stack", "Provider"}
REFUSED = "0788000011"
"""K-Pay's number for a charge that it will not take."""


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was counted since last asked, line by line."""

    def written() -> list[dict[str, Any]]:
        told = capsys.readouterr().out.splitlines()
        return [json.loads(line) for line in told if line.startswith('{"_aws"')]

    return written


@pytest.fixture
def figures(lines: Callable[[], list[dict[str, Any]]]) -> Figures:
    """The figures since last asked: name, provider, times."""

    def read() -> list[tuple[str, str | None, int]]:
        return [
            (name, line.get("Provider"), line[name])
            for line in lines()
            for name in line.keys() - METRIC
        ]

    return read


@pytest.fixture
def live(gateway: Gateway) -> str:
    """A live payment, just opened."""
    make_machines()
    return gateway.opened()


# -------------------------------------------------------------------- charging
def test_an_attempt_counts_for_its_provider(gateway: Gateway, live: str, figures: Figures) -> None:
    gateway.paying(live)
    assert figures() == [("AttemptBegun", "kpay", 1)]


def test_a_provider_that_refuses_is_counted(gateway: Gateway, live: str, figures: Figures) -> None:
    gateway.process(live, phone=REFUSED)
    assert gateway.attempt(live).status == "refused"
    assert figures() == [("AttemptBegun", "kpay", 1), ("ProviderRefused", "kpay", 1)]


def test_a_decline_is_no_refusal(gateway: Gateway, live: str, figures: Figures) -> None:
    gateway.decline(gateway.paying(live))
    gateway.till.tick()
    assert gateway.attempt(live).status == "declined"
    assert figures() == [("AttemptBegun", "kpay", 1)]


def test_a_provider_that_is_silent_is_counted(
    gateway: Gateway, live: str, figures: Figures
) -> None:
    gateway.internet.failure = httpx.ReadTimeout("")
    gateway.paying(live)
    assert figures() == [("AttemptBegun", "kpay", 1), ("ProviderSilent", "kpay", 1)]


# -------------------------------------------------------------------- asking
def test_a_question_without_an_answer_is_counted(
    gateway: Gateway, live: str, figures: Figures
) -> None:
    reference = gateway.paying(live)
    gateway.internet.failure = httpx.ReadTimeout("")
    figures()
    gateway.ask_provider(live, reference)
    gateway.clock.move(5)
    gateway.webhook(gateway.callback_of(reference))
    assert figures() == [("ProviderSilent", "kpay", 1)] * 2


def test_a_day_without_a_final_word_is_counted_once(
    gateway: Gateway, live: str, figures: Figures
) -> None:
    reference = gateway.paying(live)
    figures()
    gateway.ask_provider(live, reference)
    assert figures() == []
    gateway.ask_provider(live, reference, last=True)
    assert figures() == [("UnresolvedFound", "kpay", 1)]


def test_another_sum_is_counted_whoever_hears_of_it(
    gateway: Gateway, live: str, figures: Figures
) -> None:
    gateway.internet.misbehave("kpay", "wrong_amount")
    reference = gateway.paying(live)
    gateway.approve(reference)
    figures()
    gateway.ask_provider(live, reference)
    gateway.clock.move(5)
    gateway.webhook(gateway.callback_of(reference))
    assert gateway.payment(live).status == "pending"
    assert figures() == [("SumDisagrees", "kpay", 1)] * 2


def test_another_sum_in_a_signed_letter_is_counted_though_the_provider_then_agrees(
    gateway: Gateway, figures: Figures
) -> None:
    session, letter = paid(gateway, "dgspay")
    figures()
    arrives(gateway, letter.saying(amount=5001))
    assert gateway.payment(session).status == "successful"
    assert figures() == [("SumDisagrees", "dgspay", 1)]


def test_the_sum_that_was_asked_is_no_figure(gateway: Gateway, figures: Figures) -> None:
    session, letter = paid(gateway, "dgspay")
    figures()
    arrives(gateway, letter)
    assert gateway.payment(session).status == "successful"
    assert figures() == []


# -------------------------------------------------------------------- webhooks
def test_a_notification_that_does_not_prove_itself_is_counted(
    gateway: Gateway, figures: Figures
) -> None:
    answer = gateway.webhook("/webhooks/vpay/AAAAAAAAAAAAAAAA01/no-token", "{}")
    assert answer.status == 401
    assert figures() == [("WebhookForged", "vpay", 1)]


# -------------------------------------------------------------------- announcing
def test_a_success_is_counted_once_however_often_the_stream_tells_of_it(
    gateway: Gateway, live: str, figures: Figures
) -> None:
    gateway.approve(gateway.paying(live))
    gateway.till.tick()
    changes = gateway.changes()
    figures()
    for _ in range(2):
        gateway.announce(changes)
    assert figures() == [("PaymentPaid", "kpay", 1)]


def test_money_that_came_twice_is_counted(gateway: Gateway, live: str, figures: Figures) -> None:
    gateway.decline(gateway.paying(live))
    gateway.till.tick()
    gateway.clock.move(5)
    gateway.approve(gateway.paying(live, number=2))
    gateway.till.tick()
    gateway.clock.move(5)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    figures()
    gateway.pump()
    assert figures() == [("PaymentPaid", "kpay", 1), ("DuplicateCharge", "kpay", 1)]


def test_a_rehearsal_is_in_no_sum(
    gateway: Gateway, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    make_machines()
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000001", method="mobile_money")
    gateway.pump()
    for event in gateway.events_of(session):
        with suppress(NotDelivered):
            gateway.deliver(session, event["version"])
    told = lines()
    assert told != []
    for line in told:
        (metric,) = line["_aws"]["CloudWatchMetrics"]
        assert metric["Dimensions"] == [["Stack", "Provider"]]
        assert line["Provider"] == "sandbox"


# -------------------------------------------------------------------- delivering
@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The merchant's live endpoint."""
    make_machines()
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as endpoint:
        for mode in Mode:
            wiring.endpoints().set_url(gateway.shop.merchant.merchant_id, mode, endpoint.url)
        yield endpoint


def tried(gateway: Gateway, pair: KeyPair | None = None, url: str | None = None) -> str:
    """An event, and one try to deliver it; its session."""
    session = gateway.opened(pair, tx_ref=f"ORDER-{len(gateway.items())}", webhook_url=url)
    gateway.pay(session, leave="1")
    gateway.pump()
    with suppress(NotDelivered):
        gateway.deliver(session, gateway.payment(session).version)
    return session


@pytest.mark.parametrize(
    ("status", "counted"),
    [(200, "DeliveryMade"), (500, "DeliveryFailed"), (410, "DeliveryExhausted")],
)
def test_a_try_to_deliver_counts_by_its_answer(
    gateway: Gateway, receiver: Receiver, figures: Figures, status: int, counted: str
) -> None:
    receiver.status = status
    tried(gateway)
    assert figures() == [("PaymentEndedUnpaid", None, 1), (counted, None, 1)]


def test_the_last_of_all_tries_counts_as_given_up(
    gateway: Gateway, receiver: Receiver, figures: Figures
) -> None:
    receiver.status = 500
    session = tried(gateway, url=receiver.url)
    # The first was 76 hours ago: the plan is over.
    gateway.clock.move(76 * 60 * 60)
    figures()
    for _ in range(2):
        gateway.deliver(session, gateway.payment(session).version)
    assert figures() == [("DeliveryExhausted", None, 1)]


def test_an_endpoint_that_is_switched_off_counts_once_and_not_for_what_comes_after(
    gateway: Gateway, receiver: Receiver, figures: Figures
) -> None:
    receiver.status = 500
    tried(gateway)
    gateway.clock.move(6 * 24 * 60 * 60)
    figures()
    tried(gateway)
    tried(gateway)
    told = [name for name, _, _ in figures()]
    assert told == ["PaymentEndedUnpaid", "DeliveryExhausted", "PaymentEndedUnpaid"]


def test_a_rehearsed_failure_wakes_nobody(
    gateway: Gateway, receiver: Receiver, figures: Figures
) -> None:
    receiver.status = 410
    tried(gateway, gateway.shop.test)
    assert len(receiver.heard) == 1
    assert figures() == []


# -------------------------------------------------------------------- all of them
def everything(gateway: Gateway) -> list[Payment]:
    """Live payments of a customer whose name would be seen, in every ending."""
    told = {"name": "Canary Umuhire", "email": "canary@umuhire.example", "phone": MTN}
    sessions = [gateway.opened(tx_ref=f"CANARY-{n}", customer=told) for n in range(3)]
    paid, silent, declined = sessions
    gateway.approve(gateway.paying(paid))
    gateway.till.tick()
    gateway.decline(gateway.paying(declined))
    gateway.till.tick()
    gateway.internet.failure = httpx.ReadTimeout("silence for 0788123456")
    reference = gateway.paying(silent)
    gateway.ask_provider(silent, reference, last=True)
    gateway.internet.failure = None
    gateway.webhook("/webhooks/vpay/CANARYCANARYCANA01/canary-token", "canary")
    gateway.pump()
    return [gateway.payment(session) for session in sessions]


def test_no_figure_tells_of_a_person_or_a_payment(
    gateway: Gateway, lines: Callable[[], list[dict[str, Any]]]
) -> None:
    make_machines()
    payments = everything(gateway)
    told = lines()
    assert {name for line in told for name in line.keys() - METRIC} >= {
        Figure.ATTEMPT_BEGUN,
        Figure.PROVIDER_SILENT,
        Figure.UNRESOLVED_FOUND,
        Figure.WEBHOOK_FORGED,
        Figure.PAYMENT_PAID,
    }
    for line in told:
        (name,) = line.keys() - METRIC
        assert name in set(Figure)
        assert isinstance(line[name], int)
        assert line.get("Provider", "kpay") in REGISTRY
        assert line["Stack"] == "test"
        assert line["_aws"].keys() == {"Timestamp", "CloudWatchMetrics"}
    text = json.dumps(told).lower()
    references = [p.session_id.lower() for p in payments] + [p.merchant_id for p in payments]
    for canary in ("canary", "umuhire", MTN[1:], *references):
        assert canary not in text

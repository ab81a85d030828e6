"""An endpoint that answers 410, or nothing but failures for five days, is not called any more."""

from collections.abc import Iterator

import pytest

from announcements.deliver import NotDelivered
from ledger.endpoints import DisabledWhy
from payments.mode import Mode
from payments.references import event_of
from plumbing import wiring
from tests.integration.announcements.asking import (
    ENDPOINT,
    endpoint,
    failed_payment,
    posted,
    resent,
    sent,
    shown,
)
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import Gateway

DAY = 24 * 60 * 60


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """The merchant's live endpoint."""
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as listener:
        sent(gateway, "PUT", ENDPOINT, {"url": listener.url})
        yield listener


def deliver(gateway: Gateway, event_id: str, turn: int = 0) -> str:
    """Try once; "pending" for a try that is to be repeated."""
    named = event_of(event_id)
    assert named is not None
    try:
        return gateway.deliver(*named, turn)["state"]
    except NotDelivered:
        return "pending"


def news(gateway: Gateway) -> str:
    """One more event for the endpoint."""
    return failed_payment(gateway, f"ORDER-{len(gateway.items())}")


def test_gone_disables_at_once(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 410
    assert deliver(gateway, news(gateway)) == "gone"
    told = endpoint(gateway)
    assert (told["status"], told["disabled_why"], told["disabled_at"]) == (
        *("disabled", "gone"),
        "2026-11-21T14:30:00Z",
    )
    waiting = news(gateway)
    assert deliver(gateway, waiting) == "endpoint_disabled"
    assert shown(gateway, waiting).json["data"]["deliveries"] == []
    assert len(receiver.heard) == 1


def test_five_days_of_failures_disable(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 500
    assert deliver(gateway, news(gateway)) == "pending"
    assert endpoint(gateway)["failing_since"] == "2026-11-21T14:30:00Z"
    gateway.clock.move(5 * DAY - 1)
    assert deliver(gateway, news(gateway)) == "pending"
    assert endpoint(gateway)["status"] == "enabled"
    gateway.clock.move(1)
    last = news(gateway)
    assert deliver(gateway, last) == "endpoint_disabled"
    told = endpoint(gateway)
    assert (told["status"], told["disabled_why"]) == ("disabled", "failing")
    assert told["failing_since"] == "2026-11-21T14:30:00Z"
    assert len(shown(gateway, last).json["data"]["deliveries"]) == 1


def test_silence_is_a_failure_too(gateway: Gateway, receiver: Receiver) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": "http://127.0.0.1:1/"})
    deliver(gateway, news(gateway))
    gateway.clock.move(5 * DAY)
    assert deliver(gateway, news(gateway)) == "endpoint_disabled"
    assert receiver.heard == []


def test_one_success_forgets_the_failures_before(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 500
    deliver(gateway, news(gateway))
    gateway.clock.move(3 * DAY)
    receiver.status = 200
    assert deliver(gateway, news(gateway)) == "delivered"
    assert endpoint(gateway)["failing_since"] is None
    gateway.clock.move(3 * DAY)
    receiver.status = 500
    assert deliver(gateway, news(gateway)) == "pending"
    assert endpoint(gateway)["status"] == "enabled"


def test_what_waited_for_a_disabled_endpoint_can_be_sent_anew(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 410
    deliver(gateway, news(gateway))
    waiting = news(gateway)
    deliver(gateway, waiting)
    receiver.status = 200
    posted(gateway, f"{ENDPOINT}/enable")
    assert resent(gateway, waiting).status == 202
    assert deliver(gateway, waiting, 1) == "delivered"


def test_an_address_that_the_payment_named_is_never_disabled(
    gateway: Gateway, receiver: Receiver
) -> None:
    before = endpoint(gateway)
    for status in (500, 410):
        receiver.status = status
        for days in range(3):
            session = gateway.opened(
                tx_ref=f"OWN-{status}-{days}", webhook_url=f"{receiver.url}/own"
            )
            gateway.pay(session, leave="1")
            gateway.pump()
            event_id = str(gateway.events_of(session)[0]["event_id"])
            assert deliver(gateway, event_id) in {"pending", "gone"}
            gateway.clock.move(3 * DAY)
    assert endpoint(gateway) == before


def test_an_address_that_the_payment_named_is_called_though_the_endpoint_is_disabled(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 410
    deliver(gateway, news(gateway))
    receiver.status = 200
    session = gateway.opened(tx_ref="OWN", webhook_url=f"{receiver.url}/own")
    gateway.pay(session, leave="1")
    gateway.pump()
    event_id = str(gateway.events_of(session)[0]["event_id"])
    assert deliver(gateway, event_id) == "delivered"


@pytest.mark.parametrize("change", ["enable", "new url"])
@pytest.mark.parametrize("status", [410, 500])
def test_a_failure_of_the_past_does_not_undo_what_the_merchant_did_meanwhile(
    gateway: Gateway, receiver: Receiver, status: int, change: str
) -> None:
    receiver.status = 500
    deliver(gateway, news(gateway))
    gateway.clock.move(5 * DAY)

    def meanwhile() -> None:
        if change == "enable":
            posted(gateway, f"{ENDPOINT}/enable")
        else:
            sent(gateway, "PUT", ENDPOINT, {"url": f"{receiver.url}/new"})

    receiver.status, receiver.meanwhile = status, meanwhile
    state = deliver(gateway, news(gateway))
    assert state == ("gone" if status == 410 else "pending")
    told = endpoint(gateway)
    assert (told["status"], told["failing_since"]) == ("enabled", None)


def test_a_first_failure_of_the_past_does_not_count_against_a_new_address(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 500
    receiver.meanwhile = lambda: sent(gateway, "PUT", ENDPOINT, {"url": f"{receiver.url}/new"})
    deliver(gateway, news(gateway))
    assert endpoint(gateway)["failing_since"] is None


def test_the_endpoint_of_the_other_mode_is_left_alone(gateway: Gateway, receiver: Receiver) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": receiver.url}, gateway.shop.test)
    receiver.status = 410
    deliver(gateway, failed_payment(gateway, "ORDER-1", gateway.shop.test))
    assert endpoint(gateway, gateway.shop.test)["status"] == "disabled"
    assert endpoint(gateway)["status"] == "enabled"


def test_a_delivery_costs_three_calls_and_a_fourth_only_when_the_endpoint_changes(
    gateway: Gateway, receiver: Receiver
) -> None:
    usual = ["dynamodb.GetItem", "dynamodb.GetItem", "dynamodb.UpdateItem"]
    deliver(gateway, news(gateway))
    for status, more in ((200, 0), (500, 1), (500, 0), (200, 1), (200, 0)):
        event_id = news(gateway)
        receiver.status = status
        gateway.aws_calls.clear()
        deliver(gateway, event_id)
        assert gateway.aws_calls == usual + ["dynamodb.UpdateItem"] * more, status


def test_an_endpoint_is_disabled_once(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 410
    deliver(gateway, news(gateway))
    standing = wiring.endpoints().get(gateway.shop.merchant.merchant_id, Mode.LIVE)
    gateway.clock.move(60)
    assert wiring.endpoints().disable(standing, DisabledWhy.GONE, gateway.clock())
    assert endpoint(gateway)["disabled_at"] == "2026-11-21T14:30:00Z"

import json
from collections.abc import Iterator

import pytest

from plumbing import wiring
from tests.integration.announcements.asking import failed_payment, shown
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import Gateway


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as endpoint:
        wiring.endpoints().set_url(
            gateway.shop.merchant.merchant_id, gateway.shop.live.mode, endpoint.url
        )
        yield endpoint


def deliver(gateway: Gateway, event_id: str) -> None:
    session, _, version = event_id.removeprefix("evt_").rpartition("_")
    gateway.deliver(f"CHK-{session}", int(version))


def test_an_event_is_told_with_its_body_and_every_try(gateway: Gateway, receiver: Receiver) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    receiver.text = "muraho \u2615"
    deliver(gateway, event_id)
    answer = shown(gateway, event_id)
    assert answer.status == 200
    told = answer.json["data"]
    (tried,) = told.pop("deliveries")
    assert tried.pop("milliseconds") >= 0
    assert tried == {
        "at": "2026-11-21T14:30:00Z",
        "url": receiver.url,
        "status_code": 200,
        "error": None,
        "answer": "muraho \u2615",
    }
    body = told.pop("body")
    assert body == json.loads(receiver.heard[0].body)
    assert told == {
        "event_id": event_id,
        "type": "payment.failed",
        "reference": "ORDER-1",
        "state": "delivered",
        "created_at": "2026-11-21T14:30:00Z",
        "resends": 0,
    }


def test_an_event_shows_an_error_where_there_was_no_answer(gateway: Gateway) -> None:
    merchant, mode = gateway.shop.merchant.merchant_id, gateway.shop.live.mode
    wiring.endpoints().set_url(merchant, mode, "https://127.0.0.1/")
    event_id = failed_payment(gateway, "ORDER-1")
    with pytest.raises(Exception, match=r"^[0-9]+$"):
        deliver(gateway, event_id)
    told = shown(gateway, event_id).json["data"]
    (tried,) = told["deliveries"]
    assert (tried["status_code"], tried["answer"]) == (None, None)
    assert tried["error"].startswith("address refused")


def test_an_answer_is_kept_to_its_first_thousand_characters(
    gateway: Gateway, receiver: Receiver
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    receiver.text = "x" * 100_000
    deliver(gateway, event_id)
    assert shown(gateway, event_id).json["data"]["deliveries"][0]["answer"] == "x" * 1000


def test_a_strangers_event_and_one_of_the_other_mode_are_not_found(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    stranger = gateway.enrol("Agaseke")
    for pair in (stranger.live, stranger.test, gateway.shop.test):
        answer = shown(gateway, event_id, pair)
        assert (answer.status, answer.code) == (404, "EVENT_NOT_FOUND")


@pytest.mark.parametrize(
    "event_id",
    [
        "evt_0123456789ABCDEF_2",
        "evt_0123456789ABCDEF_99999999999999",
        "CHK-0123456789ABCDEF",
        "..%2F",
        "\u2615",
    ],
)
def test_an_event_that_never_was_is_not_found(gateway: Gateway, event_id: str) -> None:
    answer = shown(gateway, event_id)
    assert (answer.status, answer.code) == (404, "EVENT_NOT_FOUND")


def test_an_event_older_than_thirty_days_is_not_found_though_it_still_stands(
    gateway: Gateway,
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    gateway.clock.move(30 * 24 * 60 * 60)
    assert shown(gateway, event_id).status == 200
    gateway.clock.move(1)
    assert shown(gateway, event_id).status == 404


def test_an_event_costs_two_calls(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    shown(gateway, event_id)
    gateway.aws_calls.clear()
    shown(gateway, event_id)
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.GetItem"]

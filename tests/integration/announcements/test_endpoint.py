from collections.abc import Iterator

import pytest

from ledger.endpoints import DisabledWhy
from payments.mode import Mode
from payments.references import event_of
from plumbing import wiring
from tests.integration.announcements.asking import (
    ENDPOINT,
    endpoint,
    failed_payment,
    posted,
    sent,
    shown,
)
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import Gateway

URL = "https://shop.example/in"
ENABLE, TEST, ROTATE = (f"{ENDPOINT}/{name}" for name in ("enable", "test", "rotate-secret"))
KEY = {"Idempotency-Key": "one"}


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as listener:
        yield listener


def disable(gateway: Gateway, why: DisabledWhy = DisabledWhy.GONE) -> None:
    merchant = gateway.shop.merchant.merchant_id
    assert wiring.endpoints().disable(
        wiring.endpoints().get(merchant, Mode.LIVE), why, gateway.clock()
    )


def deliver(gateway: Gateway, event_id: str) -> str:
    named = event_of(event_id)
    assert named is not None
    return gateway.deliver(*named)["state"]


# -------------------------------------------------------------------- the address
def test_a_merchant_who_set_nothing_has_no_endpoint(gateway: Gateway) -> None:
    assert endpoint(gateway) == {
        "url": None,
        "mode": "live",
        "status": "none",
        "disabled_at": None,
        "disabled_why": None,
        "failing_since": None,
        "notices": [],
    }


def test_an_address_is_set_for_the_mode_of_the_keys_alone(
    gateway: Gateway, receiver: Receiver
) -> None:
    answer = sent(gateway, "PUT", ENDPOINT, {"url": receiver.url})
    assert answer.status == 200
    assert answer.json["data"] == endpoint(gateway)
    assert endpoint(gateway)["url"] == receiver.url
    assert endpoint(gateway)["status"] == "enabled"
    assert endpoint(gateway, gateway.shop.test)["status"] == "none"
    assert deliver(gateway, failed_payment(gateway, "ORDER-1")) == "delivered"
    rehearsed = failed_payment(gateway, "ORDER-1", gateway.shop.test)
    assert deliver(gateway, rehearsed) == "nobody_listens"


def test_a_new_address_is_called_though_the_old_one_was_disabled(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    disable(gateway)
    assert endpoint(gateway)["status"] == "disabled"
    sent(gateway, "PUT", ENDPOINT, {"url": f"{URL}/new"})
    told = endpoint(gateway)
    assert (told["status"], told["url"], told["disabled_at"], told["notices"]) == (
        *("enabled", f"{URL}/new"),
        *(None, []),
    )


def test_an_endpoint_that_was_disabled_says_so(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    disable(gateway)
    told = endpoint(gateway)
    assert (told["status"], told["disabled_at"], told["disabled_why"]) == (
        *("disabled", "2026-11-21T14:30:00Z"),
        "gone",
    )
    assert [notice["code"] for notice in told["notices"]] == ["WEBHOOK_ENDPOINT_DISABLED"]


def test_an_endpoint_is_enabled_by_a_call(gateway: Gateway, receiver: Receiver) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": receiver.url})
    disable(gateway)
    event_id = failed_payment(gateway, "ORDER-1")
    assert deliver(gateway, event_id) == "endpoint_disabled"
    assert receiver.heard == []
    answer = posted(gateway, ENABLE)
    assert (answer.status, answer.json["data"]["status"]) == (200, "enabled")
    assert deliver(gateway, failed_payment(gateway, "ORDER-2")) == "delivered"


def test_an_endpoint_without_an_address_cannot_be_enabled(gateway: Gateway) -> None:
    answer = posted(gateway, ENABLE)
    assert (answer.status, answer.code) == (409, "NO_WEBHOOK_ENDPOINT")
    assert endpoint(gateway)["status"] == "none"


def test_a_test_key_never_changes_where_live_news_goes(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    disable(gateway)
    before = endpoint(gateway)
    test = gateway.shop.test
    sent(gateway, "PUT", ENDPOINT, {"url": "https://elsewhere.example/"}, test)
    for route in (ENABLE, TEST, ROTATE):
        assert posted(gateway, route, pair=test).status in {200, 202}
    assert endpoint(gateway) == before
    secrets = wiring.secrets().webhook_secrets(gateway.shop.merchant.merchant_id, Mode.LIVE, 0)
    assert secrets is not None
    assert secrets.previous is None


def test_a_stranger_has_an_endpoint_of_their_own(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    stranger = gateway.enrol("Agaseke")
    assert endpoint(gateway, stranger.live)["url"] is None
    sent(gateway, "PUT", ENDPOINT, {"url": "https://stranger.example/"}, stranger.live)
    assert endpoint(gateway)["url"] == URL


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example",
        "http://shop.example/",
        "https://shop.example:8443/",
        "https://shop.example:22/",
        "https://user:pw@shop.example/",
        "http://localhost:8090/",
        "https://shop.example/a b",
        "https://shop.example/" + "x" * 2000,
        5,
        None,
        ["https://shop.example/"],
    ],
)
def test_an_address_that_is_never_called_is_refused(gateway: Gateway, url: object) -> None:
    answer = sent(gateway, "PUT", ENDPOINT, {"url": url})
    assert (answer.status, answer.fields) == (422, {"url"})
    assert endpoint(gateway)["status"] == "none"


def test_a_rehearsal_may_be_heard_on_more_ports(gateway: Gateway) -> None:
    url = "http://shop.example:8443/"
    assert sent(gateway, "PUT", ENDPOINT, {"url": url}, gateway.shop.test).status == 200
    assert endpoint(gateway, gateway.shop.test)["url"] == url


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"url": URL, "mode": "live"}, 422),
        ("[]", 400),
        ("nonsense", 400),
        (None, 400),
        ("x" * 70_000, 413),
    ],
)
def test_an_address_comes_alone_in_an_object(gateway: Gateway, body: object, status: int) -> None:
    assert sent(gateway, "PUT", ENDPOINT, body).status == status
    assert endpoint(gateway)["status"] == "none"


def test_a_repeated_key_with_another_address_is_refused(gateway: Gateway) -> None:
    for _ in range(2):
        assert sent(gateway, "PUT", ENDPOINT, {"url": URL}, headers=KEY).status == 200
    answer = sent(gateway, "PUT", ENDPOINT, {"url": f"{URL}/other"}, headers=KEY)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert endpoint(gateway)["url"] == URL


@pytest.mark.parametrize("route", [ENABLE, TEST])
@pytest.mark.parametrize(
    ("body", "status"), [('{"x": 1}', 422), ("[]", 400), ("{", 400), ("x" * 70_000, 413)]
)
def test_what_says_nothing_must_say_nothing(
    gateway: Gateway, route: str, body: str, status: int
) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    before = gateway.items()
    assert posted(gateway, route, body).status == status
    assert gateway.items() == before


# -------------------------------------------------------------------- a message that means nothing
def test_a_test_event_goes_the_ordinary_way(gateway: Gateway, receiver: Receiver) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": receiver.url})
    answer = posted(gateway, TEST)
    assert answer.status == 202
    event_id = answer.json["data"]["event_id"]
    gateway.pump()
    payment_id, version = event_of(event_id) or ("", 0)
    assert gateway.executions("Deliver") == {
        event_id: {"payment_id": payment_id, "version": version, "round": 0}
    }
    assert deliver(gateway, event_id) == "delivered"
    assert receiver.heard[0].headers["webhook-id"] == event_id
    told = shown(gateway, event_id).json["data"]
    assert (told["type"], told["state"], len(told["deliveries"])) == (
        *("webhook.test", "delivered"),
        1,
    )
    assert told["body"]["event"] == "webhook.test"
    assert told["body"]["data"]["mode"] == "live"
    assert told["body"]["data"]["session_id"] == payment_id


def test_a_test_event_has_every_field_of_a_real_one(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    real = shown(gateway, failed_payment(gateway, "ORDER-1")).json["data"]["body"]
    event_id = posted(gateway, TEST).json["data"]["event_id"]
    rehearsed = shown(gateway, event_id).json["data"]["body"]
    assert rehearsed.keys() == real.keys()
    assert rehearsed["data"].keys() == real["data"].keys()


def test_a_repeated_key_sends_one_test(gateway: Gateway) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    answers = [posted(gateway, TEST, headers=KEY) for _ in range(2)]
    assert answers[0].text == answers[1].text
    gateway.pump()
    assert len(gateway.executions("Deliver")) == 1
    assert posted(gateway, TEST).text != posted(gateway, TEST).text


def test_no_test_is_sent_to_nowhere(gateway: Gateway) -> None:
    answer = posted(gateway, TEST)
    assert (answer.status, answer.code) == (409, "NO_WEBHOOK_ENDPOINT")
    assert gateway.items() == []


# -------------------------------------------------------------------- what it costs
@pytest.mark.parametrize(
    ("method", "route", "body", "calls"),
    [
        ("GET", ENDPOINT, None, ["dynamodb.GetItem"]),
        ("PUT", ENDPOINT, {"url": URL}, ["dynamodb.UpdateItem", "dynamodb.GetItem"]),
        ("POST", ENABLE, None, ["dynamodb.UpdateItem", "dynamodb.GetItem"]),
        ("POST", TEST, None, ["dynamodb.GetItem", "dynamodb.PutItem"]),
        ("POST", ROTATE, None, ["ssm.GetParameter", "ssm.PutParameter", "dynamodb.UpdateItem"]),
    ],
)
def test_each_route_costs_few_calls(
    gateway: Gateway, method: str, route: str, body: object, calls: list[str]
) -> None:
    sent(gateway, "PUT", ENDPOINT, {"url": URL})
    gateway.aws_calls.clear()
    assert sent(gateway, method, route, body).status in {200, 202}
    assert gateway.aws_calls == ["dynamodb.UpdateItem", *calls]

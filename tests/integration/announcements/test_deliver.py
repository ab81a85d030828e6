import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterator

import pytest

from announcements.deliver import NotDelivered
from announcements.schedule import PAUSES
from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets
from plumbing import wiring
from plumbing.parameter_secrets import webhook_secret_name
from tests.integration.announcements.receiver import Heard, Receiver, listening
from tests.integration.gateway import PREFIX, WEBHOOK_SECRET, Gateway, parameters


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A merchant's endpoint on loopback, which the local stack's setting allows."""
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as endpoint:
        yield endpoint


def news(gateway: Gateway, url: str | None, reference: str = "ORDER-1") -> tuple[str, int]:
    """A payment that failed, and the version that its merchant should hear of."""
    session = gateway.opened(tx_ref=reference, webhook_url=url)
    gateway.pay(session, leave="1")
    gateway.pump()
    return session, gateway.payment(session).version


def seconds_until_the_next(gateway: Gateway, told: tuple[str, int]) -> int:
    """Try to deliver what cannot be; the seconds that the machine is told to wait."""
    with pytest.raises(NotDelivered) as failed:
        gateway.deliver(*told)
    assert re.fullmatch(r"[1-9][0-9]*", str(failed.value))
    return int(str(failed.value))


def is_signed(heard: Heard, secret: str = WEBHOOK_SECRET) -> bool:
    """Check both signatures as a merchant would."""
    headers = heard.headers
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + heard.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    standard = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    plain = hmac.new(secret.encode(), heard.body, hashlib.sha256).hexdigest()
    return (headers["webhook-signature"], headers["x-webhook-signature"]) == (
        f"v1,{standard}",
        plain,
    )


def test_delivers_once_with_a_good_signature(gateway: Gateway, receiver: Receiver) -> None:
    told = news(gateway, receiver.url)
    assert gateway.deliver(*told) == {"state": "delivered"}
    (heard,) = receiver.heard
    (event,) = gateway.events_of(told[0])
    assert heard.path == "hooks"
    assert heard.body.decode() == event["body"]
    assert json.loads(heard.body)["event"] == "payment.failed"
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["webhook-id"] == event["event_id"]
    assert heard.headers["webhook-timestamp"] == str(int(gateway.clock().timestamp()))
    assert heard.headers["host"] == receiver.url.split("/")[2]
    assert is_signed(heard)


def test_remembers_the_try(gateway: Gateway, receiver: Receiver) -> None:
    told = news(gateway, receiver.url)
    gateway.deliver(*told)
    (event,) = gateway.events_of(told[0])
    (attempt,) = event["tries"]
    assert event["state"] == "delivered"
    assert attempt.pop("milliseconds") >= 0
    assert attempt == {
        "at": "2026-11-21T14:30:00Z",
        "url": receiver.url,
        "status_code": 200,
        "answer": "ok",
    }


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_answer_of_success_is_delivered(
    gateway: Gateway, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    assert gateway.deliver(*news(gateway, receiver.url)) == {"state": "delivered"}


def test_what_was_delivered_is_not_sent_again(gateway: Gateway, receiver: Receiver) -> None:
    told = news(gateway, receiver.url)
    for _ in range(3):
        assert gateway.deliver(*told) == {"state": "delivered"}
    assert len(receiver.heard) == 1


def test_goes_to_the_merchants_own_address_when_the_payment_names_none(
    gateway: Gateway, receiver: Receiver
) -> None:
    told = news(gateway, None)
    merchant = gateway.shop.merchant.merchant_id
    wiring.endpoints().set_url(merchant, Mode.LIVE, f"{receiver.url}/own")
    assert gateway.deliver(*told) == {"state": "delivered"}
    assert receiver.heard[0].path == "hooks/own"


def test_each_merchant_has_a_secret_of_its_own(gateway: Gateway, receiver: Receiver) -> None:
    other = "whsec_" + base64.b64encode(b"another secret of thirty-two by.").decode()
    gateway.store_webhook_secrets(gateway.shop.merchant, Mode.LIVE, WebhookSecrets(current=other))
    gateway.deliver(*news(gateway, receiver.url))
    assert is_signed(receiver.heard[0], other)
    assert not is_signed(receiver.heard[0])


# -------------------------------------------------------------------- not delivered
@pytest.mark.parametrize("status", [500, 503, 400, 401, 404, 429])
def test_a_refusal_is_tried_again_in_five_seconds_or_so(
    gateway: Gateway, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    told = news(gateway, receiver.url)
    assert 4 <= seconds_until_the_next(gateway, told) <= 6
    (event,) = gateway.events_of(told[0])
    assert (event["state"], event["tries"][0]["status_code"]) == ("pending", status)


def test_a_redirect_is_not_followed(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 307
    receiver.headers = {"Location": f"{receiver.url}/elsewhere"}
    told = news(gateway, receiver.url)
    seconds_until_the_next(gateway, told)
    assert [heard.path for heard in receiver.heard] == ["hooks"]


def test_gone_wants_no_more(gateway: Gateway, receiver: Receiver) -> None:
    receiver.status = 410
    told = news(gateway, receiver.url)
    assert gateway.deliver(*told) == {"state": "gone"}
    assert gateway.deliver(*told) == {"state": "gone"}
    assert len(receiver.heard) == 1


WISHES = (
    ("120", 120, 120),
    ("1", 4, 6),
    ("-5", 4, 6),
    ("99999999", 86_400, 86_400),
    ("9" * 400, 86_400, 86_400),
    ("Sat, 21 Nov 2026 14:32:00 GMT", 120, 120),
    ("Sat, 21 Nov 2020 14:32:00 GMT", 4, 6),
    ("Sat, 21 Nov 2026 14:32:00", 4, 6),
    ("soon", 4, 6),
    ("", 4, 6),
    ("1e9", 4, 6),
    ("nan", 4, 6),
    ("Sat, 21 Nov 99999 14:32:00 GMT", 4, 6),
    ("Sat, 21 Nov 2026 99999999999999999999:32:00 GMT", 4, 6),
    ("Sat, 21 Nov 2026 14:32:00 +99999999999999999999", 4, 6),
)


@pytest.mark.parametrize("status", [429, 503])
def test_a_retry_after_is_honoured_within_a_day(
    gateway: Gateway, receiver: Receiver, status: int
) -> None:
    for number, (wish, least, most) in enumerate(WISHES):
        receiver.status, receiver.headers = status, {"Retry-After": wish}
        told = news(gateway, receiver.url, f"ORDER-{number}")
        assert least <= seconds_until_the_next(gateway, told) <= most, wish
        assert len(gateway.events_of(told[0])[0]["tries"]) == 1


def test_is_tried_for_about_three_days_and_then_given_up(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 500
    told = news(gateway, receiver.url)
    waited = 0
    for pause in PAUSES:
        seconds = seconds_until_the_next(gateway, told)
        assert 0.8 * pause.total_seconds() <= seconds <= 1.2 * pause.total_seconds()
        gateway.clock.move(seconds)
        waited += seconds
    assert gateway.deliver(*told) == {"state": "exhausted"}
    assert gateway.deliver(*told) == {"state": "exhausted"}
    assert len(gateway.events_of(told[0])[0]["tries"]) == len(receiver.heard) == 10
    assert 2.5 < waited / 86_400 < 4


def test_every_try_is_the_same_bytes_under_the_same_id(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 500
    told = news(gateway, receiver.url)
    for _ in range(3):
        gateway.clock.move(seconds_until_the_next(gateway, told))
    assert len({heard.body for heard in receiver.heard}) == 1
    assert len({heard.headers["webhook-id"] for heard in receiver.heard}) == 1
    assert len({heard.headers["webhook-timestamp"] for heard in receiver.heard}) == 3
    assert all(is_signed(heard) for heard in receiver.heard)


def test_delivers_in_the_end_to_an_endpoint_that_comes_back(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 500
    told = news(gateway, receiver.url)
    seconds_until_the_next(gateway, told)
    receiver.status = 200
    assert gateway.deliver(*told) == {"state": "delivered"}
    codes = [attempt["status_code"] for attempt in gateway.events_of(told[0])[0]["tries"]]
    assert codes == [500, 200]


def test_an_endless_answer_is_not_read_to_its_end(gateway: Gateway, receiver: Receiver) -> None:
    receiver.text = "x" * 5_000_000
    assert gateway.deliver(*news(gateway, receiver.url)) == {"state": "delivered"}


def test_an_endpoint_that_is_not_there_is_tried_again(gateway: Gateway, receiver: Receiver) -> None:
    told = news(gateway, "http://127.0.0.1:1/hooks")
    seconds_until_the_next(gateway, told)
    assert receiver.heard == []
    assert gateway.events_of(told[0])[0]["tries"][0]["error"] == "ConnectError"


# -------------------------------------------------------------------- nowhere to go
def test_nobody_listens_where_no_address_is_named(gateway: Gateway) -> None:
    told = news(gateway, None)
    assert gateway.deliver(*told) == {"state": "nobody_listens"}
    (event,) = gateway.events_of(told[0])
    assert (event["state"], event["tries"]) == ("nobody_listens", [])


def test_nothing_is_sent_unsigned(gateway: Gateway, receiver: Receiver) -> None:
    merchant = gateway.shop.merchant.merchant_id
    parameters().delete_parameter(Name=webhook_secret_name(PREFIX, merchant, Mode.LIVE))
    assert gateway.deliver(*news(gateway, receiver.url)) == {"state": "nobody_listens"}
    assert receiver.heard == []


INSIDE = (
    *("https://127.0.0.1/", "https://localhost/", "https://169.254.169.254/latest/meta-data"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://10.0.0.1/"),
    *("https://2130706433/", "https://0x7f.1/", "https://1.1.1.1:8443/"),
)


def test_no_address_inside_is_ever_connected_to(gateway: Gateway) -> None:
    for number, url in enumerate(INSIDE):
        told = news(gateway, url, f"ORDER-{number}")
        seconds_until_the_next(gateway, told)
        (attempt,) = gateway.events_of(told[0])[0]["tries"]
        assert attempt["error"].startswith("address refused"), url


def test_an_event_that_does_not_exist_is_our_mistake_and_loud(gateway: Gateway) -> None:
    session = gateway.opened()
    with pytest.raises(LookupError):
        gateway.deliver(session, 7)

"""The demo shop: buys through the API, believes only verify, judges every webhook."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from werkzeug.datastructures import Headers

from infra.local.shop import Account, create_app
from infra.local.shop_inbox import problems_with

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask.testing import FlaskClient

NOW = 1_795_262_400.0
TX_REF = "ORDER-1795262400000-1"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KEYS = {
    "live": {"public": "pk_live_a", "secret": "sk_live_a"},
    "test": {"public": "pk_test_a", "secret": "sk_test_a"},
}
VPAY_SECRET = "whsec_dnBheSdzIG93biBzZWNyZXQsIGJ1dCBsb25nZXI="
ACCOUNTS = {
    "all": Account(title="all", keys=KEYS, webhook_secret=SECRET),
    "vpay": Account(
        title="V-Pay",
        keys={
            "live": {"public": "pk_live_v", "secret": "sk_live_v"},
            "test": {"public": "pk_test_v", "secret": "sk_test_v"},
        },
        webhook_secret=VPAY_SECRET,
    ),
}
FORM = {
    "product": "coffee",
    "name": "Aline Uwase",
    "email": "aline@example.com",
    "phone": "0788123456",
    "mode": "live",
}
PAGE = "https://pay.example/checkout/CHK-0123456789ABCDEF"
OPENED: dict[str, Any] = {
    "success": True,
    "data": {"session_id": "CHK-0123456789ABCDEF", "payment_url": PAGE},
}
LINK = {
    "link_id": "lnk_0123456789ab",
    "name": "For the weavers",
    "description": "Every franc <b>",
    "url": "https://pay.example/pay/for-the-weavers-6789ab",
    "qr_code": "https://pay.example/api/v1/payment-links/lnk_0123456789ab/qr",
}
PENDING = {"status": "pending", "completed": False, "success": False, "message": "Waiting…"}
PAID = {
    "status": "successful",
    "completed": True,
    "success": True,
    "message": "Payment successful!",
    "amount": 12_000,
}


class FakeApi:
    """The checkout API, answering what it is told to."""

    def __init__(self) -> None:
        self.requests: list[httpx.Request] = []
        self.opened = httpx.Response(201, json=OPENED)
        self.verified: dict[str, Any] = PENDING
        self.down = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.down:
            raise httpx.ConnectError("Connection refused")
        self.requests.append(request)
        if request.url.path.endswith("/payment-links"):
            return httpx.Response(201, json={"success": True, "data": LINK})
        verify = request.url.path.endswith("/verify")
        return httpx.Response(200, json=self.verified) if verify else self.opened


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def shop(api: FakeApi) -> Iterator[FlaskClient]:
    with httpx.Client(transport=httpx.MockTransport(api)) as client:
        yield create_app(
            api_url="https://pay.example/api/v1",
            accounts=ACCOUNTS,
            shop_url="http://localhost:8001/",
            handset_url="http://localhost:8002/",
            client=client,
            clock=lambda: NOW,
        ).test_client()


def message(reference: str = TX_REF) -> bytes:
    told = {"event": "payment.successful", "data": {"reference": reference, "amount": 12_000}}
    return json.dumps(told).encode()


def signed(body: bytes, *, secret: str = SECRET, at: float = NOW) -> dict[str, str]:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"evt_1.{int(at)}.".encode() + body
    signature = base64.b64encode(hmac.digest(key, content, "sha256")).decode()
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(at)),
        "webhook-signature": f"v1,{signature}",
        "X-Webhook-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest(),
    }


def found(pattern: str, text: str) -> str:
    """What a pattern, or its one group, finds."""
    match = re.search(pattern, text)
    assert match, text
    return match[match.re.groups]


def deliver(
    shop: FlaskClient, body: bytes, headers: Mapping[str, str], to: str = "/webhooks"
) -> int:
    return shop.post(to, data=body, headers=dict(headers)).status_code


def received(shop: FlaskClient) -> list[dict[str, Any]]:
    webhooks: list[dict[str, Any]] = shop.get("/orders.json").get_json()["webhooks"]
    return webhooks


def test_offers_three_products_in_francs(shop: FlaskClient) -> None:
    page = shop.get("/").text

    assert [price in page for price in ("12,000 RWF", "25,000 RWF", "2,500 RWF")] == [True] * 3
    assert 'href="http://localhost:8002/"' in page


def test_opens_a_payment_server_side_and_sends_the_browser_to_it(
    shop: FlaskClient, api: FakeApi
) -> None:
    answer = shop.post("/buy", data=FORM)

    assert (answer.status_code, answer.location) == (303, PAGE)
    [request] = api.requests
    assert str(request.url) == "https://pay.example/api/v1/checkout/initialize"
    assert request.headers["X-Public-Key"] == "pk_live_a"
    assert request.headers["X-Secret-Key"] == "sk_live_a"
    assert request.headers["Idempotency-Key"] == TX_REF
    assert json.loads(request.content) == {
        "amount": 12_000,
        "currency": "RWF",
        "tx_ref": TX_REF,
        "customer": {
            "name": "Aline Uwase",
            "email": "aline@example.com",
            "phone": "0788123456",
        },
        "description": "Ikawa coffee, 1 kg",
        "redirect_url": "http://localhost:8001/thanks",
        "webhook_url": "http://localhost:8001/webhooks",
    }


def test_uses_the_keys_of_the_chosen_mode(shop: FlaskClient, api: FakeApi) -> None:
    shop.post("/buy", data={**FORM, "mode": "test"})
    shop.get(f"/thanks?reference={TX_REF}")

    assert [request.headers["X-Secret-Key"] for request in api.requests] == ["sk_test_a"] * 2


def test_a_provider_can_be_chosen_to_pay_through(shop: FlaskClient, api: FakeApi) -> None:
    assert "V-Pay</label>" in shop.get("/").text
    shop.post("/buy", data={**FORM, "through": "vpay"})
    shop.get(f"/thanks?reference={TX_REF}")

    opened, verified = api.requests
    assert opened.headers["X-Secret-Key"] == verified.headers["X-Secret-Key"] == "sk_live_v"
    order = json.loads(opened.content)
    assert order["webhook_url"] == "http://localhost:8001/webhooks/vpay"


def test_a_webhook_is_held_to_the_secret_of_the_merchant_that_it_comes_for(
    shop: FlaskClient,
) -> None:
    theirs = signed(message(), secret=VPAY_SECRET)
    assert deliver(shop, message(), theirs, to="/webhooks/vpay") == 200
    assert deliver(shop, message(), theirs) == 401
    assert deliver(shop, message(), signed(message()), to="/webhooks/vpay") == 401
    assert deliver(shop, message(), theirs, to="/webhooks/nobody") == 404


def test_a_direct_charge_opens_and_asks_in_one_call(shop: FlaskClient, api: FakeApi) -> None:
    answer = shop.post("/charge", data={**FORM, "method": "mobile_money"})

    assert (answer.status_code, answer.location) == (303, f"/thanks?reference={TX_REF}")
    [request] = api.requests
    assert str(request.url) == "https://pay.example/api/v1/checkout/initialize"
    assert request.headers["Idempotency-Key"] == TX_REF
    order = json.loads(request.content)
    assert order["payment_method"] == {"method": "mobile_money"}
    assert (order["tx_ref"], order["customer"]["phone"]) == (TX_REF, "0788123456")
    assert "Waiting for your payment" in shop.get(answer.location).text


def test_a_direct_charge_by_card_goes_on_where_the_api_says(
    shop: FlaskClient, api: FakeApi
) -> None:
    cards = "https://provider.example/cards/1"
    api.opened = httpx.Response(
        201, json={"success": True, "data": {**OPENED["data"], "authorization_url": cards}}
    )

    assert shop.post("/charge", data={**FORM, "method": "card"}).location == cards


def test_charges_only_by_the_methods_that_it_names(shop: FlaskClient, api: FakeApi) -> None:
    assert shop.post("/charge", data={**FORM, "method": "barter"}).status_code == 400
    assert shop.post("/charge", data=FORM).status_code == 400
    assert api.requests == []


def test_keeps_an_order_whose_reply_is_lost(shop: FlaskClient, api: FakeApi) -> None:
    api.down = True
    assert shop.post("/charge", data={**FORM, "method": "mobile_money"}).status_code == 502
    api.down, api.verified = False, PAID

    assert "Thank you, your order is paid" in shop.get(f"/thanks?reference={TX_REF}").text


def test_an_order_that_the_api_refused_is_listed_as_refused(
    shop: FlaskClient, api: FakeApi
) -> None:
    api.opened = httpx.Response(402, json={"success": False, "message": "Declined"})
    shop.post("/charge", data={**FORM, "method": "mobile_money"})

    assert shop.get("/orders.json").get_json()["orders"][0]["status"] == "refused"


def test_makes_its_payment_link_when_it_is_first_asked_for(shop: FlaskClient, api: FakeApi) -> None:
    pages = [shop.get("/link?mode=live").text for _ in range(2)]

    assert pages[0] == re.sub(r"nonce=\"[^\"]+\"", found(r"nonce=\"[^\"]+\"", pages[0]), pages[1])
    [request] = api.requests
    assert str(request.url) == "https://pay.example/api/v1/payment-links"
    assert request.headers["X-Secret-Key"] == "sk_live_a"
    assert request.headers["Idempotency-Key"] == "LINK-live-1795262400000"
    assert json.loads(request.content)["type"] == "multiple"
    assert f'src="{LINK["qr_code"]}"' in pages[0]
    assert f'href="{LINK["url"]}"' in pages[0]
    assert f'href="{LINK["url"]}/poster"' in pages[0]
    assert "Every franc &lt;b&gt;" in pages[0]


def test_has_a_payment_link_for_each_mode(shop: FlaskClient, api: FakeApi) -> None:
    shop.get("/link")
    shop.get("/link?mode=test")

    assert [one.headers["X-Secret-Key"] for one in api.requests] == ["sk_live_a", "sk_test_a"]
    assert shop.get("/link?mode=wild").status_code == 400


def test_leads_to_the_handset_and_the_documentation(shop: FlaskClient) -> None:
    for path in ("/", "/orders", "/link"):
        page = shop.get(path).text
        assert 'href="http://localhost:8002/"' in page
        assert 'href="https://pay.example/docs"' in page
        assert 'href="https://pay.example/api/v1/openapi.json"' in page


def test_its_pages_let_in_their_own_style_and_the_checkouts_pictures(shop: FlaskClient) -> None:
    answer = shop.get("/")

    policy = answer.headers["Content-Security-Policy"]
    nonce = found(r"style-src 'nonce-([\w-]{22})'", policy)
    assert f'<style nonce="{nonce}">' in answer.text
    assert "img-src 'self' data: https://pay.example;" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text


def test_the_list_says_of_each_order_what_its_webhooks_said(shop: FlaskClient) -> None:
    shop.post("/buy", data=FORM)
    deliver(shop, message(), signed(message()))
    deliver(shop, message() + b" ", signed(message()))

    page = shop.get("/orders").text

    assert 'payment.successful (<span class="good">signature good</span>)' in page
    assert 'payment.successful (<span class="bad">signature bad</span>)' in page


@pytest.mark.parametrize("changes", [{"product": "yacht"}, {"mode": "wild"}, {"through": "nobody"}])
def test_sells_only_what_it_has(shop: FlaskClient, api: FakeApi, changes: dict[str, str]) -> None:
    assert shop.post("/buy", data={**FORM, **changes}).status_code == 400
    assert api.requests == []


def test_shows_the_message_and_fields_of_a_refusal(shop: FlaskClient, api: FakeApi) -> None:
    error = {
        "code": "VALIDATION_ERROR",
        "message": "Some fields are wrong.",
        "fields": {"customer.phone": ["is not a Rwandan number", "<b>"]},
    }
    refusal = {"success": False, "message": "Some fields are wrong.", "error": error}
    api.opened = httpx.Response(422, json=refusal)

    answer = shop.post("/buy", data=FORM)

    assert answer.status_code == 502
    assert "Some fields are wrong." in answer.text
    assert "customer.phone: is not a Rwandan number &lt;b&gt;" in answer.text
    assert "VALIDATION_ERROR" in answer.text


@pytest.mark.parametrize(
    "strange",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(201, json={"success": True, "data": {}}),
    ],
)
def test_shows_a_plain_page_when_something_else_answers(
    shop: FlaskClient, api: FakeApi, strange: httpx.Response
) -> None:
    api.opened = strange

    answer = shop.post("/buy", data=FORM)

    assert answer.status_code == 502
    assert "The checkout could not be reached." in answer.text


def test_shows_a_plain_page_when_nobody_answers(shop: FlaskClient, api: FakeApi) -> None:
    api.down = True

    answer = shop.post("/buy", data=FORM)

    assert answer.status_code == 502
    assert "No API answers at https://pay.example/api/v1/checkout/initialize" in answer.text


def test_never_believes_the_browser(shop: FlaskClient) -> None:
    shop.post("/buy", data=FORM)

    page = shop.get(f"/thanks?reference={TX_REF}&status=successful&transaction_id=PAY-1").text

    assert "Waiting for your payment" in page
    assert "(not believed)" in page
    assert '<meta http-equiv="refresh"' in page


def test_believes_verify(shop: FlaskClient, api: FakeApi) -> None:
    shop.post("/buy", data=FORM)
    api.verified = PAID

    page = shop.get(f"/thanks?reference={TX_REF}&status=failed").text

    assert "Thank you, your order is paid" in page
    assert str(api.requests[-1].url) == f"https://pay.example/api/v1/checkout/{TX_REF}/verify"
    [order] = shop.get("/orders.json").get_json()["orders"]
    assert order["status"] == "successful"


def test_does_not_take_another_sum_for_payment(shop: FlaskClient, api: FakeApi) -> None:
    shop.post("/buy", data=FORM)
    api.verified = {**PAID, "amount": 120}

    assert "Your order is not paid" in shop.get(f"/thanks?reference={TX_REF}").text


def test_knows_only_its_own_orders(shop: FlaskClient) -> None:
    assert shop.get("/thanks?reference=ORDER-9").status_code == 404


def test_takes_a_webhook_with_good_signatures(shop: FlaskClient) -> None:
    shop.post("/buy", data=FORM)

    assert deliver(shop, message(), signed(message())) == 200

    [kept] = received(shop)
    assert (kept["id"], kept["event"], kept["signature"]) == ("evt_1", "payment.successful", "good")
    assert kept["body"] == message().decode()
    page = shop.get(f"/thanks?reference={TX_REF}").text
    assert 'signature: <span class="good">good</span>' in page
    assert shop.get("/orders.json").get_json()["orders"][0]["webhooks"] == [kept]
    assert "evt_1" in shop.get("/orders").text


def test_agrees_with_the_official_vector() -> None:
    body = b'{"test": 2432232314}'
    official = {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }

    headers = Headers(signed(body) | official)

    assert problems_with(body, headers, secret=SECRET, now=1_614_265_330.0) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"X-Webhook-Signature": "00"}, "X-Webhook-Signature does not match"),
        ({"webhook-signature": "v1,AAAA"}, "webhook-signature does not match"),
        ({"webhook-id": "evt_2"}, "webhook-signature does not match"),
        ({"webhook-timestamp": "noon"}, "webhook-timestamp is not in Unix seconds"),
    ],
)
def test_refuses_a_webhook_that_was_tampered_with(
    shop: FlaskClient, changes: dict[str, str], problem: str
) -> None:
    assert deliver(shop, message(), signed(message()) | changes) == 401

    [kept] = received(shop)
    assert kept["signature"] == "bad"
    assert kept["problems"] == [problem]


def test_refuses_a_webhook_without_signatures(shop: FlaskClient) -> None:
    assert deliver(shop, b"not JSON", {}) == 401

    [kept] = received(shop)
    assert len(kept["problems"]) == 4
    assert "not JSON" in shop.get("/orders").text


def test_refuses_another_body_and_another_secret(shop: FlaskClient) -> None:
    other = "whsec_" + base64.b64encode(b"another").decode()

    assert deliver(shop, message() + b" ", signed(message())) == 401
    assert deliver(shop, message(), signed(message(), secret=other)) == 401


def test_refuses_an_old_webhook_played_again(shop: FlaskClient) -> None:
    assert deliver(shop, message(), signed(message(), at=NOW - 301)) == 401
    assert deliver(shop, message(), signed(message(), at=NOW - 299)) == 200


def test_takes_any_of_several_signatures(shop: FlaskClient) -> None:
    headers = signed(message())
    headers["webhook-signature"] = f"v1,AAAA {headers['webhook-signature']}"

    assert deliver(shop, message(), headers) == 200


def test_counts_deliveries_of_one_webhook(shop: FlaskClient) -> None:
    for _ in range(3):
        deliver(shop, message(), signed(message()))

    [kept] = received(shop)
    assert kept["deliveries"] == 3


def test_a_forgery_under_a_known_id_is_kept_apart(shop: FlaskClient) -> None:
    deliver(shop, message(), signed(message()))
    deliver(shop, message("ORDER-2"), signed(message()))

    assert [kept["signature"] for kept in received(shop)] == ["good", "bad"]


def test_answers_badly_when_told_to(shop: FlaskClient) -> None:
    shop.post("/_shop/faults", json={"fail_next": 2, "status": 503})

    answers = [deliver(shop, message(), signed(message())) for _ in range(3)]

    assert answers == [503, 503, 200]
    [kept] = received(shop)
    assert kept["answered"] == [503, 503, 200]


@pytest.mark.parametrize("order", [{"fail_next": "two"}, {"status": 99}])
def test_a_fault_that_makes_no_sense_is_refused(
    shop: FlaskClient, order: dict[str, object]
) -> None:
    assert shop.post("/_shop/faults", json=order).status_code == 400

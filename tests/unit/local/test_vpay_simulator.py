"""V-Pay's simulator: the wire of seed 002, its own ledger, tokens, rates, magic numbers, faults."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from infra.local.simulators.postbacks import Reply
from infra.local.simulators.vpay import Credentials, LostReply, Pace, create_app, open_till
from infra.local.simulators.vpay_webhooks import post_over_http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
SECRET = "whs_ishyura"
LIVE = Credentials(api_user="vpay_live_ishyura", api_key="sk_live_1", webhook_secret=SECRET)
SANDBOX = Credentials(
    api_user="vpay_sandbox_ishyura", api_key="sk_sandbox_1", webhook_secret=SECRET
)
REFERENCE = "0123456789ABCDEF01"
ORDER = {
    "amount": 4200,
    "currency": "RWF",
    "payer_name": "John Doe",
    "payer_email": "customer@example.com",
    "payer_phone": "0788123456",
    "external_id": REFERENCE,
    "payee_message": "Order 123",
    "send_receipt": True,
    "payment_method": "mtnrw",
    "callback_url": "https://us.example/webhooks/vpay",
    "metadata": {"tx_ref": "ORDER-1"},
}
CARD = {"payment_method": "card"}
ALL = {"payment_method": "all", "payer_phone": "0738123456"}


@dataclass
class Receiver:
    """Us, as V-Pay sees us."""

    heard: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.heard.append((url, body, headers))
        return Reply(200, '{"status":"ok"}')

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.heard]


class Vpay:
    """A simulator on a clock that stands still until it is moved."""

    def __init__(self, credentials: Credentials = LIVE, pace: Pace | None = None) -> None:
        self.now = NOON
        self.slept: list[float] = []
        self.receiver = Receiver()
        self.till = open_till(
            credentials,
            clock=lambda: self.now,
            send=self.receiver,
            pace=pace or Pace(requests_per_minute=500),
        )
        self.app = create_app(self.till, credentials, sleep=self.slept.append)
        self.http = self.app.test_client()
        self.keys = {"apiUser": credentials.api_user, "apiKey": credentials.api_key}
        self.token = ""

    def auth(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post("/auth/", headers=self.keys).get_json()
        self.token = answer.get("access", "")
        return answer

    @property
    def headers(self) -> dict[str, str]:
        if not self.token:
            self.auth()
        return {**self.keys, "Authorization": f"Bearer {self.token}"}

    def post(self, body: object, headers: Mapping[str, str] | None = None) -> TestResponse:
        known = self.headers if headers is None else headers
        return self.http.post("/pay/", json=body, headers=dict(known))

    def pay(self, **changes: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.post({**ORDER, **changes}).get_json()
        return answer

    def ask(self, **question: str) -> TestResponse:
        return self.http.get("/transaction/status/", query_string=question, headers=self.headers)

    def status(self, reference: str = REFERENCE) -> dict[str, Any]:
        answer: dict[str, Any] = self.ask(external_id=reference).get_json()
        return answer

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order_fault(self, fault: str, charges: int = 1) -> None:
        order = {"fault": fault, "next": charges}
        assert self.http.post("/_simulator/faults", json=order).status_code == 200

    def page_of(self, reply: Mapping[str, Any]) -> str:
        return str(reply["payment_url"]).removeprefix("http://localhost")

    def pay_by_card(self, page: str, **changes: str) -> TestResponse:
        card = {"number": "4111 1111 1111 1111", "expiry": "12/30", "cvv": "123"}
        return self.http.post(page, data={**card, **changes})


@pytest.fixture
def vpay() -> Vpay:
    return Vpay()


@pytest.mark.parametrize(("credentials", "mode"), [(LIVE, "live"), (SANDBOX, "sandbox")])
def test_gives_a_token_as_the_seed_shows(credentials: Credentials, mode: str) -> None:
    answer = Vpay(credentials).auth()
    assert answer.keys() == {"access", "refresh", "mode", "expires_in"}
    assert (answer["mode"], answer["expires_in"]) == (mode, "300.0 seconds")
    assert answer["access"].startswith("eyJ")
    assert answer["access"] != answer["refresh"]


def test_a_token_ends_by_the_clock(vpay: Vpay) -> None:
    vpay.auth()
    vpay.wait(299)
    assert vpay.ask(external_id="X").status_code == 404
    vpay.wait(1)
    answer = vpay.ask(external_id="X")
    assert (answer.status_code, answer.get_json()["error_code"]) == (401, "INVALID_KEY")


def test_an_older_token_stays_good_beside_a_newer_one(vpay: Vpay) -> None:
    older = dict(vpay.headers)
    vpay.auth()
    assert vpay.post(ORDER, older).status_code == 200


def test_an_expired_token_can_be_ordered(vpay: Vpay) -> None:
    vpay.auth()
    vpay.order_fault("token_expired")
    assert [vpay.post(ORDER).status_code for _ in range(2)] == [401, 401]
    vpay.auth()
    assert vpay.post(ORDER).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"apiUser": ""},
        {"apiUser": "vpay_live_other"},
        {"apiKey": "sk_live_2"},
        {"apiKey": "é"},
        {"Authorization": ""},
        {"Authorization": "Bearer eyJ"},
        {"Authorization": "Basic eyJ"},
    ],
)
def test_knows_its_callers(vpay: Vpay, wrong: dict[str, str]) -> None:
    answer = vpay.post(ORDER, {**vpay.headers, **wrong})
    assert (answer.status_code, answer.get_json()["error_code"]) == (401, "INVALID_KEY")
    if "Authorization" not in wrong:
        assert vpay.http.post("/auth/", headers={**vpay.keys, **wrong}).status_code == 401
    assert vpay.till.charges.made == []


def test_the_starter_plan_allows_twenty_requests_a_minute_and_says_so() -> None:
    vpay = Vpay(pace=Pace())
    vpay.auth()
    answers = [vpay.ask(external_id="X") for _ in range(20)]
    assert [answer.status_code for answer in answers] == [404] * 19 + [429]
    assert answers[-1].get_json()["error_code"] == "RATE_LIMITED"
    headers = [answers[0].headers, answers[-1].headers]
    assert [head["X-RateLimit-Limit"] for head in headers] == ["20", "20"]
    assert [head["X-RateLimit-Remaining"] for head in headers] == ["18", "0"]
    assert headers[0]["X-RateLimit-Reset"] == str(int(NOON) + 60)
    vpay.wait(60)
    assert vpay.ask(external_id="X").status_code == 404


def test_a_days_requests_end_too() -> None:
    vpay = Vpay(pace=Pace(requests_per_day=2))
    vpay.auth()
    assert [vpay.ask(external_id="X").status_code for _ in range(2)] == [404, 429]


def test_answers_a_charge_as_the_seed_shows(vpay: Vpay) -> None:
    answer = vpay.pay(**CARD)
    assert answer == {
        "status": "PENNDING",
        "message": "Payment link created. Redirect the customer to payment_url.",
        "transaction_id": answer["transaction_id"],
        "merchant": "VONSUNG",
        "payment_url": f"http://localhost/checkout/{vpay.till.charges.made[0].page}",
    }
    assert answer["transaction_id"] == "VP86583387"


def test_waits_for_the_handset(vpay: Vpay) -> None:
    assert "payment_url" not in vpay.pay()
    vpay.wait(179)
    assert vpay.status()["status"] == "pending"
    [prompt] = vpay.till.prompts()
    assert (prompt.amount, prompt.msisdn, prompt.asker) == (4200, "250788123456", "V-Pay")
    assert vpay.receiver.heard == []


def test_an_approved_prompt_is_paid_told_signed_and_written_down(vpay: Vpay) -> None:
    tid = vpay.pay()["transaction_id"]
    vpay.now += 16
    assert vpay.till.approve(tid)
    vpay.till.tick()
    paid = {
        "status": "successful",
        "message": "Transaction completed successfully.",
        "amount": "4200.00",
        "currency": "RWF",
        "transaction_date": "2026-11-21 02:00:16 PM",
        "timezone": "Africa/Kigali",
        "transaction_date_gmt": "2026-11-21 12:00:16 PM",
        "time_taken": "16 sec",
        "payer_name": "John Doe",
        "payer_phone": "250788123456",
        "mode": "live",
        "transaction_id": tid,
        "merchant": "VONSUNG",
        "external_id": REFERENCE,
    }
    assert vpay.status() == paid
    [(url, body, headers)] = vpay.receiver.heard
    assert url == "https://us.example/webhooks/vpay"
    assert json.loads(body) == paid | {"metadata": {"tx_ref": "ORDER-1"}}
    due = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-VPay-Signature"] == due
    assert vpay.till.postbacks[0].acknowledged
    assert len(vpay.till.charges.paid(REFERENCE)) == 1


def test_a_charge_without_an_address_tells_nobody(vpay: Vpay) -> None:
    vpay.till.approve(vpay.pay(callback_url=None)["transaction_id"])
    vpay.till.tick()
    assert vpay.receiver.heard == []


def test_a_receiver_that_says_no_or_nothing_has_not_acknowledged(vpay: Vpay) -> None:
    vpay.till.send = lambda _url, _body, _headers: Reply(401, "")
    vpay.till.approve(vpay.pay()["transaction_id"])
    vpay.till.tick()
    vpay.till.send = post_over_http
    tid = vpay.pay(external_id="B", callback_url="http://us.example:port")["transaction_id"]
    vpay.till.approve(tid)
    vpay.till.tick()
    assert [webhook.acknowledged for webhook in vpay.till.postbacks] == [False, False]
    reply = vpay.till.postbacks[1].reply
    assert reply is not None
    assert (reply.status, reply.text.partition(":")[0]) == (None, "InvalidURL")


def test_ticks_by_itself_when_served(vpay: Vpay) -> None:
    told = threading.Event()

    def send(_url: str, _body: bytes, _headers: Mapping[str, str]) -> Reply:
        told.set()
        return Reply(200, "")

    vpay.till.send = send
    stop = vpay.till.tick_in_background(every=0.001)
    vpay.till.approve(vpay.pay()["transaction_id"])
    assert told.wait(timeout=10)
    stop()


def test_charges_a_reference_once_and_counts_who_asked_again(vpay: Vpay) -> None:
    vpay.pay()
    answer = vpay.post(ORDER)
    assert (answer.status_code, answer.get_json()["error_code"]) == (409, "DUPLICATE_REFERENCE")
    assert len(vpay.till.charges.made) == 1
    assert vpay.till.charges.asked[REFERENCE] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": 99}, "INVALID_AMOUNT"),
        ({"amount": "4200"}, "INVALID_AMOUNT"),
        ({"amount": 4200.5}, "INVALID_AMOUNT"),
        ({"amount": True}, "INVALID_AMOUNT"),
        ({"currency": "USD"}, "INVALID_AMOUNT"),
        ({"payer_phone": "250788123456"}, "INVALID_PHONE"),
        ({"payer_phone": "0738123456"}, "INVALID_PHONE"),
        ({"payer_phone": "0778123456", **CARD}, "INVALID_PHONE"),
        ({"payer_phone": "0788000011"}, "INVALID_PHONE"),
        ({"payment_method": "momo"}, "INVALID_METHOD"),
        ({"payee_message": "x" * 81}, "MISSING_PARAMETER"),
        ({"external_id": ""}, "MISSING_PARAMETER"),
        ({"metadata": ["x"]}, "MISSING_PARAMETER"),
    ],
)
def test_refuses_with_the_documented_code_and_charges_nobody(
    vpay: Vpay, changes: dict[str, object], code: str
) -> None:
    answer = vpay.post({**ORDER, **changes})
    assert (answer.status_code, answer.get_json()["error_code"]) == (400, code)
    assert answer.get_json()["status"] == "error"
    assert vpay.till.charges.made == []


@pytest.mark.parametrize(
    "name", sorted(ORDER.keys() - {"amount", "send_receipt", "callback_url", "metadata"})
)
def test_misses_every_required_parameter(vpay: Vpay, name: str) -> None:
    answer = vpay.post({key: ORDER[key] for key in ORDER if key != name})
    assert answer.get_json()["error_code"] == "MISSING_PARAMETER"


def test_a_body_that_is_no_object_lacks_every_parameter(vpay: Vpay) -> None:
    assert vpay.post(["pay"]).get_json()["error_code"] == "MISSING_PARAMETER"


def test_takes_the_least_amount_itself(vpay: Vpay) -> None:
    assert vpay.pay(amount=100)["status"] == "PENNDING"


def test_finds_by_either_reference_and_not_what_was_never_charged(vpay: Vpay) -> None:
    tid = vpay.pay()["transaction_id"]
    assert vpay.ask(transaction_id=tid).get_json()["external_id"] == REFERENCE
    assert vpay.ask(external_id=REFERENCE).get_json()["transaction_id"] == tid
    answer = vpay.ask(transaction_id="VP0")
    assert (answer.status_code, answer.get_json()["error_code"]) == (404, "TRANSACTION_NOT_FOUND")
    assert vpay.ask().get_json()["error_code"] == "MISSING_PARAMETER"


@pytest.mark.parametrize("phone", ["0780000000", "0790000000"])
def test_a_sandbox_number_is_paid_in_the_reply_itself(phone: str) -> None:
    vpay = Vpay(SANDBOX)
    answer = vpay.pay(payer_phone=phone)
    assert (answer["status_code"], answer["status"]) == (200, "SUCCESSFUL")
    assert (answer["amount"], answer["external_id"]) == ("4200.00", REFERENCE)
    assert answer["mode"] == "sandbox"
    assert len(vpay.till.charges.paid()) == 1


@pytest.mark.parametrize(
    ("phone", "code"), [("0788000012", "INSUFFICIENT_FUNDS"), ("0788000013", "PAYMENT_TIMEOUT")]
)
def test_a_decline_in_the_reply_itself_comes_with_200(vpay: Vpay, phone: str, code: str) -> None:
    answer = vpay.post({**ORDER, "payer_phone": phone})
    assert (answer.status_code, answer.get_json()["error_code"]) == (200, code)
    assert vpay.status()["status"] == "failed"


@pytest.mark.parametrize(
    ("ending", "status", "told"),
    [
        ("0001", "successful", ["successful"]),
        ("0002", "successful", []),
        ("0003", "failed", ["failed"]),
        ("0004", "failed", ["failed"]),
        ("0005", "pending", []),
        ("0009", "successful", ["successful", "successful"]),
        ("0010", "successful", []),
    ],
)
@pytest.mark.parametrize(
    "wallet",
    [{"payer_phone": "078800"}, {"payer_phone": "073800", "payment_method": "all"}],
    ids=["MTN", "Airtel"],
)
def test_a_magic_number_ends_without_a_hand(
    vpay: Vpay, wallet: dict[str, str], ending: str, status: str, told: list[str]
) -> None:
    vpay.pay(**wallet | {"payer_phone": wallet["payer_phone"] + ending})
    assert vpay.status()["status"] == "pending"
    assert vpay.till.prompts() == []
    vpay.wait(2)
    assert vpay.status()["status"] == status
    assert [body["status"] for body in vpay.receiver.told] == told


def test_no_funds_says_so(vpay: Vpay) -> None:
    vpay.pay(payer_phone="0788000004")
    vpay.wait(2)
    assert vpay.status()["error_code"] == "INSUFFICIENT_FUNDS"


def test_a_prompt_that_nobody_answers_times_out_once(vpay: Vpay) -> None:
    tid = vpay.pay()["transaction_id"]
    vpay.till.ignore(tid)
    assert vpay.till.prompts() == []
    vpay.wait(180)
    vpay.wait(180)
    assert vpay.till.charges.made[0].error_code == "PAYMENT_TIMEOUT"
    assert [body["status"] for body in vpay.receiver.told] == ["failed"]
    assert not vpay.till.approve(tid)


@pytest.mark.parametrize("phone", ["0788123456", "0788000001", "0780000000"])
def test_a_special_character_in_the_message_makes_mtn_fail_in_silence(
    vpay: Vpay, phone: str
) -> None:
    assert vpay.pay(payee_message="Thanks :)", payer_phone=phone)["status"] == "PENNDING"
    assert vpay.till.prompts() == []
    vpay.wait(10)
    assert vpay.status()["status"] == "pending"


@pytest.mark.parametrize(
    "wallet",
    [{"payer_phone": "0788000005"}, {"payer_phone": "0738000005", "payment_method": "all"}],
    ids=["MTN", "Airtel"],
)
def test_the_number_that_never_answers_times_out(vpay: Vpay, wallet: dict[str, str]) -> None:
    vpay.pay(**wallet)
    vpay.wait(180)
    assert vpay.status()["error_code"] == "PAYMENT_TIMEOUT"


def test_a_late_webhook_comes_late(vpay: Vpay) -> None:
    vpay.pay(payer_phone="0788000010")
    vpay.wait(2)
    assert vpay.receiver.heard == []
    vpay.wait(40)
    assert len(vpay.receiver.heard) == 1


def test_a_lost_reply_is_a_dropped_connection_after_the_charge(vpay: Vpay) -> None:
    transport = httpx.WSGITransport(app=vpay.app)
    with (
        httpx.Client(transport=transport, base_url="http://vpay.test") as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.post("/pay/", json={**ORDER, "payer_phone": "0788000006"}, headers=vpay.headers)
    vpay.wait(2)
    assert vpay.status()["status"] == "successful"
    assert len(vpay.till.charges.paid()) == 1


def test_a_lost_reply_hangs_up_when_served(vpay: Vpay) -> None:
    servers_end, callers_end = socket.socketpair()
    callers_end.settimeout(0)
    order = {**ORDER, "payer_phone": "0788000006"}
    served = {"werkzeug.socket": servers_end}
    with servers_end, callers_end:
        with pytest.raises(LostReply):
            vpay.http.post("/pay/", json=order, headers=vpay.headers, environ_base=served)
        assert callers_end.recv(1) == b""


def test_a_slow_reply_takes_its_time_after_the_charge(vpay: Vpay) -> None:
    assert vpay.pay(payer_phone="0788000007")["status"] == "PENNDING"
    assert vpay.slept == [20]


def test_a_502_comes_after_the_charge(vpay: Vpay) -> None:
    answer = vpay.post({**ORDER, "payer_phone": "0788000008"})
    assert (answer.status_code, answer.get_json()["error_code"]) == (502, "NETWORK_ERROR")
    assert vpay.status()["status"] == "pending"


def test_an_ordered_fault_falls_on_the_next_charges_only(vpay: Vpay) -> None:
    vpay.order_fault("refused", 2)
    said = [vpay.pay(external_id=reference)["status"] for reference in ("A", "B", "C")]
    assert said == ["error", "error", "PENNDING"]


def test_a_wrong_amount_is_stated_everywhere(vpay: Vpay) -> None:
    vpay.order_fault("wrong_amount")
    vpay.till.approve(vpay.pay()["transaction_id"])
    vpay.till.tick()
    assert vpay.status()["amount"] == "4201.00"
    assert vpay.receiver.told[0]["amount"] == "4201.00"
    assert vpay.till.charges.made[0].amount == 4200


def test_a_wrong_reference_is_stated_in_status_and_webhook(vpay: Vpay) -> None:
    vpay.order_fault("wrong_reference")
    vpay.till.approve(vpay.pay()["transaction_id"])
    vpay.till.tick()
    assert vpay.status()["external_id"] == "SOMEBODYELSES00001"
    assert vpay.receiver.told[0]["external_id"] == "SOMEBODYELSES00001"


def test_a_bad_signature_is_hex_and_not_ours(vpay: Vpay) -> None:
    vpay.order_fault("bad_signature")
    vpay.till.approve(vpay.pay()["transaction_id"])
    vpay.till.tick()
    [(_, body, headers)] = vpay.receiver.heard
    due = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert len(headers["X-VPay-Signature"]) == 64
    assert headers["X-VPay-Signature"] != due


def test_out_of_order_tells_what_was_before_after_what_is(vpay: Vpay) -> None:
    vpay.order_fault("out_of_order")
    vpay.till.approve(vpay.pay()["transaction_id"])
    vpay.till.tick()
    vpay.wait(1)
    assert [body["status"] for body in vpay.receiver.told] == ["successful", "pending"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"fault": "mischief"}),
        ("faults", {"fault": "late", "next": "two"}),
        ("settings", {"prompt_minutes": 1}),
        ("settings", {"prompt_seconds": "soon"}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    vpay: Vpay, path: str, body: dict[str, object]
) -> None:
    assert vpay.http.post(f"/_simulator/{path}", json=body).status_code == 400


def test_the_control_api_answers_prompts_and_shows_the_ledger(vpay: Vpay) -> None:
    vpay.pay()
    [prompt] = vpay.http.get("/_simulator/prompts").get_json()["prompts"]
    approve = f"/_simulator/prompts/{prompt['tid']}/approve"
    assert vpay.http.post(approve).get_json() == {"changed": True}
    assert vpay.http.post(approve).status_code == 409
    vpay.till.tick()
    shown = vpay.http.get(f"/_simulator/charges?refid={REFERENCE}").get_json()
    [charge] = shown["charges"]
    assert (charge["outcome"], charge["amount"]) == ("paid", 4200)
    assert [webhook["acknowledged"] for webhook in charge["postbacks"]] == [True]
    assert (shown["asked"], shown["tokens_given"]) == ({REFERENCE: 1}, 1)
    assert vpay.http.get("/_simulator/charges?refid=X").get_json()["charges"] == []


def test_settings_are_taken_back_by_a_reset_and_tokens_with_them(vpay: Vpay) -> None:
    vpay.http.post("/_simulator/settings", json={"prompt_seconds": 5, "token_seconds": 60})
    vpay.pay()
    vpay.wait(5)
    assert vpay.status()["status"] == "failed"
    assert vpay.auth()["expires_in"] == "60.0 seconds"
    vpay.http.post("/_simulator/reset")
    assert vpay.ask(external_id=REFERENCE).status_code == 401
    vpay.auth()
    assert vpay.ask(external_id=REFERENCE).status_code == 404
    assert vpay.till.pace.prompt_seconds == 180


def test_a_failed_charge_can_turn_out_paid(vpay: Vpay) -> None:
    tid = vpay.pay()["transaction_id"]
    assert vpay.http.post(f"/_simulator/charges/{tid}/pay_late").status_code == 409
    vpay.till.decline(tid)
    vpay.http.post(f"/_simulator/charges/{tid}/pay_late")
    vpay.till.tick()
    assert [body["status"] for body in vpay.receiver.told] == ["failed", "successful"]


def test_a_card_waits_for_its_page_and_not_for_the_handset(vpay: Vpay) -> None:
    page = vpay.page_of(vpay.pay(payer_phone="0788000001", **CARD))
    vpay.wait(120)
    text = vpay.http.get(page).text
    assert "Pay 4,200 RWF" in text
    assert "Order 123" in text
    assert "Pay from the wallet" not in text
    assert vpay.till.prompts() == []


def test_a_test_card_pays_and_the_page_says_so(vpay: Vpay) -> None:
    page = vpay.page_of(vpay.pay(**CARD))
    answer = vpay.pay_by_card(page)
    assert (answer.status_code, answer.location) == (303, page)
    assert "This payment is paid" in vpay.http.get(page).text
    assert vpay.status()["payer_phone"] == "411111******1111"


def test_any_other_card_is_declined(vpay: Vpay) -> None:
    vpay.pay_by_card(vpay.page_of(vpay.pay(**CARD)), number="4242 4242 4242 4242")
    assert (vpay.status()["status"], vpay.status()["message"]) == ("failed", "Card declined.")


def test_a_card_has_no_wallet_to_choose(vpay: Vpay) -> None:
    page = vpay.page_of(vpay.pay(**CARD))
    vpay.http.post(page, data={"with": "wallet"})
    assert vpay.till.prompts() == []


def test_on_the_page_of_all_the_wallet_is_prompted_by_choice(vpay: Vpay) -> None:
    page = vpay.page_of(vpay.pay(**ALL))
    assert "Pay from the wallet 0738123456" in vpay.http.get(page).text
    assert vpay.till.prompts() == []
    vpay.http.post(page, data={"with": "wallet"})
    [prompt] = vpay.till.prompts()
    assert prompt.msisdn == "250738123456"
    assert "Confirm the payment on your phone" in vpay.http.get(page).text
    vpay.wait(180)
    assert vpay.till.charges.made[0].error_code == "PAYMENT_TIMEOUT"


def test_on_the_page_of_all_a_card_pays_too(vpay: Vpay) -> None:
    vpay.pay_by_card(vpay.page_of(vpay.pay(**ALL)))
    assert vpay.status()["status"] == "successful"


def test_a_prompt_on_the_phone_has_no_page(vpay: Vpay) -> None:
    vpay.pay()
    page = f"/checkout/{vpay.till.charges.made[0].page}"
    assert vpay.http.get(page).status_code == 404
    assert vpay.pay_by_card(page).status_code == 404

"""RwandaPay's simulator: the wire of seed 000, its own ledger, magic numbers, faults."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from infra.local.simulators.postbacks import Reply
from infra.local.simulators.rwandapay import Credentials, Habits, create_app, open_till
from infra.local.simulators.rwandapay_webhooks import FORMS, HEADERS, SHAPES, send_over_http, sign

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
CREDENTIALS = Credentials(public_key="pk_live_1", secret_key="sk_live_1", webhook_secret="whs")
TEST_CREDENTIALS = Credentials(public_key="pk_test_1", secret_key="sk_1", webhook_secret="whs")
REF = "0123456789ABCDEF01"
HOOK = "https://us.example/webhooks/rwandapay/1/2"
ORDER: dict[str, Any] = {
    "amount": 5000,
    "tx_ref": REF,
    "currency": "RWF",
    "customer": {"name": "John Doe", "email": "john@example.com", "phone": "0788123456"},
    "redirect_url": "https://us.example/thanks?shop=1",
    "webhook_url": HOOK,
    "description": "Order #12345",
}
WALLET = {
    "phone": "0788123456",
    "network": "MTN",
    "customer_name": "John Doe",
    "email": "john@example.com",
}
ONCE = {"Idempotency-Key": REF}


@dataclass
class Receiver:
    """Us, as RwandaPay sees us."""

    answer: Reply = field(default_factory=lambda: Reply(200, '{"status": "ok"}'))
    heard: list[tuple[str, str, bytes, dict[str, str]]] = field(default_factory=list)

    def __call__(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.heard.append((method, url, body, dict(headers)))
        return self.answer

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for method, _, body, _ in self.heard if method == "POST"]


class Rwandapay:
    """A simulator on a clock that stands still until it is moved."""

    def __init__(self, credentials: Credentials = CREDENTIALS) -> None:
        self.now = NOON
        self.slept: list[float] = []
        self.receiver = Receiver()
        self.till = open_till(clock=lambda: self.now, send=self.receiver)
        self.app = create_app(self.till, credentials, sleep=self.slept.append)
        self.http = self.app.test_client()
        self.keys = {
            "X-Public-Key": credentials.public_key,
            "X-Secret-Key": credentials.secret_key,
        }

    def initialize(self, **changes: object) -> TestResponse:
        body = {**ORDER, **changes}
        headers = {**self.keys, **ONCE}
        return self.http.post("/api/v1/checkout/initialize", json=body, headers=headers)

    def open(self, **changes: object) -> str:
        session: str = self.initialize(**changes).get_json()["data"]["session_id"]
        return session

    def process(self, tid: str, under: str = "/api/v1", **changes: object) -> TestResponse:
        body = {**WALLET, **changes}
        return self.http.post(f"{under}/checkout/{tid}/process", json=body, headers=ONCE)

    def pay(self, phone: str = "0788123456", ref: str = REF) -> str:
        tid = self.open(tx_ref=ref)
        self.process(tid, phone=phone)
        return tid

    def verify(self, ref: str = REF) -> TestResponse:
        return self.http.get(f"/api/v1/checkout/{ref}/verify", headers=self.keys)

    def status(self, ref: str = REF) -> dict[str, Any]:
        told: dict[str, Any] = self.verify(ref).get_json()
        return told

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def post(self, path: str, body: object) -> TestResponse:
        return self.http.post(f"/_simulator/{path}", json=body)


@pytest.fixture
def rwandapay() -> Rwandapay:
    return Rwandapay()


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["error"]["code"]


def test_opens_a_session_as_the_seed_shows_and_charges_nobody(rwandapay: Rwandapay) -> None:
    answer = rwandapay.initialize()
    told = answer.get_json()
    tid = told["data"]["session_id"]
    assert answer.status_code == 201
    assert told == {
        "success": True,
        "message": "Checkout session created successfully",
        "data": {
            "reference": REF,
            "session_id": tid,
            "payment_url": f"http://localhost/checkout/{tid}",
            "status": "pending",
            "amount": 5000,
            "currency": "RWF",
            "mode": "live",
            "expires_at": "2026-11-21T13:00:00Z",
        },
    }
    assert tid.startswith("CHK-")
    assert len(tid) == len("CHK-V0CFMJGNI8ZWIJBR")
    assert rwandapay.till.charges == []


@pytest.mark.parametrize("under", ["/api/v1", ""])
def test_prompts_without_keys_under_the_base_and_at_the_root(
    rwandapay: Rwandapay, under: str
) -> None:
    tid = rwandapay.open()
    assert rwandapay.process(tid, under).status_code == 200
    [prompt] = rwandapay.till.prompts()
    assert (prompt.amount, prompt.msisdn, prompt.about) == (5000, "0788123456", "Order #12345")


def test_a_prompt_waits_for_the_handset(rwandapay: Rwandapay) -> None:
    rwandapay.pay()
    rwandapay.wait(15)
    assert rwandapay.status() == {
        "status": "pending",
        "completed": False,
        "success": False,
        "message": "Waiting for payment confirmation...",
        "elapsed_seconds": 15,
        "mode": "live",
    }
    assert rwandapay.receiver.heard == []


def test_an_approved_prompt_is_paid_told_and_written_down(rwandapay: Rwandapay) -> None:
    tid = rwandapay.pay()
    assert rwandapay.till.approve(tid)
    rwandapay.till.tick()
    [charge] = rwandapay.till.paid(REF)
    number = charge.transaction_id
    assert number.startswith("PAY-LIVE-")
    assert number.endswith("-20261121120000")
    assert rwandapay.status() == {
        "status": "successful",
        "completed": True,
        "success": True,
        "message": "Payment successful!",
        "redirect_url": "https://us.example/thanks?shop=1&reference=0123456789ABCDEF01"
        f"&status=successful&transaction_id={number}",
        "amount": 5000,
        "mode": "live",
    }
    assert rwandapay.receiver.told == [
        {
            "event": "payment.successful",
            "data": {
                "reference": REF,
                "amount": 5000,
                "currency": "RWF",
                "status": "successful",
                "customer": {
                    "name": "John Doe",
                    "email": "john@example.com",
                    "phone": "0788123456",
                },
                "paid_at": "2026-11-21T12:00:00Z",
                "transaction_id": number,
                "paypack_reference": charge.paypack_reference,
                "mode": "live",
            },
            "timestamp": "2026-11-21T12:00:00Z",
        }
    ]
    assert rwandapay.till.webhooks[0].acknowledged


@pytest.mark.parametrize("answer", [Reply(200, "OK"), Reply(500, '{"status": "ok"}')])
def test_any_answer_but_the_samples_is_no_acknowledgement(
    rwandapay: Rwandapay, answer: Reply
) -> None:
    rwandapay.receiver.answer = answer
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    assert not rwandapay.till.webhooks[0].acknowledged


def test_a_receiver_that_cannot_be_reached_is_a_reply_without_a_status() -> None:
    reply = send_over_http("POST", "http://us.example:port", b"{}", {})
    assert (reply.status, reply.text.partition(":")[0]) == (None, "InvalidURL")


def test_a_declined_prompt_fails_as_the_seed_shows(rwandapay: Rwandapay) -> None:
    assert rwandapay.till.decline(rwandapay.pay())
    assert rwandapay.status() == {
        "status": "failed",
        "completed": True,
        "success": False,
        "message": "Payment failed",
        "redirect_url": "https://us.example/thanks?shop=1&reference=0123456789ABCDEF01"
        "&status=failed",
    }


def test_a_prompt_that_nobody_answers_expires_once(rwandapay: Rwandapay) -> None:
    tid = rwandapay.pay()
    assert rwandapay.till.ignore(tid)
    assert rwandapay.till.prompts() == []
    rwandapay.wait(60)
    rwandapay.wait(60)
    assert rwandapay.status()["status"] == "expired"
    assert [told["event"] for told in rwandapay.receiver.told] == ["payment.expired"]
    assert not rwandapay.till.approve(tid)
    assert not rwandapay.till.ignore(tid)


def test_a_session_prompts_once_and_counts_who_asked_again(rwandapay: Rwandapay) -> None:
    tid = rwandapay.pay()
    assert code_of(rwandapay.process(tid)) == (409, "DUPLICATE_REFERENCE")
    assert len(rwandapay.till.charges) == 1
    assert rwandapay.till.asked == {REF: 2}


def test_a_reference_opens_once(rwandapay: Rwandapay) -> None:
    rwandapay.open()
    assert code_of(rwandapay.initialize()) == (409, "DUPLICATE_REFERENCE")
    assert rwandapay.till.opened == {REF: 2}


@pytest.mark.parametrize(
    "changes",
    [
        *({"amount": 99}, {"amount": 1_000_001}, {"amount": 100.5}, {"amount": "5000"}),
        *({"amount": True}, {"amount": None}, {"amount": 0, "currency": "USD"}),
        *({"currency": "KES"}, {"tx_ref": ""}, {"tx_ref": "x" * 51}, {"tx_ref": 5}),
        *({"description": "x" * 501}, {"customer": None}),
        {"customer": {**ORDER["customer"], "name": ""}},
        {"customer": {**ORDER["customer"], "email": None}},
        {"customer": {**ORDER["customer"], "phone": "+250788123456"}},
        {"customer": {**ORDER["customer"], "phone": "0771234567"}},
    ],
)
def test_refuses_what_is_missing_or_invalid(
    rwandapay: Rwandapay, changes: dict[str, object]
) -> None:
    assert code_of(rwandapay.initialize(**changes)) == (422, "VALIDATION_ERROR")
    assert rwandapay.till.sessions == []


@pytest.mark.parametrize(
    ("changes", "amount"),
    [
        ({"amount": 100}, Decimal(100)),
        ({"amount": 1_000_000}, Decimal(1_000_000)),
        ({"amount": 5000.0}, Decimal(5000)),
        ({"amount": 12.5, "currency": "USD"}, Decimal("12.5")),
        ({"amount": 10, "currency": "EUR"}, Decimal(10)),
    ],
)
def test_takes_the_limits_themselves_and_three_currencies(
    rwandapay: Rwandapay, changes: dict[str, object], amount: Decimal
) -> None:
    rwandapay.open(**changes)
    assert rwandapay.till.sessions[0].amount == amount


@pytest.mark.parametrize(
    "changes",
    [{"phone": "250788123456"}, {"network": "mtn"}, {"customer_name": None}, {"email": ""}],
)
def test_refuses_to_prompt_what_is_no_wallet(rwandapay: Rwandapay, changes: dict[str, Any]) -> None:
    tid = rwandapay.open()
    assert code_of(rwandapay.process(tid, **changes)) == (422, "VALIDATION_ERROR")
    assert rwandapay.till.charges == []


@pytest.mark.parametrize("name", ["X-Public-Key", "X-Secret-Key"])
@pytest.mark.parametrize("given", ["", "wrong", "é"])
def test_knows_its_callers(rwandapay: Rwandapay, name: str, given: str) -> None:
    rwandapay.keys[name] = given
    assert code_of(rwandapay.initialize()) == (401, "AUTH_FAILED")
    assert code_of(rwandapay.verify()) == (401, "AUTH_FAILED")


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "x" * 33}])
def test_demands_a_short_idempotency_key_on_every_post(
    rwandapay: Rwandapay, key: dict[str, str]
) -> None:
    tid = rwandapay.open()
    for path, body in (("initialize", ORDER), (f"{tid}/process", WALLET)):
        headers = {**rwandapay.keys, **key}
        answer = rwandapay.http.post(f"/api/v1/checkout/{path}", json=body, headers=headers)
        assert code_of(answer) == (400, "IDEMPOTENCY_KEY_REQUIRED")


def test_a_body_that_is_no_object_lacks_every_field(rwandapay: Rwandapay) -> None:
    for body in (b"[]", b"{", b""):
        headers = {**rwandapay.keys, **ONCE}
        answer = rwandapay.http.post("/api/v1/checkout/initialize", data=body, headers=headers)
        assert code_of(answer) == (422, "VALIDATION_ERROR")


def test_errors_can_come_with_a_message_alone(rwandapay: Rwandapay) -> None:
    rwandapay.post("settings", {"error_shape": "message"})
    assert rwandapay.initialize(amount=99).get_json() == {
        "message": "Missing or invalid required fields: amount"
    }


def test_an_unknown_reference_is_pending_and_not_found(rwandapay: Rwandapay) -> None:
    answer = rwandapay.verify("NOBODYS")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "pending", "message": "Transaction not found"}


def test_a_session_expires_unless_somebody_was_prompted_in_it(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open()
    rwandapay.till.approve(rwandapay.pay(ref="B"))
    rwandapay.wait(3600)
    assert code_of(rwandapay.verify()) == (404, "SESSION_NOT_FOUND")
    assert code_of(rwandapay.process(tid)) == (404, "SESSION_NOT_FOUND")
    assert code_of(rwandapay.process("CHK-0")) == (404, "SESSION_NOT_FOUND")
    assert rwandapay.status("B")["status"] == "successful"


@pytest.mark.parametrize("prefix", ["0788", "0738"])
@pytest.mark.parametrize(
    ("ending", "status", "told"),
    [
        ("0001", "successful", ["successful"]),
        ("0002", "successful", []),
        ("0003", "failed", ["failed"]),
        ("0005", "pending", []),
        ("0009", "successful", ["successful", "successful"]),
        ("0010", "successful", []),
    ],
)
def test_a_magic_number_of_either_network_ends_without_a_hand(
    rwandapay: Rwandapay, prefix: str, ending: str, status: str, told: list[str]
) -> None:
    rwandapay.pay(f"{prefix}00{ending}")
    assert rwandapay.status()["status"] == "pending"
    assert rwandapay.till.prompts() == []
    rwandapay.wait(2)
    assert rwandapay.status()["status"] == status
    assert [hook["data"]["status"] for hook in rwandapay.receiver.told] == told


def test_an_ordinary_number_with_the_same_ending_waits_for_the_handset(
    rwandapay: Rwandapay,
) -> None:
    rwandapay.pay("0788120001")
    rwandapay.wait(2)
    assert rwandapay.status()["status"] == "pending"
    assert len(rwandapay.till.prompts()) == 1


def test_a_wallet_without_funds_is_refused_at_once_and_told(rwandapay: Rwandapay) -> None:
    answer = rwandapay.process(rwandapay.open(), phone="0788000004")
    rwandapay.till.tick()
    assert code_of(answer) == (422, "INSUFFICIENT_BALANCE")
    assert rwandapay.status()["message"] == "Customer has insufficient funds"
    assert [told["event"] for told in rwandapay.receiver.told] == ["payment.failed"]


def test_the_number_that_refuses_opens_no_session(rwandapay: Rwandapay) -> None:
    customer = {**ORDER["customer"], "phone": "0788000011"}
    assert code_of(rwandapay.initialize(customer=customer)) == (401, "AUTH_FAILED")
    assert rwandapay.till.sessions == []


def test_a_late_webhook_comes_late(rwandapay: Rwandapay) -> None:
    rwandapay.pay("0788000010")
    rwandapay.wait(2)
    assert rwandapay.receiver.heard == []
    rwandapay.wait(40)
    assert len(rwandapay.receiver.told) == 1


def test_a_lost_reply_is_a_dropped_connection_after_the_charge(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open()
    transport = httpx.WSGITransport(app=rwandapay.app)
    with (
        httpx.Client(transport=transport, base_url="http://rwandapay.test") as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.post(
            f"/api/v1/checkout/{tid}/process", json={**WALLET, "phone": "0788000006"}, headers=ONCE
        )
    rwandapay.wait(2)
    assert len(rwandapay.till.paid()) == 1


def test_a_slow_reply_takes_its_time_after_the_charge(rwandapay: Rwandapay) -> None:
    rwandapay.pay("0788000007")
    assert rwandapay.slept == [20]
    assert len(rwandapay.till.charges) == 1


def test_a_502_comes_after_the_charge(rwandapay: Rwandapay) -> None:
    assert rwandapay.process(rwandapay.open(), phone="0788000008").status_code == 502
    assert len(rwandapay.till.charges) == 1


def test_silence_at_initialize_comes_after_the_session_and_a_500_before_it(
    rwandapay: Rwandapay,
) -> None:
    rwandapay.post("faults", {"fault": "initialize_500"})
    assert code_of(rwandapay.initialize()) == (500, "INITIALIZATION_FAILED")
    assert rwandapay.till.sessions == []
    rwandapay.post("faults", {"fault": "initialize_slow"})
    rwandapay.open()
    assert rwandapay.slept == [20]
    rwandapay.post("faults", {"fault": "initialize_lost_reply"})
    with pytest.raises(httpx.RemoteProtocolError):
        rwandapay.initialize(tx_ref="B")
    assert [session.refid for session in rwandapay.till.sessions] == [REF, "B"]
    assert rwandapay.till.charges == []


def test_an_ordered_fault_falls_on_the_next_calls_of_its_kind_only(rwandapay: Rwandapay) -> None:
    rwandapay.post("faults", {"fault": "refused", "next": 2})
    rwandapay.post("faults", {"fault": "error_500"})
    codes = [rwandapay.initialize(tx_ref=ref).status_code for ref in ("A", "B", "C", "D")]
    assert codes == [401, 401, 201, 201]
    prompts = [rwandapay.process(session.tid) for session in rwandapay.till.sessions]
    assert [answer.status_code for answer in prompts] == [502, 200]


def test_a_wrong_amount_is_stated_in_status_and_webhook(rwandapay: Rwandapay) -> None:
    rwandapay.post("faults", {"fault": "wrong_amount"})
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    assert rwandapay.status()["amount"] == 5001
    assert rwandapay.receiver.told[0]["data"]["amount"] == 5001
    assert rwandapay.till.paid()[0].amount == 5000


def test_an_older_word_comes_after_the_final_one(rwandapay: Rwandapay) -> None:
    rwandapay.post("faults", {"fault": "out_of_order"})
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.wait(2)
    assert [told["event"] for told in rwandapay.receiver.told] == [
        "payment.successful",
        "payment.pending",
    ]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("header", HEADERS)
def test_signs_the_very_bytes_in_the_form_and_header_that_were_set(
    rwandapay: Rwandapay, shape: str, form: str, header: str
) -> None:
    order = {"webhook_shape": shape, "signature_form": form, "signature_header": header}
    assert rwandapay.post("settings", order).status_code == 200
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    [(_, url, body, headers)] = rwandapay.receiver.heard
    assert url == HOOK
    assert headers[header] == sign(body, "whs", form)


def test_the_three_forms_are_of_one_digest() -> None:
    # RFC 4231, test case 2.
    body, secret = b"what do ya want for nothing?", "Jefe"
    digest = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign(body, secret, "hex") == digest
    assert sign(body, secret, "prefixed") == f"sha256={digest}"
    assert sign(body, secret, "base64") == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="


def test_the_flat_webhook_names_nothing_of_ours(rwandapay: Rwandapay) -> None:
    rwandapay.post("settings", {"webhook_shape": "flat"})
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    [told] = rwandapay.receiver.told
    assert told == {
        "event_id": told["event_id"],
        "event_kind": "transaction:processed",
        "status": "successful",
        "amount": 5000,
        "network": "MTN",
        "paypack_reference": rwandapay.till.charges[0].paypack_reference,
        "created_at": "2026-11-21T12:00:00Z",
    }
    assert REF not in json.dumps(told)


def test_a_bad_signature_is_somebody_elses(rwandapay: Rwandapay) -> None:
    rwandapay.post("faults", {"fault": "bad_signature"})
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    [(_, _, body, headers)] = rwandapay.receiver.heard
    assert headers["X-Webhook-Signature"] != sign(body, "whs", "hex")


def test_a_probe_comes_before_the_webhook_where_it_is_set(rwandapay: Rwandapay) -> None:
    rwandapay.post("settings", {"probes": True})
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    assert rwandapay.receiver.heard[0][:3] == ("HEAD", HOOK, b"")
    assert len(rwandapay.receiver.told) == 1


def test_a_probe_that_is_not_answered_with_200_withholds_the_webhook(
    rwandapay: Rwandapay,
) -> None:
    rwandapay.post("settings", {"probes": True})
    rwandapay.receiver.answer = Reply(404, "")
    rwandapay.till.approve(rwandapay.pay())
    rwandapay.till.tick()
    assert rwandapay.receiver.told == []


def test_a_thousand_calls_at_once_and_then_five_hundred_a_minute(rwandapay: Rwandapay) -> None:
    for _ in range(1000):
        assert rwandapay.verify("NOBODYS").status_code == 200
    assert rwandapay.verify("NOBODYS").status_code == 429
    rwandapay.wait(0.125)
    assert rwandapay.verify("NOBODYS").status_code == 200
    assert rwandapay.verify("NOBODYS").status_code == 429
    assert rwandapay.initialize().status_code == 429
    assert rwandapay.process("CHK-0").status_code == 429
    rwandapay.wait(3600)
    for _ in range(1000):
        rwandapay.verify("NOBODYS")
    assert rwandapay.verify("NOBODYS").status_code == 429


def test_test_keys_succeed_at_once_and_tell_nobody() -> None:
    rwandapay = Rwandapay(TEST_CREDENTIALS)
    rwandapay.pay("0788000003")
    rwandapay.wait(60)
    assert rwandapay.status() == {
        "status": "successful",
        "completed": True,
        "success": True,
        "message": "Test payment successful!",
        "redirect_url": "https://us.example/thanks?shop=1&reference=0123456789ABCDEF01"
        "&status=successful",
        "amount": 5000,
        "mode": "test",
    }
    assert rwandapay.receiver.heard == []


def test_the_push_can_be_missing(rwandapay: Rwandapay) -> None:
    rwandapay.post("settings", {"pushes": False})
    answer = rwandapay.process(rwandapay.open())
    assert answer.status_code == 404
    assert answer.get_json().keys() == {"message"}
    assert rwandapay.till.charges == []


# ------------------------------------------------------------------- their page
def test_their_page_prompts_and_sends_the_customer_back_when_it_is_paid(
    rwandapay: Rwandapay,
) -> None:
    tid = rwandapay.open()
    assert "Pay 5,000 RWF" in rwandapay.http.get(f"/checkout/{tid}").text
    rwandapay.http.post(f"/checkout/{tid}", data={"phone": "0738123456", "network": "Airtel"})
    assert "Confirm the payment on your phone" in rwandapay.http.get(f"/checkout/{tid}").text
    rwandapay.till.approve(tid)
    back = rwandapay.http.get(f"/checkout/{tid}")
    assert back.status_code == 303
    assert back.location.startswith("https://us.example/thanks?shop=1&reference=")


def test_their_page_says_what_is_wrong_with_a_number(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open()
    rwandapay.http.post(f"/checkout/{tid}", data={"phone": "077", "network": "MTN"})
    assert "fields: phone" in rwandapay.http.get(f"/checkout/{tid}").text
    assert rwandapay.till.charges == []


def test_their_page_can_be_cancelled_until_a_prompt_is_out(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open()
    rwandapay.http.post(f"/checkout/{tid}", data={"cancel": "1"})
    assert rwandapay.status()["status"] == "cancelled"
    prompted = rwandapay.pay(ref="B")
    rwandapay.http.post(f"/checkout/{prompted}", data={"cancel": "1"})
    assert rwandapay.status("B")["status"] == "pending"


def test_a_payment_without_a_return_address_ends_on_their_page(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open(redirect_url=None)
    rwandapay.process(tid)
    rwandapay.till.decline(tid)
    assert "This payment is failed" in rwandapay.http.get(f"/checkout/{tid}").text


def test_there_is_no_page_of_nothing(rwandapay: Rwandapay) -> None:
    assert rwandapay.http.get("/checkout/CHK-0").status_code == 404
    assert rwandapay.http.post("/checkout/CHK-0").status_code == 404


# ------------------------------------------------------------------ behind its back
@pytest.mark.parametrize("base", ["/_simulator", "/api/v1/_simulator"])
def test_the_control_api_answers_prompts_and_shows_the_ledger(
    rwandapay: Rwandapay, base: str
) -> None:
    rwandapay.pay()
    [prompt] = rwandapay.http.get(f"{base}/prompts").get_json()["prompts"]
    approve = f"{base}/prompts/{prompt['tid']}/approve"
    assert rwandapay.http.post(approve).get_json() == {"changed": True}
    assert rwandapay.http.post(approve).status_code == 409
    rwandapay.till.tick()
    shown = rwandapay.http.get(f"{base}/charges?refid={REF}").get_json()
    [charge] = shown["charges"]
    assert (charge["outcome"], charge["amount"], charge["currency"]) == ("paid", 5000, "RWF")
    assert [hook["acknowledged"] for hook in charge["webhooks"]] == [True]
    assert (shown["asked"], shown["opened"]) == ({REF: 1}, {REF: 1})
    assert rwandapay.http.get(f"{base}/charges?refid=X").get_json()["charges"] == []


def test_a_failed_charge_can_turn_out_paid(rwandapay: Rwandapay) -> None:
    tid = rwandapay.pay()
    assert rwandapay.post(f"charges/{tid}/pay_late", {}).status_code == 409
    rwandapay.till.decline(tid)
    assert rwandapay.post(f"charges/{tid}/pay_late", {}).status_code == 200
    rwandapay.till.tick()
    assert rwandapay.status()["status"] == "successful"
    assert [told["event"] for told in rwandapay.receiver.told] == [
        "payment.failed",
        "payment.successful",
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"fault": "mischief"}),
        ("faults", {"fault": "late", "next": "two"}),
        ("settings", {"prompt_minutes": 1}),
        ("settings", {"prompt_seconds": "soon"}),
        ("settings", {"prompt_seconds": True}),
        ("settings", {"probes": 1}),
        ("settings", {"webhook_shape": "round"}),
        ("settings", {"signature_form": 5}),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(
    rwandapay: Rwandapay, path: str, body: dict[str, object]
) -> None:
    assert rwandapay.post(path, body).status_code == 400
    assert rwandapay.till.habits == Habits()


def test_settings_hold_until_a_reset(rwandapay: Rwandapay) -> None:
    rwandapay.post("settings", {"prompt_seconds": 5})
    rwandapay.pay()
    rwandapay.wait(5)
    assert rwandapay.status()["status"] == "expired"
    rwandapay.post("reset", {})
    assert rwandapay.status() == {"status": "pending", "message": "Transaction not found"}
    assert rwandapay.till.habits == Habits()


def test_the_handset_shows_a_broken_sum_beside(rwandapay: Rwandapay) -> None:
    tid = rwandapay.open(amount=12.5, currency="USD")
    rwandapay.process(tid)
    [prompt] = rwandapay.till.prompts()
    assert prompt.about == "Order #12345 (12.5 USD)"

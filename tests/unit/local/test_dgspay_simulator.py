"""DGS-Pay's simulator: the wire of seed 004, its own ledger, magic numbers, faults."""

from __future__ import annotations

import hashlib
import hmac
import json
import socket
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.simulators.dgspay import Credentials, LostReply, create_app, open_till
from infra.local.simulators.dgspay_webhooks import post_over_http
from infra.local.simulators.postbacks import Reply

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.test import TestResponse

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
SECRET = "dgs-webhook-secret"
CREDENTIALS = Credentials(api_key="key", account_number="100200", webhook_secret=SECRET)
HEADERS = {"X-DGS-API-Key": "key", "X-DGS-ACCOUNT-NUMBER": "100200"}
REFID = "0123456789ABCDEF01"
ACCEPTED = Reply(200, '{"status": "ok"}')
EXAMPLES = Path(__file__).parents[2] / "payloads" / "dgspay"
ORDER: dict[str, Any] = json.loads((EXAMPLES / "charge_request.json").read_bytes()) | {
    "callback_url": f"https://us.example/webhooks/dgspay/{REFID}/token"
}


def example(name: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((EXAMPLES / name).read_bytes())
    return read


@dataclass
class Receiver:
    """Us, as DGS-Pay sees us."""

    heard: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)
    reply: Reply = ACCEPTED

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.heard.append((url, body, headers))
        return self.reply

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.heard]


class DgsPay:
    """A simulator on a clock that stands still until it is moved."""

    def __init__(self, credentials: Credentials = CREDENTIALS) -> None:
        self.now = NOON
        self.slept: list[float] = []
        self.receiver = Receiver()
        self.till = open_till(credentials, clock=lambda: self.now, send=self.receiver)
        self.app = create_app(self.till, credentials, sleep=self.slept.append)
        self.http = self.app.test_client()

    def post(self, body: object, headers: Mapping[str, str] = HEADERS) -> TestResponse:
        return self.http.post("/charges", json=body, headers=dict(headers))

    def charge(self, **changes: object) -> dict[str, Any]:
        told: dict[str, Any] = self.post({**ORDER, **changes}).get_json()
        return told

    def get(self, reference: str, headers: Mapping[str, str] = HEADERS) -> TestResponse:
        return self.http.get(f"/charges/{reference}", headers=dict(headers))

    def status(self, charge: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = self.get(charge["dgs_reference"]).get_json()
        return told

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order_fault(self, fault: str, charges: int = 1) -> None:
        order = {"fault": fault, "next": charges}
        assert self.http.post("/_simulator/faults", json=order).status_code == 200


@pytest.fixture
def dgspay() -> DgsPay:
    return DgsPay()


def test_answers_a_charge_as_the_seed_shows(dgspay: DgsPay) -> None:
    answer = dgspay.post(ORDER)
    told, seed = answer.get_json(), example("charge_reply_pending.json")
    assert answer.status_code == 200
    assert told == seed | {
        "transaction_id": told["transaction_id"],
        "dgs_reference": f"dgs_{told['transaction_id']}",
        "next_action_redirect_url": f"http://localhost/authorize/{told['transaction_id']}",
    }
    assert list(told) == list(seed)


def test_a_paid_charge_looks_as_the_seed_shows(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    assert dgspay.till.approve(charge["transaction_id"])
    told, seed = dgspay.status(charge), example("charge_reply_successful.json")
    assert told == seed | {name: charge[name] for name in ("transaction_id", "dgs_reference")}
    assert list(told) == list(seed)


def test_a_failed_charge_looks_as_the_seed_shows(dgspay: DgsPay) -> None:
    charge = dgspay.charge(mobile_money_phone="788000004")
    dgspay.wait(2)
    told, seed = dgspay.status(charge), example("charge_reply_failed.json")
    assert told == seed | {name: charge[name] for name in ("transaction_id", "dgs_reference")}
    assert list(told) == list(seed)


def test_waits_for_the_handset(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    dgspay.wait(59)
    assert dgspay.status(charge)["transaction_status"] == "pending"
    (prompt,) = dgspay.till.prompts()
    assert (prompt.asker, prompt.amount, prompt.msisdn) == ("DGS-Pay", 2000, "250789654321")
    assert prompt.about == "Payment for Invoice #5678"
    assert dgspay.receiver.heard == []


def test_an_approved_prompt_is_paid_told_and_written_down(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    dgspay.till.approve(charge["transaction_id"])
    dgspay.till.tick()
    ((url, body, headers),) = dgspay.receiver.heard
    assert url == ORDER["callback_url"]
    assert json.loads(body) == {"event": "payment.success", **dgspay.status(charge)}
    assert headers == {
        "Content-Type": "application/json",
        "X-DGS-Signature": hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest(),
    }
    (paid,) = dgspay.till.charges.paid(REFID)
    assert (paid.order.amount, paid.order.currency, paid.order.network) == (2000, "RWF", "MTN")


def test_a_declined_prompt_fails(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    assert dgspay.till.decline(charge["transaction_id"])
    dgspay.till.tick()
    (told,) = dgspay.receiver.told
    assert (told["event"], told["transaction_status"]) == ("payment.failed", "failed")
    assert told["processor_response"] == "Declined by customer"
    assert dgspay.till.charges.paid() == []


def test_an_ignored_prompt_fails_when_its_time_is_over(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    assert dgspay.till.ignore(charge["transaction_id"])
    assert dgspay.till.prompts() == []
    dgspay.wait(60)
    told = dgspay.status(charge)
    assert (told["issuer_response_code"], told["processor_response"]) == ("68", "Request timed out")


@pytest.mark.parametrize("answer", ["approve", "decline", "ignore"])
def test_a_prompt_takes_one_answer(dgspay: DgsPay, answer: str) -> None:
    tid = dgspay.charge()["transaction_id"]
    dgspay.till.approve(tid)
    assert not getattr(dgspay.till, answer)(tid)
    assert not getattr(dgspay.till, answer)("0")
    dgspay.till.tick()
    assert len(dgspay.receiver.heard) == 1


def test_charges_the_same_request_as_often_as_it_comes(dgspay: DgsPay) -> None:
    first, again = dgspay.charge(), dgspay.charge()
    assert first["dgs_reference"] != again["dgs_reference"]
    assert len(dgspay.till.charges.made) == 2
    assert dgspay.till.charges.asked == {REFID: 2}


def test_tells_nobody_who_gave_no_address(dgspay: DgsPay) -> None:
    order = {name: value for name, value in ORDER.items() if name != "callback_url"}
    tid = dgspay.post(order).get_json()["transaction_id"]
    dgspay.till.approve(tid)
    dgspay.till.tick()
    assert dgspay.till.webhooks == []


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"amount": 0}, "amount"),
        ({"amount": -1}, "amount"),
        ({"amount": "2000"}, "amount"),
        ({"amount": True}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "rwf"}, "currency"),
        ({"payment_type": "card"}, "payment_type"),
        ({"customer_email": "jane"}, "customer_email"),
        ({"customer_first_name": " "}, "customer_first_name"),
        ({"customer_phone": "0789654321"}, "customer_phone"),
        ({"customer_phone_country_code": "+250"}, "customer_phone_country_code"),
        ({"redirect_url": "thanks"}, "redirect_url"),
        ({"mobile_money_network": "AIRTEL"}, "mobile_money_network"),
        ({"mobile_money_network": "mtn"}, "mobile_money_network"),
        ({"mobile_money_phone": "250789654321"}, "mobile_money_phone"),
        ({"mobile_money_phone": "779654321"}, "mobile_money_phone"),
        ({"mobile_money_phone": 789654321}, "mobile_money_phone"),
    ],
)
def test_refuses_with_90_and_the_fields_name_and_charges_nobody(
    dgspay: DgsPay, changes: dict[str, object], name: str
) -> None:
    answer = dgspay.post({**ORDER, **changes})
    told = answer.get_json()
    assert (answer.status_code, told["error_code"]) == (400, "90")
    assert list(told["errors"]) == [name]
    assert "transaction_status" not in told
    assert dgspay.till.charges.made == []


@pytest.mark.parametrize("name", sorted(ORDER.keys() - {"narration", "callback_url"}))
def test_misses_every_required_parameter(dgspay: DgsPay, name: str) -> None:
    answer = dgspay.post({key: ORDER[key] for key in ORDER if key != name})
    assert list(answer.get_json()["errors"]) == [name]


def test_can_do_without_a_narration(dgspay: DgsPay) -> None:
    answer = dgspay.post({key: ORDER[key] for key in ORDER if key != "narration"})
    assert answer.status_code == 200


def test_names_every_wrong_field_at_once(dgspay: DgsPay) -> None:
    answer = dgspay.post(["charge"])
    assert set(answer.get_json()["errors"]) == ORDER.keys() - {"narration", "callback_url"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-DGS-API-Key": "key"},
        {"X-DGS-ACCOUNT-NUMBER": "100200"},
        HEADERS | {"X-DGS-API-Key": "other"},
        HEADERS | {"X-DGS-API-Key": "k\u00e9y"},
        HEADERS | {"X-DGS-ACCOUNT-NUMBER": "9"},
    ],
)
def test_knows_its_callers(dgspay: DgsPay, headers: dict[str, str]) -> None:
    for answer in (dgspay.post(ORDER, headers), dgspay.get("dgs_1", headers)):
        assert (answer.status_code, answer.get_json()["error_code"]) == (401, "91")
    assert dgspay.till.charges.made == []


def test_asks_for_no_account_number_of_who_has_none() -> None:
    dgspay = DgsPay(Credentials(api_key="key", webhook_secret=SECRET))
    assert dgspay.post(ORDER, {"X-DGS-API-Key": "key"}).status_code == 200


def test_does_not_find_what_was_never_charged(dgspay: DgsPay) -> None:
    answer = dgspay.get("dgs_1")
    assert (answer.status_code, answer.get_json()["error_code"]) == (404, "92")


@pytest.mark.parametrize("network", ["78", "73"])
@pytest.mark.parametrize(
    ("digits", "status", "events"),
    [
        ("0001", "successful", ["payment.success"]),
        ("0002", "successful", []),
        ("0003", "failed", ["payment.failed"]),
        ("0004", "failed", ["payment.failed"]),
        ("0005", "pending", []),
        ("0009", "successful", ["payment.success", "payment.success"]),
        ("0010", "successful", []),
    ],
)
def test_magic_numbers_end_as_their_table_says(
    dgspay: DgsPay, network: str, digits: str, status: str, events: list[str]
) -> None:
    charge = dgspay.charge(mobile_money_phone=f"{network}800{digits}")
    assert charge["transaction_status"] == "pending"
    assert dgspay.till.prompts() == []
    dgspay.wait(2)
    assert dgspay.status(charge)["transaction_status"] == status
    assert [told["event"] for told in dgspay.receiver.told] == events


def test_a_late_webhook_comes_forty_seconds_later(dgspay: DgsPay) -> None:
    dgspay.charge(mobile_money_phone="788000010")
    dgspay.wait(2)
    dgspay.wait(39)
    assert dgspay.receiver.heard == []
    dgspay.wait(1)
    assert len(dgspay.receiver.heard) == 1


def test_a_lost_reply_leaves_a_charge_behind(dgspay: DgsPay) -> None:
    with pytest.raises(LostReply):
        dgspay.charge(mobile_money_phone="788000006")
    dgspay.wait(2)
    assert len(dgspay.till.charges.paid(REFID)) == 1
    assert [told["event"] for told in dgspay.receiver.told] == ["payment.success"]


def test_a_lost_reply_hangs_up_when_served(dgspay: DgsPay) -> None:
    servers_end, callers_end = socket.socketpair()
    callers_end.settimeout(0)
    order = {**ORDER, "mobile_money_phone": "788000006"}
    with servers_end, callers_end:
        served = {"werkzeug.socket": servers_end}
        with pytest.raises(LostReply):
            dgspay.http.post("/charges", json=order, headers=HEADERS, environ_base=served)
        assert callers_end.recv(1) == b""


def test_a_slow_reply_takes_its_time_after_charging(dgspay: DgsPay) -> None:
    dgspay.charge(mobile_money_phone="788000007")
    assert dgspay.slept == [20]
    assert len(dgspay.till.charges.made) == 1


def test_a_500_comes_after_charging(dgspay: DgsPay) -> None:
    answer = dgspay.post({**ORDER, "mobile_money_phone": "788000008"})
    assert (answer.status_code, answer.get_json()["error_code"]) == (500, "99")
    assert len(dgspay.till.charges.made) == 1


def test_a_refused_charge_charges_nobody(dgspay: DgsPay) -> None:
    answer = dgspay.post({**ORDER, "mobile_money_phone": "738000011"})
    assert (answer.status_code, answer.get_json()["error_code"]) == (401, "91")
    assert dgspay.till.charges.made == []
    assert dgspay.till.charges.asked == {REFID: 1}


@pytest.mark.parametrize(
    ("phone", "status", "event"),
    [
        ("788000012", "successful", "payment.success"),
        ("738000013", "failed", "payment.failed"),
    ],
)
def test_some_charges_end_in_the_reply_itself(
    dgspay: DgsPay, phone: str, status: str, event: str
) -> None:
    assert dgspay.charge(mobile_money_phone=phone)["transaction_status"] == status
    dgspay.till.tick()
    assert [told["event"] for told in dgspay.receiver.told] == [event]


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("scenario:auth_pin&issuer:insufficient_funds", "failed"),
        ("scenario:auth_pin&issuer:declined", "failed"),
        ("scenario:auth_pin&issuer:approved", "successful"),
        ("scenario:auth_pin", "pending"),
        ("&&:", "pending"),
    ],
)
def test_a_scenario_key_decides_in_the_customers_place(
    dgspay: DgsPay, key: str, status: str
) -> None:
    charge = dgspay.charge(scenario_key=key)
    dgspay.wait(2)
    assert dgspay.status(charge)["transaction_status"] == status


def test_an_ordered_fault_falls_on_the_next_charges_only(dgspay: DgsPay) -> None:
    dgspay.order_fault("wrong_amount", 2)
    assert [dgspay.charge()["amount"] for _ in range(3)] == [2001, 2001, 2000]


def test_out_of_order_tells_what_was_true_before_last(dgspay: DgsPay) -> None:
    dgspay.order_fault("out_of_order")
    dgspay.till.approve(dgspay.charge()["transaction_id"])
    dgspay.till.tick()
    assert [(told["event"], told["transaction_status"]) for told in dgspay.receiver.told] == [
        ("payment.success", "successful"),
        ("payment.pending", "pending"),
    ]


def test_a_bad_signature_is_another_than_the_secrets(dgspay: DgsPay) -> None:
    dgspay.order_fault("bad_signature")
    dgspay.till.approve(dgspay.charge()["transaction_id"])
    dgspay.till.tick()
    ((_, body, headers),) = dgspay.receiver.heard
    good = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers["X-DGS-Signature"] != good


def test_a_wrong_reference_is_told_of_what_has_ended(dgspay: DgsPay) -> None:
    dgspay.order_fault("wrong_reference")
    charge = dgspay.charge()
    dgspay.till.approve(charge["transaction_id"])
    dgspay.till.tick()
    told = {dgspay.status(charge)["dgs_reference"], dgspay.receiver.told[0]["dgs_reference"]}
    assert told == {"dgs_000000000"}


def test_a_failed_charge_can_turn_out_paid(dgspay: DgsPay) -> None:
    charge = dgspay.charge(mobile_money_phone="788000003")
    dgspay.wait(2)
    late = f"/_simulator/charges/{charge['transaction_id']}/pay_late"
    assert dgspay.http.post(late).status_code == 200
    assert dgspay.http.post(late).status_code == 409
    dgspay.till.tick()
    assert dgspay.status(charge)["transaction_status"] == "successful"
    events = [told["event"] for told in dgspay.receiver.told]
    assert events == ["payment.failed", "payment.success"]


def test_the_ledger_can_be_read_by_the_attempt_that_the_address_names(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    dgspay.charge(callback_url="https://us.example/webhooks/dgspay/0123456789ABCDEF02/token")
    dgspay.till.approve(charge["transaction_id"])
    dgspay.till.tick()
    told = dgspay.http.get(f"/_simulator/charges?refid={REFID}").get_json()
    (kept,) = told["charges"]
    assert (kept["tid"], kept["refid"], kept["outcome"]) == (
        charge["transaction_id"],
        REFID,
        "paid",
    )
    assert (kept["amount"], kept["phone"], kept["network"]) == (2000, "789654321", "MTN")
    assert [webhook["acknowledged"] for webhook in kept["webhooks"]] == [True]
    assert told["asked"] == {REFID: 1, "0123456789ABCDEF02": 1}
    assert len(dgspay.http.get("/_simulator/charges").get_json()["charges"]) == 2


@pytest.mark.parametrize("reply", [Reply(500, ""), Reply(302, ""), Reply(None, "refused")])
def test_a_webhook_that_nobody_took_is_not_acknowledged(dgspay: DgsPay, reply: Reply) -> None:
    dgspay.receiver.reply = reply
    dgspay.till.approve(dgspay.charge()["transaction_id"])
    assert not dgspay.till.webhooks[0].acknowledged
    dgspay.till.tick()
    assert not dgspay.till.webhooks[0].acknowledged


@pytest.mark.parametrize(
    ("answer", "status"),
    [("approve", "successful"), ("decline", "failed"), ("ignore", "pending")],
)
def test_prompts_can_be_answered_over_the_control_api(
    dgspay: DgsPay, answer: str, status: str
) -> None:
    charge = dgspay.charge()
    (prompt,) = dgspay.http.get("/_simulator/prompts").get_json()["prompts"]
    route = f"/_simulator/prompts/{prompt['tid']}/{answer}"
    assert dgspay.http.post(route).get_json() == {"changed": True}
    assert dgspay.status(charge)["transaction_status"] == status


def test_settings_hold_until_a_reset_that_forgets_everything(dgspay: DgsPay) -> None:
    told = dgspay.http.post("/_simulator/settings", json={"prompt_seconds": 5}).get_json()
    assert told["prompt_seconds"] == 5
    charge = dgspay.charge()
    dgspay.order_fault("slow")
    dgspay.wait(5)
    assert dgspay.status(charge)["transaction_status"] == "failed"
    dgspay.http.post("/_simulator/reset")
    assert dgspay.get(charge["dgs_reference"]).status_code == 404
    assert dgspay.till.webhooks == []
    again = dgspay.charge()
    assert again["dgs_reference"] != charge["dgs_reference"]
    assert dgspay.slept == []
    dgspay.wait(59)
    assert dgspay.status(again)["transaction_status"] == "pending"


@pytest.mark.parametrize(
    ("route", "order"),
    [
        ("faults", {"fault": "unheard_of"}),
        ("faults", {"fault": "slow", "next": "two"}),
        ("faults", []),
        ("settings", {"prompt_minutes": 1}),
        ("settings", {"prompt_seconds": "long"}),
    ],
)
def test_orders_that_cannot_be_read_are_refused(dgspay: DgsPay, route: str, order: object) -> None:
    assert dgspay.http.post(f"/_simulator/{route}", json=order).status_code == 400


def test_the_customer_is_told_to_look_at_the_phone_and_sent_back(dgspay: DgsPay) -> None:
    charge = dgspay.charge()
    page = dgspay.http.get(charge["next_action_redirect_url"].removeprefix("http://localhost"))
    assert "Complete payment on your mobile device" in page.text
    assert 'href="https://yourdomain.com/payment-success"' in page.text
    assert dgspay.http.get("/authorize/0").status_code == 404


@pytest.fixture
def listener() -> Iterator[tuple[str, list[tuple[bytes, str | None]]]]:
    """An address of ours over HTTP, and what reached it."""
    heard: list[tuple[bytes, str | None]] = []

    class Ours(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.append((body, self.headers["X-DGS-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
            del format, args

    with HTTPServer(("127.0.0.1", 0), Ours) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", heard
        server.shutdown()
        thread.join()


def test_webhooks_go_over_http_byte_for_byte(
    listener: tuple[str, list[tuple[bytes, str | None]]],
) -> None:
    url, heard = listener
    assert post_over_http(url, b'{"a": 1}', {"X-DGS-Signature": "00"}).status == 200
    assert heard == [(b'{"a": 1}', "00")]


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "nowhere", "http://[::"])
def test_a_receiver_out_of_reach_is_a_reply_without_a_status(url: str) -> None:
    reply = post_over_http(url, b"", {})
    assert reply.status is None
    assert reply.text


def test_ticks_by_itself_when_asked_to(dgspay: DgsPay) -> None:
    is_told = Event()

    def receive(_url: str, _body: bytes, _headers: Mapping[str, str]) -> Reply:
        is_told.set()
        return Reply(200, "")

    dgspay.till.send = receive
    stop = dgspay.till.tick_in_background(every=0.001)
    dgspay.till.approve(dgspay.charge()["transaction_id"])
    try:
        assert is_told.wait(5)
    finally:
        stop()

"""K-Pay's simulator: the wire of seeds 001 and 003, its own ledger, magic numbers, faults."""

from __future__ import annotations

import json
import socket
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from infra.local.simulators.kpay import Credentials, LostReply, create_app, open_till
from infra.local.simulators.postbacks import Reply, post_over_http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.test import TestResponse

NOON = 1_795_262_400.0  # 2026-11-21T12:00:00Z
CREDENTIALS = Credentials(username="ishyura", password="pass", api_key="key", retailer_id="02")
HEADERS = {"Authorization": "Basic aXNoeXVyYTpwYXNz", "Kpay-Key": "key"}
REFID = "0123456789ABCDEF01"
ORDER = {
    "action": "pay",
    "msisdn": "250788123456",
    "email": "customer@example.com",
    "details": "Order #123",
    "refid": REFID,
    "amount": 4200,
    "currency": "RWF",
    "cname": "John Doe",
    "cnumber": "123456789",
    "pmethod": "momo",
    "retailerid": "02",
    "returl": "https://us.example/webhooks/kpay",
    "redirecturl": "https://us.example/thanks",
    "bankid": "63510",
}
CARD = {"pmethod": "cc", "bankid": "000"}


@dataclass
class Receiver:
    """Us, as K-Pay sees us: answers as its documentation asks."""

    heard: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: Mapping[str, str]) -> Reply:
        self.heard.append((url, dict(body)))
        return Reply(200, json.dumps({"tid": body["tid"], "refid": body["refid"], "reply": "OK"}))


class Kpay:
    """A simulator on a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOON
        self.slept: list[float] = []
        self.receiver = Receiver()
        self.till = open_till(clock=lambda: self.now, send=self.receiver)
        self.app = create_app(self.till, CREDENTIALS, sleep=self.slept.append)
        self.http = self.app.test_client()

    def post(self, body: object, headers: Mapping[str, str] = HEADERS) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post("/", json=body, headers=dict(headers)).get_json()
        return answer

    def pay(self, **changes: object) -> dict[str, Any]:
        return self.post({**ORDER, **changes})

    def status(self, refid: str = REFID) -> dict[str, Any]:
        return self.post({"action": "checkstatus", "refid": refid})

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order_fault(self, fault: str, charges: int = 1) -> None:
        order = {"fault": fault, "next": charges}
        assert self.http.post("/_simulator/faults", json=order).status_code == 200

    def pay_by_card(self, tid: str, **changes: str) -> TestResponse:
        card = {"number": "4111 1111 1111 1111", "expiry": "12/30", "cvv": "123"}
        return self.http.post(f"/checkout/{tid}", data={**card, **changes})


@pytest.fixture
def kpay() -> Kpay:
    return Kpay()


def test_answers_a_charge_as_the_seed_shows(kpay: Kpay) -> None:
    answer = kpay.pay()

    assert answer == {
        "reply": "PENDING",
        "url": f"http://localhost/checkout/{answer['tid']}",
        "success": 1,
        "authkey": answer["authkey"],
        "tid": answer["tid"],
        "refid": "0123456789ABCDEF01",
        "retcode": 0,
    }
    assert answer["tid"].startswith("E")
    assert len(answer["authkey"]) == 26


def test_waits_for_the_handset(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]

    kpay.wait(59)

    assert kpay.status() == {
        "tid": tid,
        "refid": "0123456789ABCDEF01",
        "momtransactionid": "",
        "statusid": "03",
        "statusdesc": "Pending transaction.",
    }
    assert [prompt.amount for prompt in kpay.till.prompts()] == [4200]
    assert kpay.receiver.heard == []


def test_an_approved_prompt_is_paid_told_and_written_down(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]

    assert kpay.till.approve(tid)
    kpay.till.tick()

    status = kpay.status()
    assert (status["statusid"], status["statusdesc"]) == (
        "01",
        "Successfully processed transaction.",
    )
    told = {
        "tid": tid,
        "refid": "0123456789ABCDEF01",
        "momtransactionid": status["momtransactionid"],
        "payaccount": "250788123456",
        "statusid": "01",
        "statusdesc": "Successfully processed transaction.",
    }
    assert kpay.receiver.heard == [("https://us.example/webhooks/kpay", told)]
    assert kpay.till.postbacks[0].acknowledged
    [charge] = kpay.till.charges.paid(REFID)
    assert (charge.amount, charge.currency, charge.msisdn) == (4200, "RWF", "250788123456")


def test_an_answer_other_than_the_documented_one_is_no_acknowledgement(kpay: Kpay) -> None:
    kpay.till.send = lambda _url, _body: Reply(200, "thanks")

    kpay.till.approve(kpay.pay()["tid"])
    kpay.till.tick()

    assert not kpay.till.postbacks[0].acknowledged


def test_a_receiver_that_cannot_be_reached_is_written_down(kpay: Kpay) -> None:
    kpay.till.send = post_over_http

    kpay.till.approve(kpay.pay(returl="http://us.example:port")["tid"])
    kpay.till.tick()

    reply = kpay.till.postbacks[0].reply
    assert reply is not None
    assert (reply.status, reply.text.partition(":")[0]) == (None, "InvalidURL")
    assert not kpay.till.postbacks[0].acknowledged


def test_ticks_by_itself_when_served(kpay: Kpay) -> None:
    told = threading.Event()

    def send(_url: str, _body: Mapping[str, str]) -> Reply:
        told.set()
        return Reply(200, "")

    kpay.till.send = send
    stop = kpay.till.tick_in_background(every=0.001)
    kpay.till.approve(kpay.pay()["tid"])

    assert told.wait(timeout=10)
    stop()


def test_a_declined_prompt_fails_with_statusmsg(kpay: Kpay) -> None:
    kpay.till.decline(kpay.pay()["tid"])

    status = kpay.status()

    assert (status["statusid"], status["statusmsg"]) == ("02", "Declined by the customer.")
    assert "statusdesc" not in status
    assert kpay.till.charges.paid() == []


def test_a_prompt_that_nobody_answers_times_out_once(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]
    kpay.till.ignore(tid)
    assert kpay.till.prompts() == []

    kpay.wait(60)
    kpay.wait(60)

    assert kpay.status()["statusid"] == "02"
    assert "Timed out" in kpay.status()["statusmsg"]
    assert [body["statusid"] for _, body in kpay.receiver.heard] == ["02"]
    assert not kpay.till.approve(tid)


def test_charges_a_refid_once_and_counts_who_asked_again(kpay: Kpay) -> None:
    kpay.pay()

    again = kpay.pay()

    assert (again["retcode"], again["success"], again["url"]) == (608, 0, " ")
    assert len(kpay.till.charges.made) == 1
    assert kpay.till.charges.asked[REFID] == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"action": "refund"}, 603),
        ({"email": ""}, 603),
        ({"bankid": None}, 603),
        ({"msisdn": "+250788123456"}, 603),
        ({"retailerid": "99"}, 604),
        ({"pmethod": "cheque"}, 609),
        ({"bankid": "000"}, 610),
        ({"amount": "4200"}, 606),
        ({"amount": 0}, 606),
        ({"amount": 2_000_001}, 606),
        ({"amount": 10_000_001, **CARD}, 606),
        ({"amount": 4200.5}, 606),
        ({"amount": 12.505, "currency": "USD", **CARD}, 606),
        ({"currency": "KES"}, 606),
        ({"msisdn": "250788000011"}, 605),
    ],
)
def test_refuses_with_the_documented_code_and_charges_nobody(
    kpay: Kpay, changes: dict[str, object], code: int
) -> None:
    answer = kpay.pay(**changes)

    assert (answer["retcode"], answer["success"], answer["url"]) == (code, 0, " ")
    assert kpay.till.charges.made == []


@pytest.mark.parametrize("name", sorted(ORDER.keys() - {"currency"}))
def test_misses_every_required_parameter(kpay: Kpay, name: str) -> None:
    assert kpay.post({key: ORDER[key] for key in ORDER if key != name})["retcode"] == 603


def test_takes_francs_when_no_currency_is_named(kpay: Kpay) -> None:
    kpay.post({key: ORDER[key] for key in ORDER if key != "currency"})

    assert kpay.till.charges.made[0].currency == "RWF"


def test_takes_dollars_with_their_cents(kpay: Kpay) -> None:
    assert kpay.pay(amount=12.5, currency="USD", **CARD)["retcode"] == 0

    assert kpay.till.charges.made[0].amount == 12.5


def test_takes_the_limits_themselves(kpay: Kpay) -> None:
    assert kpay.pay(amount=2_000_000, refid="A")["retcode"] == 0
    assert kpay.pay(amount=10_000_000, refid="B", **CARD)["retcode"] == 0


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, 401),
        ({"Authorization": HEADERS["Authorization"]}, 401),
        ({"Kpay-Key": "key"}, 401),
        ({"Authorization": "Basic !!!", "Kpay-Key": "key"}, 600),
        ({"Authorization": "Basic aXNoeXVyYTpwYXN6", "Kpay-Key": "key"}, 600),
        ({**HEADERS, "Kpay-Key": "another"}, 601),
    ],
)
def test_knows_its_callers(kpay: Kpay, headers: dict[str, str], code: int) -> None:
    assert kpay.post(ORDER, headers)["retcode"] == code
    assert kpay.post({"action": "checkstatus", "refid": "A"}, headers)["statusid"] == str(code)


def test_a_body_that_is_no_object_lacks_every_parameter(kpay: Kpay) -> None:
    assert kpay.post(["pay"])["retcode"] == 603


def test_does_not_find_what_was_never_charged(kpay: Kpay) -> None:
    assert kpay.status() == {
        "tid": "",
        "refid": "",
        "momtransactionid": "",
        "statusid": "611",
        "statusdesc": "Transaction not found",
    }


def test_finds_a_charge_by_its_tid_and_wants_one_of_the_two(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]

    assert kpay.post({"action": "checkstatus", "tid": tid})["refid"] == "0123456789ABCDEF01"
    assert kpay.post({"action": "checkstatus"})["statusid"] == "603"


@pytest.mark.parametrize("prefix", ["250788", "0788", "250738", "0738"])
def test_magic_numbers_are_those_of_both_networks(kpay: Kpay, prefix: str) -> None:
    kpay.pay(msisdn=f"{prefix}000001")

    kpay.wait(2)

    assert kpay.status()["statusid"] == "01"


def test_an_ordinary_number_with_the_same_ending_waits_for_the_handset(kpay: Kpay) -> None:
    kpay.pay(msisdn="250788120001")

    kpay.wait(2)

    assert kpay.status()["statusid"] == "03"
    assert len(kpay.till.prompts()) == 1


@pytest.mark.parametrize(
    ("ending", "statusid", "statusids_told"),
    [
        ("0001", "01", ["01"]),
        ("0002", "01", []),
        ("0003", "02", ["02"]),
        ("0004", "02", ["02"]),
        ("0005", "03", []),
        ("0009", "01", ["01", "01"]),
        ("0010", "01", []),
    ],
)
def test_a_magic_number_ends_without_a_hand(
    kpay: Kpay, ending: str, statusid: str, statusids_told: list[str]
) -> None:
    kpay.pay(msisdn=f"25078800{ending}")
    assert kpay.status()["statusid"] == "03"
    assert kpay.till.prompts() == []

    kpay.wait(2)

    assert kpay.status()["statusid"] == statusid
    assert [body["statusid"] for _, body in kpay.receiver.heard] == statusids_told


def test_no_funds_says_so(kpay: Kpay) -> None:
    kpay.pay(msisdn="250788000004")

    kpay.wait(2)

    assert kpay.status()["statusmsg"] == "Not enough funds"


def test_the_number_that_never_answers_times_out(kpay: Kpay) -> None:
    kpay.pay(msisdn="250788000005")

    kpay.wait(60)

    assert kpay.status()["statusid"] == "02"


def test_a_late_postback_comes_late(kpay: Kpay) -> None:
    kpay.pay(msisdn="250788000010")

    kpay.wait(2)
    assert kpay.receiver.heard == []
    kpay.wait(40)

    assert len(kpay.receiver.heard) == 1


def test_a_lost_reply_is_a_dropped_connection_after_the_charge(kpay: Kpay) -> None:
    transport = httpx.WSGITransport(app=kpay.app)
    with (
        httpx.Client(transport=transport, base_url="http://kpay.test") as client,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        client.post("/", json={**ORDER, "msisdn": "250788000006"}, headers=HEADERS)

    kpay.wait(2)

    assert kpay.status()["statusid"] == "01"
    assert len(kpay.till.charges.paid()) == 1


def test_a_lost_reply_hangs_up_when_served(kpay: Kpay) -> None:
    servers_end, callers_end = socket.socketpair()
    callers_end.settimeout(0)
    order = {**ORDER, "msisdn": "250788000006"}
    served = {"werkzeug.socket": servers_end}
    with servers_end, callers_end:
        with pytest.raises(LostReply):
            kpay.http.post("/", json=order, headers=HEADERS, environ_base=served)

        assert callers_end.recv(1) == b""


def test_a_slow_reply_takes_its_time_after_the_charge(kpay: Kpay) -> None:
    assert kpay.pay(msisdn="250788000007")["retcode"] == 0
    assert kpay.slept == [20]


def test_a_500_comes_after_the_charge(kpay: Kpay) -> None:
    answer = kpay.http.post("/", json={**ORDER, "msisdn": "250788000008"}, headers=HEADERS)

    assert answer.status_code == 500
    assert kpay.status()["statusid"] == "03"


def test_an_ordered_fault_falls_on_the_next_charges_only(kpay: Kpay) -> None:
    kpay.order_fault("refused", 2)

    codes = [kpay.pay(refid=refid)["retcode"] for refid in ("A", "B", "C")]

    assert codes == [605, 605, 0]


def test_a_wrong_amount_is_stated_in_the_status(kpay: Kpay) -> None:
    kpay.order_fault("wrong_amount")
    kpay.till.approve(kpay.pay()["tid"])

    assert kpay.status()["amount"] == 4201


def test_a_wrong_refid_is_stated_in_status_and_postback(kpay: Kpay) -> None:
    kpay.order_fault("wrong_refid")
    kpay.till.approve(kpay.pay()["tid"])
    kpay.till.tick()

    assert kpay.status()["refid"] == "SOMEBODYELSES00001"
    assert kpay.receiver.heard[0][1]["refid"] == "SOMEBODYELSES00001"


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
    kpay: Kpay, path: str, body: dict[str, object]
) -> None:
    assert kpay.http.post(f"/_simulator/{path}", json=body).status_code == 400


def test_the_control_api_answers_prompts_and_shows_the_ledger(kpay: Kpay) -> None:
    kpay.pay()
    [prompt] = kpay.http.get("/_simulator/prompts").get_json()["prompts"]
    approve = f"/_simulator/prompts/{prompt['tid']}/approve"

    assert kpay.http.post(approve).get_json() == {"changed": True}
    assert kpay.http.post(approve).status_code == 409
    kpay.till.tick()

    shown = kpay.http.get("/_simulator/charges?refid=0123456789ABCDEF01").get_json()
    [charge] = shown["charges"]
    assert (charge["outcome"], charge["amount"]) == ("paid", 4200)
    assert [postback["acknowledged"] for postback in charge["postbacks"]] == [True]
    assert shown["asked"] == {"0123456789ABCDEF01": 1}
    assert kpay.http.get("/_simulator/charges?refid=X").get_json()["charges"] == []


def test_the_prompt_time_out_can_be_set_and_a_reset_takes_it_back(kpay: Kpay) -> None:
    kpay.http.post("/_simulator/settings", json={"prompt_seconds": 5})
    kpay.pay()
    kpay.wait(5)
    assert kpay.status()["statusid"] == "02"

    kpay.http.post("/_simulator/reset")

    assert kpay.status()["statusid"] == "611"
    assert kpay.till.pace.prompt_seconds == 60


def test_a_failed_charge_can_turn_out_paid(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]
    assert kpay.http.post(f"/_simulator/charges/{tid}/pay_late").status_code == 409
    kpay.till.decline(tid)

    kpay.http.post(f"/_simulator/charges/{tid}/pay_late")
    kpay.till.tick()

    assert kpay.status()["statusid"] == "01"
    assert [body["statusid"] for _, body in kpay.receiver.heard] == ["02", "01"]


def test_a_card_waits_for_its_page_and_not_for_the_handset(kpay: Kpay) -> None:
    tid = kpay.pay(**CARD)["tid"]
    kpay.wait(120)

    page = kpay.http.get(f"/checkout/{tid}").text

    assert "Pay 4,200 RWF" in page
    assert "Order #123" in page
    assert kpay.till.prompts() == []


@pytest.mark.parametrize(
    "number",
    [
        *("4111 1111 1111 1111", "4444 3333 2222 1111", "4035 5010 0000 0008"),
        *("4988 4388 4388 4305", "4000 1600 0000 0004", "5555 4444 3333 1111"),
        *("2222 4107 4036 0010", "5555 5555 5555 4444", "5101 1800 0000 0007"),
        "2222 4000 6000 0007",
    ],
)
def test_a_test_card_pays_and_brings_the_browser_back(kpay: Kpay, number: str) -> None:
    tid = kpay.pay(**CARD)["tid"]

    answer = kpay.pay_by_card(tid, number=number)
    kpay.till.tick()

    assert (answer.status_code, answer.location) == (303, "https://us.example/thanks")
    assert kpay.status()["statusid"] == "01"
    digits = number.replace(" ", "")
    assert kpay.receiver.heard[0][1]["payaccount"] == f"{digits[:6]}******{digits[-4:]}"


@pytest.mark.parametrize(
    "changes",
    [
        {"number": "4242 4242 4242 4242"},
        {"cvv": "12"},
        {"cvv": "1234"},
        {"expiry": "10/26"},
        {"expiry": "13/30"},
        {"expiry": "soon"},
    ],
)
def test_any_other_card_is_declined(kpay: Kpay, changes: dict[str, str]) -> None:
    tid = kpay.pay(**CARD)["tid"]

    answer = kpay.pay_by_card(tid, **changes)

    assert answer.status_code == 303
    assert kpay.status()["statusmsg"] == "Card declined."


def test_a_card_is_good_to_the_end_of_its_month(kpay: Kpay) -> None:
    kpay.pay_by_card(kpay.pay(**CARD)["tid"], expiry="11/2026")

    assert kpay.status()["statusid"] == "01"


def test_a_card_form_sent_twice_pays_once(kpay: Kpay) -> None:
    tid = kpay.pay(**CARD)["tid"]
    kpay.pay_by_card(tid)

    kpay.pay_by_card(tid, number="4242 4242 4242 4242")
    kpay.till.tick()

    assert kpay.status()["statusid"] == "01"
    assert len(kpay.receiver.heard) == 1


def test_a_magic_number_withholds_a_card_postback_but_does_not_pay(kpay: Kpay) -> None:
    tid = kpay.pay(msisdn="250788000002", **CARD)["tid"]
    kpay.wait(10)
    assert kpay.status()["statusid"] == "03"

    kpay.pay_by_card(tid)
    kpay.till.tick()

    assert kpay.status()["statusid"] == "01"
    assert kpay.receiver.heard == []


def test_a_wallet_payment_has_no_card_form(kpay: Kpay) -> None:
    tid = kpay.pay()["tid"]

    assert "Confirm the payment on your phone" in kpay.http.get(f"/checkout/{tid}").text
    assert kpay.pay_by_card(tid).status_code == 404
    assert kpay.http.get("/checkout/E0").status_code == 404

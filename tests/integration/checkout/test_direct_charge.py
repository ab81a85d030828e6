"""An order that is charged at once: `payment_method` in initialize."""

from typing import Any

import httpx
import pytest

from payments.report import Reason
from plumbing import wiring
from tests.integration.gateway import MTN, ORDER, PREFIX, Gateway, parameters
from tests.integration.races import at_once
from tests.integration.rest_events import Answer

DECLINES, NO_FUNDS = ("0788000003", "0788000004")
SAME = {"Idempotency-Key": "order-12345"}


def charged(gateway: Gateway, headers: dict[str, str] | None = None, **method: object) -> Answer:
    return gateway.initialize({**ORDER, "payment_method": method}, headers=headers)


def test_sends_the_prompt_at_once(gateway: Gateway) -> None:
    answer = charged(gateway, network="Airtel", phone="0738123456")
    told: dict[str, Any] = answer.json
    assert answer.status == 201
    assert told["message"] == "Approve the payment on your phone"
    assert told["data"]["status"] == "pending"
    assert told["data"]["payment_url"].endswith(told["data"]["session_id"])
    (charge,) = gateway.till.charges.made
    assert (charge.msisdn, charge.amount) == ("250738123456", 5000)


def test_what_is_left_out_is_the_customers(gateway: Gateway) -> None:
    charged(gateway)
    (charge,) = gateway.till.charges.made
    assert charge.msisdn == f"25{MTN}"


def test_a_card_is_paid_on_the_providers_page(gateway: Gateway) -> None:
    told = charged(gateway, method="card").json
    assert told["message"] == "Send the customer to authorization_url"
    assert told["data"]["authorization_url"].startswith("https://kpay.example/")


def test_the_payment_is_written_before_anybody_is_asked(gateway: Gateway) -> None:
    gateway.internet.failure = httpx.ReadTimeout("silence")
    answer = charged(gateway)
    session = answer.json["data"]["session_id"]
    assert (answer.status, gateway.attempt(session).status) == (201, "unknown")


def test_a_decline_is_final(gateway: Gateway) -> None:
    session = charged(gateway, phone=DECLINES).json["data"]["session_id"]
    gateway.till.tick()
    assert gateway.verify(session).json["status"] == "failed"


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        ({"retcode": 606, "reply": "NO"}, 422, "PAYMENT_DECLINED"),
        ({"retcode": 603, "reply": "NO"}, 503, "PROVIDER_UNAVAILABLE"),
    ],
    ids=["declined", "refused"],
)
def test_a_no_that_comes_at_once_is_the_answer(
    gateway: Gateway, reply: dict[str, object], status: int, code: str
) -> None:
    gateway.internet.replacement = httpx.Response(200, json=reply)
    first, again = charged(gateway, SAME), charged(gateway, SAME)
    for answer in (first, again):
        assert (answer.status, answer.code) == (status, code)
    assert len(gateway.internet.questions) == 1


def test_the_same_request_charges_once(gateway: Gateway) -> None:
    first, again = (charged(gateway, SAME, phone=MTN) for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json)
    assert len(gateway.till.charges.made) == 1


def test_the_first_answer_is_repeated_though_the_payment_is_over(gateway: Gateway) -> None:
    first = charged(gateway, SAME, phone=DECLINES)
    gateway.till.tick()
    assert charged(gateway, SAME, phone=DECLINES).json == first.json


def test_the_same_request_sent_twice_at_once_charges_once(gateway: Gateway) -> None:
    answers = at_once(2, "dynamodb.TransactWriteItems", lambda _: charged(gateway, SAME, phone=MTN))
    assert [answer.status for answer in answers] == [201, 201]
    assert len(gateway.till.charges.made) == 1


def test_what_stopped_before_the_charge_is_charged_by_its_repeat(gateway: Gateway) -> None:
    asked = {**ORDER, "payment_method": {"phone": MTN}}
    charged(gateway, SAME, phone=MTN)
    (made,) = gateway.till.charges.made
    session = f"CHK-{made.refid[:16]}"
    gateway.undo_attempts(session)
    again = gateway.initialize(asked, headers=SAME)
    assert again.status == 201
    assert gateway.attempt(session).phone == MTN


@pytest.mark.parametrize(
    ("method", "field"),
    [
        ({"phone": "12"}, "payment_method.phone"),
        ({"network": "Tigo"}, "payment_method.network"),
        ({"method": "cash"}, "payment_method.method"),
        ({"method": "bank"}, "payment_method.bank"),
        ({"number": "4111111111111111"}, "payment_method.number"),
        ("card", "payment_method"),
        ([], "payment_method"),
    ],
)
def test_a_bad_method_opens_nothing(gateway: Gateway, method: object, field: str) -> None:
    answer = gateway.initialize({**ORDER, "payment_method": method})
    assert (answer.status, answer.fields) == (422, {field})
    assert gateway.items() == []


def test_a_method_that_nobody_takes_opens_nothing(gateway: Gateway) -> None:
    answer = charged(gateway, method="spenn")
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")
    assert gateway.items() == []


def test_a_provider_without_credentials_opens_nothing(gateway: Gateway) -> None:
    parameters().delete_parameter(
        Name=f"{PREFIX}/providers/kpay/{gateway.shop.merchant.merchant_id}/live"
    )
    wiring.secrets.cache_clear()
    assert charged(gateway).code == "METHOD_UNAVAILABLE"
    assert gateway.items() == []


def test_a_used_tx_ref_charges_nobody(gateway: Gateway) -> None:
    gateway.opened()
    answer = charged(gateway)
    assert (answer.status, answer.code) == (409, "DUPLICATE_REFERENCE")
    assert gateway.till.charges.made == []


def test_in_test_mode_the_magic_numbers_decide(gateway: Gateway) -> None:
    asked = {**ORDER, "payment_method": {"phone": "0780000008"}}
    answer = gateway.initialize(asked, gateway.shop.test)
    assert (answer.status, answer.code) == (422, "PAYMENT_DECLINED")
    assert gateway.items()[0]["attempts"]["01"]["reason"] == Reason.DECLINED

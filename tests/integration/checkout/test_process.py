import json

import httpx
import pytest

from plumbing import wiring
from tests.integration.gateway import MTN, PREFIX, Gateway, parameters
from tests.integration.races import at_once
from tests.integration.rest_events import Answer

# The simulator's magic numbers.
DECLINES, NO_FUNDS, LOST, ERROR_500, REFUSED = (
    f"07880000{n}" for n in ("03", "04", "06", "08", "11")
)


def test_sends_the_prompt_once_and_says_so(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = gateway.process(session, phone=MTN, network="MTN")
    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "message": "Approve the payment on your phone",
        "data": {
            "reference": "ORDER-12345",
            "session_id": session,
            "status": "pending",
            "mode": "live",
        },
    }
    (charge,) = gateway.till.charges.made
    assert (charge.msisdn, charge.amount, charge.currency) == ("250788123456", 5000, "RWF")
    assert charge.refid == f"{session[4:]}01"
    assert charge.returl.startswith(f"https://pay.example/webhooks/kpay/{charge.refid}/")
    assert charge.redirecturl == f"https://pay.example/checkout/{session}?back=1"


def test_an_empty_body_takes_everything_from_the_order(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    attempt = gateway.attempt(session)
    assert (attempt.phone, attempt.network, attempt.payer_name) == (MTN, "MTN", "John Doe")


def test_the_payer_may_be_another_than_the_customer(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(
        session,
        phone="+250 738 123 456",
        network="airtel",
        customer_name="Françoise",
        email="f@example.rw",
    )
    attempt = gateway.attempt(session)
    assert (attempt.phone, attempt.network) == ("0738123456", "Airtel")
    assert (attempt.payer_name, attempt.payer_email) == ("Françoise", "f@example.rw")


def test_a_ported_number_goes_to_the_network_that_the_payer_names(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session, phone=MTN, network="Airtel")
    assert gateway.attempt(session).network == "Airtel"
    assert b'"bankid":"63514"' in gateway.internet.questions[0].content


def test_the_attempt_is_written_before_the_provider_hears_of_it(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.internet.failure = httpx.ReadTimeout("silence")
    gateway.process(session)
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.ref) == ("unknown", f"{session[4:]}01")


def test_a_decline_is_final(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session, phone=DECLINES)
    gateway.till.tick()
    told = gateway.verify(session).json
    assert (told["status"], told["completed"]) == ("failed", True)
    answer = gateway.process(session, phone=MTN)
    assert (answer.status, answer.code) == (409, "PAYMENT_CLOSED")
    assert len(gateway.till.charges.made) == 1


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"reply": "INSUFFICIENT_FUNDS", "retcode": 607}, "INSUFFICIENT_BALANCE"),
        ({"reply": "FAILED", "retcode": "607"}, "PAYMENT_DECLINED"),
        ({"reply": "CANCELLED", "retcode": 609}, "PAYMENT_DECLINED"),
        ({"reply": "FAILED", "retcode": "02"}, "PAYMENT_DECLINED"),
    ],
)
def test_a_decline_in_the_reply_is_told_at_once(
    gateway: Gateway, reply: dict[str, object], code: str
) -> None:
    session = gateway.opened()
    gateway.internet.replacement = httpx.Response(200, json=reply)
    answer = gateway.process(session)
    assert (answer.status, answer.code) == (422, code)
    assert gateway.verify(session).json["status"] == "failed"


def test_a_wallet_without_money_is_found_out_by_the_webhook(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session, phone=NO_FUNDS)
    gateway.till.tick()
    assert gateway.attempt(session).reason == "insufficient_funds"
    assert gateway.verify(session).json["status"] == "failed"


def test_a_provider_that_refuses_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = gateway.process(session, phone=REFUSED)
    assert (answer.status, answer.code) == (503, "PROVIDER_UNAVAILABLE")
    assert gateway.till.charges.made == []
    assert gateway.attempt(session).status == "refused"


def test_a_provider_that_cannot_be_reached_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.internet.failure = httpx.ConnectError("no route")
    answer = gateway.process(session)
    assert (answer.status, answer.code) == (503, "PROVIDER_UNAVAILABLE")
    assert gateway.attempt(session).reason == "unreachable"


@pytest.mark.parametrize("phone", [LOST, ERROR_500])
def test_silence_is_not_a_refusal(gateway: Gateway, phone: str) -> None:
    session = gateway.opened()
    answer = gateway.process(session, phone=phone)
    assert (answer.status, answer.json["data"]["status"]) == (200, "pending")
    assert gateway.attempt(session).status == "unknown"
    assert gateway.process(session).code == "ATTEMPT_IN_PROGRESS"
    assert len(gateway.till.charges.made) == 1


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, text="<html>maintenance</html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, text="x" * 100_000),
        httpx.Response(200, json={"reply": "WHAT", "retcode": 999}),
        httpx.Response(200, json={"reply": "TIMEOUT", "retcode": 608}),
        httpx.Response(502, json={"reply": "FAILED", "retcode": 605}),
        httpx.Response(302, headers={"Location": "https://elsewhere.example"}),
    ],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_open(
    gateway: Gateway, reply: httpx.Response
) -> None:
    session = gateway.opened()
    gateway.internet.replacement = reply
    assert gateway.process(session).status == 200
    assert gateway.payment(session).live_attempt is not None
    assert len(gateway.internet.questions) == 1


def test_a_card_is_paid_on_the_providers_page(gateway: Gateway) -> None:
    session = gateway.opened()
    told = gateway.process(session, method="card").json
    assert told["message"] == "Send the customer to authorization_url"
    tid = gateway.till.charges.made[0].tid
    assert told["data"]["authorization_url"] == f"https://kpay.example/checkout/{tid}"
    assert gateway.attempt(session).phone is None


def test_a_test_payment_is_paid_by_its_magic_number(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    answer = gateway.process(session, phone="0780000000")
    assert answer.json["message"] == "Payment successful!"
    assert answer.json["data"]["status"] == "successful"
    assert gateway.internet.questions == []


@pytest.mark.parametrize(
    ("phone", "status", "code"),
    [
        ("0780000008", 422, "PAYMENT_DECLINED"),
        ("0780000009", 503, "PROVIDER_UNAVAILABLE"),
        ("0730000001", 422, "PAYMENT_DECLINED"),
        ("0790000002", 422, "INSUFFICIENT_BALANCE"),
    ],
)
def test_the_magic_numbers_that_are_not_paid(
    gateway: Gateway, phone: str, status: int, code: str
) -> None:
    session = gateway.opened(gateway.shop.test)
    answer = gateway.process(session, phone=phone)
    assert (answer.status, answer.code) == (status, code)
    assert gateway.verify(session).json["status"] == "failed"


# -------------------------------------------------------------------- no second charge
def test_no_second_attempt_while_one_is_live(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    answer = gateway.process(session, phone="0738123456")
    assert (answer.status, answer.code) == (409, "ATTEMPT_IN_PROGRESS")
    assert len(gateway.till.charges.made) == 1


def test_no_second_attempt_after_success(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000000")
    answer = gateway.process(session, phone="0780000000")
    assert (answer.status, answer.code) == (409, "PAYMENT_CLOSED")
    assert len(gateway.payment(session).attempts) == 1


def test_two_at_once_make_one_charge(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(gateway.opened(tx_ref="warm"), phone="0738123456")
    answers = at_once(2, "dynamodb.UpdateItem", lambda _: gateway.process(session))
    assert sorted(answer.status for answer in answers) == [200, 409]
    assert len(gateway.payment(session).attempts) == 1
    assert gateway.till.charges.asked[f"{session[4:]}01"] == 1


def test_an_expired_payment_is_not_found(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3600)
    answer = gateway.process(session)
    assert (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")
    assert gateway.till.charges.made == []


def test_an_unknown_payment_is_not_found(gateway: Gateway) -> None:
    gateway.opened()
    for session in (
        "CHK-0000000000000000",
        "ORDER-12345",
        "",
        "%00",
        "..%2f",
        "x" * 9000,
        "\ud800",
    ):
        answer = gateway.process(session)
        assert (answer.status, answer.code) == (404, "SESSION_NOT_FOUND"), session


# -------------------------------------------------------------------- what cannot be asked
def test_every_bad_field_is_told_at_once(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = gateway.process(
        session,
        phone="0771234567",
        network="Vodafone",
        customer_name="",
        email="john",
        method="cash",
        card="4111111111111111",
    )
    assert answer.status == 422
    assert answer.fields == {"phone", "network", "customer_name", "email", "method", "card"}
    assert gateway.payment(session).attempts == ()


def test_a_body_that_is_no_json_object_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened()
    bodies: tuple[str | bytes, ...] = ("", "{", "[]", "phone=0788123456", b"\xff", '{"phone": NaN}')
    for body in bodies:
        assert gateway.process_raw(session, body).code == "MALFORMED_BODY", body
    assert gateway.payment(session).attempts == ()


def test_a_method_that_no_provider_of_the_merchant_takes(gateway: Gateway) -> None:
    shop = gateway.enrol("Wallets only", routes={"mobile_money": ("kpay",)})
    session = gateway.opened(shop.live)
    answer = gateway.process(session, method="card")
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")
    assert gateway.payment(session).attempts == ()


@pytest.mark.parametrize("provider", ["elsewhere", "sandbox2", ""])
def test_a_provider_that_does_not_exist_charges_nobody(gateway: Gateway, provider: str) -> None:
    shop = gateway.enrol("Misrouted", routes={"mobile_money": (provider,), "card": ("kpay",)})
    session = gateway.opened(shop.live)
    assert gateway.process(session).code == "METHOD_UNAVAILABLE"
    assert gateway.payment(session).attempts == ()


def test_without_credentials_nobody_is_charged(gateway: Gateway) -> None:
    merchant = gateway.shop.merchant.merchant_id
    parameters().delete_parameter(Name=f"{PREFIX}/providers/kpay/{merchant}/live")
    session = gateway.opened()
    answer = gateway.process(session)
    assert (answer.status, answer.code) == (422, "METHOD_UNAVAILABLE")
    assert gateway.payment(session).attempts == ()


def test_credentials_that_the_provider_refuses_charge_nobody(gateway: Gateway) -> None:
    merchant = gateway.shop.merchant.merchant_id
    parameters().put_parameter(
        Name=f"{PREFIX}/providers/kpay/{merchant}/live",
        Value='{"username":"x","password":"y","api_key":"z","retailer_id":"02"}',
        Type="SecureString",
        Overwrite=True,
    )
    session = gateway.opened()
    assert gateway.process(session).code == "PROVIDER_UNAVAILABLE"
    assert gateway.till.charges.made == []


def test_a_ledger_that_fails_is_told_in_the_documented_shape(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = gateway.opened()
    monkeypatch.setenv("PAYMENTS_TABLE", "Nowhere")
    wiring.forget()
    answer = gateway.process(session)
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")
    assert gateway.till.charges.made == []


def clicked(gateway: Gateway, session: str, phone: str, key: str = "click-1") -> Answer:
    body = json.dumps({"phone": phone})
    return gateway.process_raw(session, body, {"Idempotency-Key": key})


def test_the_same_click_sent_again_charges_once_and_hears_the_same(gateway: Gateway) -> None:
    session = gateway.opened()
    first, again = (clicked(gateway, session, MTN) for _ in range(2))
    assert (first.status, first.json) == (again.status, again.json)
    assert first.status == 200
    assert len(gateway.till.charges.made) == 1


def test_it_hears_the_same_when_the_payment_is_over(gateway: Gateway) -> None:
    session = gateway.opened()
    first = clicked(gateway, session, DECLINES)
    gateway.till.tick()
    assert gateway.verify(session).json["status"] == "failed"
    assert clicked(gateway, session, DECLINES).json == first.json


def test_two_clicks_with_one_key_at_once_charge_once_and_hear_the_same(gateway: Gateway) -> None:
    session = gateway.opened()
    answers = gateway.race(lambda: clicked(gateway, session, MTN))
    assert [answer.status for answer in answers] == [200, 200]
    assert len(gateway.till.charges.made) == 1


def test_another_click_under_a_used_key_is_refused(gateway: Gateway) -> None:
    session = gateway.opened()
    clicked(gateway, session, MTN)
    answer = clicked(gateway, session, "0788999999")
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(gateway.till.charges.made) == 1


def test_a_bad_idempotency_key_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = clicked(gateway, session, MTN, key="two words")
    assert (answer.status, answer.fields) == (422, {"Idempotency-Key"})
    assert gateway.till.charges.made == []

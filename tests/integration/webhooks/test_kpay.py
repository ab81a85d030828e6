import json
from dataclasses import replace

import httpx
import pytest

from infra.local.simulators.faults import Fault
from ledger.payments import QUESTION_PAUSE
from plumbing import wiring
from tests.integration.gateway import Gateway
from tests.integration.histories import declined

NOBODY = "0123456789ABCDEF01"
PAID_BODY = json.dumps(
    {"tid": "E1", "refid": "whatever", "statusid": "01", "statusdesc": "Successfully processed"}
)


def prompted(gateway: Gateway) -> tuple[str, str, str]:
    """A live payment whose prompt is out: session, attempt and the address K-Pay was given."""
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.internet.questions.clear()
    return session, reference, gateway.callback_of(reference)


def test_settles_once_the_status_query_agrees(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    answer = gateway.webhook(address, json.dumps({"tid": "E5", "refid": reference}))
    assert answer.status == 200
    assert answer.json == {"tid": "E5", "refid": reference, "reply": "OK"}
    payment = gateway.payment(session)
    assert (payment.status, payment.paid_at) == ("successful", gateway.clock())
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", "webhook")
    assert attempt.network_ref == gateway.till.charges.made[0].momtransactionid
    (question,) = gateway.internet.questions
    assert json.loads(question.content)["action"] == "checkstatus"


def test_answers_as_the_simulator_of_kpay_expects(gateway: Gateway) -> None:
    _, reference, _ = prompted(gateway)
    gateway.approve(reference)
    gateway.till.tick()
    assert [postback.acknowledged for postback in gateway.till.postbacks] == [True]


def test_a_decline_settles_too_and_tells_why(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    gateway.decline(gateway.attempt(session).ref)
    gateway.till.tick()
    assert gateway.attempt(session).reason == "declined"
    assert gateway.payment(session).status == "failed"


def test_a_forged_body_changes_nothing_while_kpay_says_pending(gateway: Gateway) -> None:
    session, _, address = prompted(gateway)
    before = gateway.payment(session)
    gateway.webhook(address, PAID_BODY)
    assert gateway.payment(session) == before
    assert len(gateway.internet.questions) == 1


@pytest.mark.parametrize(
    "body",
    [
        *("", "{", "[]", "null", "tid=E5&refid=X&statusid=01", "\x00", "[" * 50_000),
        *(b"\xff\xfe\x00", b"{}", PAID_BODY.encode("utf-16"), b'{"tid": {"x": 1}}'),
        *('{"tid": NaN}', "&" * 60, '{"tid": "\\ud800"}', '{"tid": 5, "refid": true}'),
    ],
)
def test_a_body_of_any_kind_only_makes_us_ask(gateway: Gateway, body: str | bytes) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    answer = gateway.webhook(address, body)
    assert (answer.status, answer.json["reply"]) == (200, "OK")
    assert gateway.payment(session).status == "successful"


def test_a_form_is_acknowledged_with_its_own_references(gateway: Gateway) -> None:
    _, reference, address = prompted(gateway)
    body = f"tid=E5&refid={reference}&statusid=01&statusdesc=SUCCESSFUL"
    for sent in (body, body.encode()):
        assert gateway.webhook(address, sent).json == {
            "tid": "E5",
            "refid": reference,
            "reply": "OK",
        }


def test_broken_base64_is_refused_and_asks_nothing(gateway: Gateway) -> None:
    session, _, address = prompted(gateway)
    before = gateway.items()
    for text in ("e30", "é", "{}"):
        answer = gateway.webhook_encoded(address, text)
        assert (answer.status, answer.code) == (400, "MALFORMED_BODY")
    assert gateway.items() == before
    assert gateway.internet.questions == []
    assert gateway.payment(session).live_attempt


def test_a_body_of_two_megabytes_is_refused(gateway: Gateway) -> None:
    _, _, address = prompted(gateway)
    assert gateway.webhook(address, "x" * 2_000_000).code == "BODY_TOO_LARGE"
    assert gateway.internet.questions == []


# -------------------------------------------------------------------- strangers
def test_a_stranger_hears_the_same_whatever_they_name(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    token = address.rsplit("/", 1)[1]
    before = gateway.items()
    answers = [
        gateway.webhook(f"https://pay.example/webhooks/{path}", PAID_BODY)
        for path in (
            f"kpay/{reference}/{token[:-1]}",
            f"kpay/{reference}/{token}x",
            f"kpay/{reference}/{'A' * 22}",
            f"kpay/{reference}/%00",
            f"kpay/{reference[:-2]}02/{token}",
            f"kpay/{reference[:-2]}00/{token}",
            f"kpay/{NOBODY}/{token}",
            f"kpay/{reference.lower()}/{token}",
            f"kpay/%00/{token}",
            f"kpay/{'9' * 5000}/{token}",
            f"kpay/é/{token}é",
        )
    ]
    assert {(answer.status, answer.text) for answer in answers} == {
        (200, '{"tid":"E1","refid":"whatever","reply":"OK"}')
    }
    assert gateway.items() == before
    assert gateway.internet.questions == []
    assert gateway.webhook(address, PAID_BODY).text == answers[0].text
    assert gateway.payment(session).status == "successful"


def test_the_token_of_one_attempt_opens_no_other(gateway: Gateway) -> None:
    _, _, address = prompted(gateway)
    other = gateway.opened(tx_ref="OTHER")
    reference = gateway.paying(other)
    gateway.approve(reference)
    gateway.internet.questions.clear()
    gateway.webhook(f"https://pay.example/webhooks/kpay/{reference}/{address.rsplit('/', 1)[1]}")
    assert gateway.internet.questions == []
    assert gateway.payment(other).live_attempt


def test_another_providers_address_asks_nothing(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    before = gateway.payment(session)
    assert gateway.webhook(address.replace("/kpay/", "/sandbox/")).json == {"reply": "OK"}
    assert gateway.internet.questions == []
    assert gateway.payment(session) == before


# -------------------------------------------------------------------- what K-Pay says
def test_twice_within_two_seconds_asks_once(gateway: Gateway) -> None:
    _, _, address = prompted(gateway)
    gateway.webhook(address)
    gateway.clock.move(1.9)
    gateway.webhook(address)
    assert len(gateway.internet.questions) == 1
    gateway.clock.move(0.1)
    gateway.webhook(address)
    assert len(gateway.internet.questions) == 2


def test_two_at_once_ask_once(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    answers = gateway.race(lambda: gateway.webhook(address))
    assert {answer.status for answer in answers} == {200}
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).status == "successful"


def test_a_settled_payment_is_not_asked_about_again(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    gateway.webhook(address)
    settled = gateway.payment(session)
    gateway.clock.move(60)
    assert gateway.webhook(address).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session) == settled


def test_another_sum_than_ours_is_no_payment_and_a_person_looks(gateway: Gateway) -> None:
    gateway.till.ordered.left[Fault.WRONG_AMOUNT] = 1
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    gateway.webhook(address)
    assert gateway.payment(session).status == "pending"
    attempt = gateway.attempt(session)
    assert attempt.is_live
    assert attempt.needs_review == "the provider states another sum"
    parked = gateway.payment(session)
    gateway.clock.move(5)
    gateway.webhook(address)
    assert gateway.payment(session) == parked


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": 4999},
        {"amount": "5000.01"},
        {"amount": "5000", "currency": "USD"},
        {"currency": "USD"},
        {"amount": "a lot"},
        {"refid": "SOMEBODYELSES00001"},
        {"tid": "ANOTHER"},
        {"statusid": 1.0},
        {"statusid": True},
        {"statusid": "SUCCESSFUL"},
        {"statusid": "03"},
        {"statusid": "999"},
        {"statusid": None},
    ],
)
def test_an_answer_that_does_not_agree_is_no_payment(
    gateway: Gateway, changes: dict[str, object]
) -> None:
    session, reference, address = prompted(gateway)
    said = {"tid": gateway.attempt(session).provider_ref, "refid": reference, "statusid": "01"}
    gateway.internet.replacement = httpx.Response(200, json={**said, **changes})
    assert gateway.webhook(address).status == 200
    assert gateway.payment(session).status == "pending"


def test_an_answer_that_states_our_sum_is_a_payment(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    said = {"refid": reference, "statusid": "01", "amount": "5000.00", "currency": "rwf"}
    gateway.internet.replacement = httpx.Response(200, json=said)
    gateway.webhook(address)
    assert gateway.payment(session).status == "successful"


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("silence"), httpx.ConnectError("down"), None], ids=str
)
def test_a_question_without_an_answer_changes_nothing(
    gateway: Gateway, failure: httpx.TransportError | None
) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    before = gateway.payment(session)
    gateway.internet.failure = failure
    gateway.internet.replacement = httpx.Response(503, text="down")
    assert gateway.webhook(address).status == 200
    assert gateway.payment(session) == before


def test_late_money_lands_after_a_decline(gateway: Gateway) -> None:
    session = declined(gateway)
    assert gateway.payment(session).status == "failed"
    gateway.clock.move(600)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    assert gateway.payment(session).status == "successful"
    assert gateway.attempt(session).status == "paid"


def test_late_money_is_found_also_where_somebody_asked_just_now(gateway: Gateway) -> None:
    """Nobody watches an attempt that ended: a hint that were dropped would be the last of it."""
    session, reference, address = prompted(gateway)
    gateway.decline(reference)
    gateway.webhook(address, PAID_BODY)
    assert gateway.attempt(session).status == "declined"
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    asked_at = gateway.clock()
    assert gateway.webhook(address, PAID_BODY).status == 200
    assert gateway.payment(session).status == "successful"
    assert gateway.clock() - asked_at == QUESTION_PAUSE


def test_a_hint_that_never_gets_its_turn_is_told_to_whoever_operates(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    session, reference, address = prompted(gateway)
    gateway.decline(reference)
    gateway.webhook(address, PAID_BODY)
    gateway.internet.questions.clear()
    # However long it waits, somebody else was quicker.
    monkeypatch.setattr(wiring.outside, "sleep", lambda _: None)
    assert gateway.webhook(address, PAID_BODY).status == 200
    assert gateway.internet.questions == []
    assert gateway.attempt(session).status == "declined"
    assert "was not followed" in caplog.text


def test_no_later_word_takes_a_payment_back(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    gateway.webhook(address)
    settled = gateway.payment(session)
    gateway.clock.move(60)
    gateway.internet.replacement = httpx.Response(200, json={"refid": reference, "statusid": "02"})
    gateway.webhook(address)
    gateway.ask_provider(session, reference)
    assert gateway.payment(session) == settled


def test_a_webhook_that_comes_before_the_reply_is_not_undone_by_it(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000000")
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", "webhook")


def test_a_change_that_comes_between_asking_and_writing_is_not_lost(gateway: Gateway) -> None:
    session, reference, address = prompted(gateway)
    gateway.approve(reference)
    payment = gateway.payment(session)
    rival = replace(payment, version=payment.version + 1, description="changed by a rival")

    def come_between(request: httpx.Request) -> None:
        del request
        gateway.internet.before_answer = None
        gateway.write(rival)

    gateway.internet.before_answer = come_between
    gateway.webhook(address)
    settled = gateway.payment(session)
    assert (settled.status, settled.version) == ("successful", rival.version + 1)


# -------------------------------------------------------------------- cost
def test_a_webhook_that_settles_costs_two_calls_to_aws(gateway: Gateway) -> None:
    _, reference, address = prompted(gateway)
    gateway.approve(reference)
    gateway.aws_calls.clear()
    gateway.webhook(address)
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.UpdateItem"]


def test_a_forged_webhook_costs_one_call_to_aws(gateway: Gateway) -> None:
    _, reference, _ = prompted(gateway)
    gateway.aws_calls.clear()
    gateway.webhook(f"https://pay.example/webhooks/kpay/{reference}/forged")
    assert gateway.aws_calls == ["dynamodb.UpdateItem"]
    gateway.aws_calls.clear()
    gateway.webhook("https://pay.example/webhooks/kpay/none/forged")
    assert gateway.aws_calls == []


def test_a_ledger_that_fails_lets_kpay_tell_us_again(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, address = prompted(gateway)
    monkeypatch.setenv("PAYMENTS_TABLE", "Nowhere")
    wiring.forget()
    answer = gateway.webhook(address)
    assert (answer.status, answer.code) == (500, "INTERNAL_ERROR")

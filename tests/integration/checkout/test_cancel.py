import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from checkout import cancel
from payments import keys
from payments.keys import KeyPair
from payments.mode import Mode
from payments.status import Status
from plumbing import wiring
from tests.integration.gateway import Gateway, key_headers, make_machines
from tests.integration.rest_events import Answer, Headers, Request, call


def cancelling(
    gateway: Gateway,
    reference: str,
    pair: KeyPair | None = None,
    body: str | bytes | None = None,
    headers: Headers | None = None,
) -> Answer:
    """Cancel, with live keys unless told otherwise."""
    request = Request(
        method="POST",
        resource="/api/v1/checkout/{reference}/cancel",
        parameters={"reference": reference},
        headers={**key_headers(pair or gateway.shop.live), **(headers or {})},
        body=body,
    )
    return call(cancel.handler, request)


@contextmanager
def just_before_the_next_change_of_a_payment(act: Callable[[], object]) -> Iterator[None]:
    """Do something between a function's reading and its writing, once."""
    left = [act]

    def interpose(params: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # botocore says more
        if params["TableName"] == "Payments" and left:
            left.pop()()

    events = wiring.dynamodb().meta.events
    events.register("before-parameter-build.dynamodb.UpdateItem", interpose)
    try:
        yield
    finally:
        events.unregister("before-parameter-build.dynamodb.UpdateItem", interpose)
    assert not left


def is_closed(answer: Answer, status: str) -> bool:
    return (answer.status, answer.code) == (409, "PAYMENT_CLOSED") and f"is {status}" in (
        answer.json["message"]
    )


def in_progress(answer: Answer) -> bool:
    return (answer.status, answer.code) == (409, "ATTEMPT_IN_PROGRESS")


def is_not_found(answer: Answer) -> bool:
    return (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")


# -------------------------------------------------------------------- while nobody is paying
def test_a_pending_payment_is_called_off(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(30)
    answer = cancelling(gateway, session)
    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "message": "Payment cancelled",
        "data": {
            "reference": "ORDER-12345",
            "session_id": session,
            "status": "cancelled",
            "amount": 5000,
            "currency": "RWF",
            "mode": "live",
        },
    }
    payment = gateway.payment(session)
    assert (payment.status, payment.version) == ("cancelled", 2)
    assert payment.updated_at == gateway.clock()


def test_the_merchants_own_reference_names_it_too(gateway: Gateway) -> None:
    session = gateway.opened(tx_ref="COMMANDE é+1")
    assert cancelling(gateway, "COMMANDE%20%C3%A9%2B1").status == 200
    assert gateway.payment(session).status == "cancelled"


def test_a_decline_leaves_it_free_to_be_called_off(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.decline(gateway.paying(session))
    gateway.till.tick()
    assert cancelling(gateway, session).status == 200


def test_the_merchant_is_told_once(gateway: Gateway) -> None:
    make_machines()
    session = gateway.opened()
    cancelling(gateway, session)
    cancelling(gateway, session)
    gateway.pump()
    (event,) = gateway.events_of(session)
    assert event["type"] == "payment.cancelled"
    assert json.loads(event["body"])["data"]["status"] == "cancelled"


def test_cancelled_already_is_the_same_answer_and_no_write(gateway: Gateway) -> None:
    session = gateway.opened()
    first = cancelling(gateway, session)
    stands = gateway.payment(session)
    gateway.clock.move(7200)
    gateway.aws_calls.clear()
    again = cancelling(gateway, session)
    assert (again.status, again.text) == (200, first.text)
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.GetItem"]
    assert gateway.payment(session) == stands


def test_cancelling_costs_three_calls_to_aws(gateway: Gateway) -> None:
    cancelling(gateway, gateway.opened(tx_ref="A"))
    gateway.opened()
    gateway.aws_calls.clear()
    assert cancelling(gateway, "ORDER-12345").status == 200
    # The first counts the request.
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.GetItem", "dynamodb.UpdateItem"]


# -------------------------------------------------------------------- when money may move
def test_nothing_is_called_off_while_the_prompt_is_out(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying(session)
    stands = gateway.payment(session)
    assert in_progress(cancelling(gateway, session))
    gateway.clock.move(7200)
    assert in_progress(cancelling(gateway, session))
    assert gateway.payment(session) == stands


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING, Status.CANCELLED}))
def test_what_has_ended_is_not_called_off(gateway: Gateway, status: Status) -> None:
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    paid = gateway.payment(session)
    gateway.write(replace(paid, status=status, version=paid.version + 1))
    stands = gateway.payment(session)
    assert is_closed(cancelling(gateway, session), status)
    assert gateway.payment(session) == stands


def test_what_expired_is_not_called_off(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3600)
    assert is_closed(cancelling(gateway, session), "expired")
    assert gateway.payment(session).version == 1


def test_nobody_can_pay_what_was_called_off(gateway: Gateway) -> None:
    session = gateway.opened()
    cancelling(gateway, session)
    assert is_closed(gateway.process(session), "cancelled")
    assert gateway.pay(session, attempt="1", phone="0788123456").status == 303
    assert gateway.till.charges.made == []
    assert gateway.payment(session).attempts == ()


def test_late_money_lands_all_the_same(gateway: Gateway) -> None:
    make_machines()
    session = gateway.opened()
    gateway.decline(gateway.paying(session))
    gateway.till.tick()
    cancelling(gateway, session)
    gateway.clock.move(600)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    assert gateway.payment(session).status == "successful"
    gateway.pump()
    told = [json.loads(event["body"]) for event in gateway.events_of(session)]
    assert [(t["event"], t["data"]["late"]) for t in told] == [
        ("payment.cancelled", False),
        ("payment.successful", True),
    ]
    assert is_closed(cancelling(gateway, session), "successful")


# -------------------------------------------------------------------- against a click
def test_a_click_that_comes_first_wins(gateway: Gateway) -> None:
    session = gateway.opened()
    with just_before_the_next_change_of_a_payment(lambda: gateway.paying(session)):
        assert in_progress(cancelling(gateway, session))
    assert gateway.payment(session).status == "pending"
    assert len(gateway.till.charges.made) == 1


def test_a_click_that_comes_second_charges_nobody(gateway: Gateway) -> None:
    session = gateway.opened()
    with just_before_the_next_change_of_a_payment(lambda: cancelling(gateway, session)):
        assert is_closed(gateway.process(session), "cancelled")
    assert gateway.payment(session).status == "cancelled"
    assert gateway.till.charges.made == []


def test_two_who_call_it_off_at_once_are_both_told_so(gateway: Gateway) -> None:
    session = gateway.opened()
    answers = []
    with just_before_the_next_change_of_a_payment(
        lambda: answers.append(cancelling(gateway, session))
    ):
        answers.append(cancelling(gateway, session))
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert gateway.payment(session).version == 2


# -------------------------------------------------------------------- the page
def test_the_page_says_so_kindly_and_shows_the_way_back(gateway: Gateway) -> None:
    session = gateway.opened()
    cancelling(gateway, session)
    page = gateway.page(session)
    assert page.status == 200
    assert 'data-state="cancelled"' in page.text
    assert "This payment was cancelled" in page.text
    assert "there is nothing to pay here" in page.text
    back = "https://yoursite.example/payment-callback?reference=ORDER-12345&amp;status=cancelled"
    assert f'href="{back}"' in page.text
    assert "<form" not in page.text
    assert "http-equiv" not in page.text


def test_verify_says_so(gateway: Gateway) -> None:
    session = gateway.opened()
    cancelling(gateway, session)
    told = gateway.verify(session).json
    assert (told["status"], told["completed"], told["success"]) == ("cancelled", True, False)
    assert told["message"] == "Payment cancelled"
    assert told["redirect_url"].endswith("status=cancelled")


# -------------------------------------------------------------------- repeated under one key
def test_a_repeat_under_the_same_key_is_answered_the_same(gateway: Gateway) -> None:
    session = gateway.opened()
    headers = {"Idempotency-Key": "once"}
    first = cancelling(gateway, session, headers=headers)
    again = cancelling(gateway, session, headers=headers, body="{}")
    assert (first.status, again.status, again.text) == (200, 200, first.text)
    assert gateway.payment(session).version == 2


def test_a_key_that_came_with_another_payment_is_refused(gateway: Gateway) -> None:
    one, other = gateway.opened(tx_ref="A"), gateway.opened(tx_ref="B")
    headers = {"Idempotency-Key": '"once"'}
    cancelling(gateway, one, headers=headers)
    answer = cancelling(gateway, other, headers=headers)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert gateway.payment(other).status == "pending"


def test_a_key_that_is_none_is_named(gateway: Gateway) -> None:
    session = gateway.opened()
    for key in ("", "two words", "x" * 256, "é"):
        answer = cancelling(gateway, session, headers={"Idempotency-Key": key})
        assert answer.fields == {"Idempotency-Key"}
    assert gateway.payment(session).status == "pending"


# -------------------------------------------------------------------- bad input
@pytest.mark.parametrize("body", [None, "", "{}", b"{}", " {\n} "])
def test_there_is_nothing_to_say(gateway: Gateway, body: str | bytes | None) -> None:
    assert cancelling(gateway, gateway.opened(), body=body).status == 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        *((body, 400, "MALFORMED_BODY") for body in ("[]", "null", "0", '"{}"', "{", " ", "{}{}")),
        (b"\xff\xfe", 400, "MALFORMED_BODY"),
        ('{"x":' * 40 + "1" + "}" * 40, 400, "MALFORMED_BODY"),
        ('{"reason": "sold out"}', 422, "VALIDATION_ERROR"),
        (json.dumps({"x": "y" * 70_000}), 413, "BODY_TOO_LARGE"),
    ],
)
def test_a_body_that_says_something_is_refused(
    gateway: Gateway, body: str | bytes, status: int, code: str
) -> None:
    session = gateway.opened()
    answer = cancelling(gateway, session, body=body)
    assert (answer.status, answer.code) == (status, code)
    assert gateway.payment(session).status == "pending"


def test_a_field_that_there_is_none_of_is_named(gateway: Gateway) -> None:
    answer = cancelling(gateway, gateway.opened(), body='{"reason": "sold out", "status": 1}')
    assert answer.fields == {"reason", "status"}


def test_a_strangers_payment_is_not_found(gateway: Gateway) -> None:
    session = gateway.opened()
    stranger = gateway.enrol("Stranger").live
    assert is_not_found(cancelling(gateway, session, stranger))
    assert is_not_found(cancelling(gateway, "ORDER-12345", stranger))
    assert gateway.payment(session).status == "pending"


def test_keys_of_one_mode_do_not_reach_the_other(gateway: Gateway) -> None:
    live, test = gateway.opened(), gateway.opened(gateway.shop.test, tx_ref="REHEARSAL")
    for reference in (live, "ORDER-12345"):
        assert is_not_found(cancelling(gateway, reference, gateway.shop.test))
    for reference in (test, "REHEARSAL"):
        assert is_not_found(cancelling(gateway, reference))
    assert gateway.payment(live).status == gateway.payment(test).status == "pending"


def test_a_reference_that_is_none_is_not_found(gateway: Gateway) -> None:
    gateway.opened()
    for reference in ("NOBODY", "CHK-0000000000000000", "", "%00", "..%2f", "x" * 9000, "\ud800"):
        assert is_not_found(cancelling(gateway, reference)), reference


def test_a_reference_that_looks_like_a_strangers_session_is_the_merchants_own(
    gateway: Gateway,
) -> None:
    theirs = gateway.opened(gateway.enrol("Other").live)
    ours = gateway.opened(tx_ref=theirs)
    assert cancelling(gateway, theirs).json["data"]["session_id"] == ours
    assert gateway.payment(theirs).status == "pending"


def test_without_both_keys_nothing_is_called_off(gateway: Gateway) -> None:
    session = gateway.opened()
    shop, stranger = gateway.shop, gateway.enrol("Stranger")
    for public, secret in (
        (None, None),
        (shop.live.public_key, None),
        (None, shop.live.secret_key),
        (shop.live.public_key, stranger.live.secret_key),
        (keys.mint(Mode.LIVE).public_key, shop.live.secret_key),
    ):
        given = {"X-Public-Key": public, "X-Secret-Key": secret}
        headers = {name: [value] if value else [] for name, value in given.items()}
        answer = cancelling(gateway, session, headers=headers)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED")
    gateway.merchants.revoke(shop.live.public_key, gateway.clock())
    assert cancelling(gateway, session).code == "AUTH_FAILED"
    assert gateway.payment(session).status == "pending"

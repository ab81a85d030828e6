import json
from typing import Any

import pytest

from ledger.events import DeliveryState, Event, Try
from payments import keys
from payments.mode import Mode
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status
from plumbing import wiring
from tests.examples import NOW, SOON, attempt
from tests.integration.gateway import ORDER, Gateway, make_machines
from tests.integration.reporting.asking import put, shown
from tests.integration.rest_events import Answer

URL = "https://yoursite.example/api/webhook"


def is_not_found(answer: Answer) -> bool:
    return (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")


def tell(gateway: Gateway, session: str, *tries: Try) -> None:
    """Leave an event beside a payment, as `announce` and `deliver` would."""
    payment = gateway.payment(session)
    event = Event(
        event_id="evt_X_2",
        payment_id=session,
        version=2,
        merchant_id=payment.merchant_id,
        mode=payment.mode,
        type="payment.failed",
        reference=payment.tx_ref,
        body=json.dumps({"signature": "body-canary"}),
        created_at=SOON,
    )
    wiring.events().add(event)
    for one in tries:
        wiring.events().record_try(event, one, DeliveryState.PENDING)


# -------------------------------------------------------------------- what it shows
def test_a_payment_that_was_just_opened(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = shown(gateway, session)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "success": True,
        "message": "The payment as it stands",
        "data": {
            "reference": "ORDER-12345",
            "session_id": session,
            "status": "pending",
            "amount": 5000,
            "currency": "RWF",
            "provider": None,
            "link_id": None,
            "created_at": "2026-11-21T14:30:00Z",
            "expires_at": "2026-11-21T15:30:00Z",
            "paid_at": None,
            "transaction_id": None,
            "mode": "live",
            "customer": ORDER["customer"],
            "description": "Payment for Order #12345",
            "meta": {"cart_id": "cart_123", "user_id": 456},
            "redirect_url": "https://yoursite.example/payment-callback",
            "webhook_url": "https://yoursite.example/api/webhook",
            "version": 1,
            "updated_at": "2026-11-21T14:30:00Z",
            "attempts": [],
            "timeline": [{"at": "2026-11-21T14:30:00Z", "what": "opened"}],
        },
    }


def test_a_payment_without_what_may_be_left_out(gateway: Gateway) -> None:
    left_out = ("description", "meta", "redirect_url", "webhook_url")
    order = {name: value for name, value in ORDER.items() if name not in left_out}
    session = gateway.initialize(order).json["data"]["session_id"]
    told = shown(gateway, session).json["data"]
    assert [told[name] for name in left_out] == [None] * 4


def test_every_attempt_with_all_that_is_known_of_it(gateway: Gateway) -> None:
    refused = attempt(
        status=AttemptStatus.REFUSED,
        reason=Reason.NOT_ENABLED,
        settled_by=SettledBy.REPLY,
        ended_at=SOON,
        falls_over=True,
    )
    paid = attempt(
        2,
        try_number=1,
        provider="vpay",
        network=None,
        phone=None,
        bank="040",
        status=AttemptStatus.PAID,
        settled_by=SettledBy.WEBHOOK,
        provider_ref="E1",
        network_ref="616",
        ended_at=SOON,
        needs_review="why",
    )
    payment = put(gateway, "A", refused, paid, status=Status.SUCCESSFUL, link_id="lnk_abc")
    told = shown(gateway, "A").json["data"]
    assert (told["provider"], told["link_id"]) == ("vpay", "lnk_abc")
    assert told["attempts"] == [
        {
            "attempt_ref": payment.attempts[0].ref,
            "number": 1,
            "try_number": 1,
            "provider": "kpay",
            "method": "mobile_money",
            "network": "MTN",
            "phone": "0788123456",
            "bank": None,
            "status": "refused",
            "reason": "not_enabled",
            "settled_by": "reply",
            "provider_ref": None,
            "network_ref": None,
            "started_at": "2026-11-21T14:30:00Z",
            "ended_at": "2026-11-21T14:30:30Z",
            "needs_review": None,
        },
        {
            "attempt_ref": payment.attempts[1].ref,
            "number": 2,
            "try_number": 1,
            "provider": "vpay",
            "method": "mobile_money",
            "network": None,
            "phone": None,
            "bank": "040",
            "status": "paid",
            "reason": None,
            "settled_by": "webhook",
            "provider_ref": "E1",
            "network_ref": "616",
            "started_at": "2026-11-21T14:30:00Z",
            "ended_at": "2026-11-21T14:30:30Z",
            "needs_review": "why",
        },
    ]


def test_the_whole_story_of_a_payment_through_every_function(gateway: Gateway) -> None:
    make_machines()
    session = gateway.opened()
    gateway.clock.move(5)
    reference = gateway.paying(session)
    gateway.approve(reference)
    gateway.clock.move(9)
    gateway.till.tick()
    gateway.clock.move(1)
    gateway.pump()
    told = shown(gateway, session).json["data"]
    assert (told["status"], told["version"]) == ("successful", gateway.payment(session).version)
    assert told["transaction_id"] == gateway.payment(session).transaction_id
    assert [(h["at"][14:19], h["what"]) for h in told["timeline"]] == [
        ("30:00", "opened"),
        ("30:05", "attempt_started"),
        ("30:14", "attempt_ended"),
        ("30:14", "paid"),
        ("30:15", "event_created"),
    ]
    assert told["attempts"][0]["settled_by"] == "webhook"


def test_events_and_their_deliveries_are_told_in_the_same_read(gateway: Gateway) -> None:
    session = gateway.opened()
    tell(
        gateway,
        session,
        Try(at=SOON, url=URL, milliseconds=5000, error="ReadTimeout"),
        Try(at=SOON, url=URL, milliseconds=12, status_code=200, answer="answer-canary"),
    )
    story: list[dict[str, Any]] = shown(gateway, session).json["data"]["timeline"]
    assert [(h["what"], h.get("status_code"), h.get("error")) for h in story] == [
        ("opened", None, None),
        ("event_created", None, None),
        ("delivery_tried", None, "ReadTimeout"),
        ("delivery_tried", 200, None),
    ]
    assert {h["event_id"] for h in story[1:]} == {"evt_X_2"}


def test_never_tells_what_proves_who_somebody_is(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "key-canary"}
    session = gateway.initialize(headers=headers).json["data"]["session_id"]
    gateway.paying(session)
    tell(gateway, session, Try(at=NOW, url=URL, milliseconds=1, answer="answer-canary"))
    text = shown(gateway, session).text
    payment = gateway.payment(session)
    token = gateway.callback_of(payment.attempts[0].ref).rsplit("/", 1)[1]
    secrets = [token, payment.attempts[0].token_hash, payment.request_hash]
    secrets += [payment.idempotency_hash, gateway.shop.merchant.salt.hex(), "canary", "hash"]
    for secret in secrets:
        assert secret
        assert secret not in text


def test_a_test_card_is_not_repeated(gateway: Gateway) -> None:
    card = "4111111111111111"
    put(gateway, "A", attempt(test_card=card, provider="sandbox"), mode=Mode.TEST)
    assert card not in shown(gateway, "A", gateway.shop.test).text


def test_what_nobody_paid_in_time_is_expired(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3600)
    told = shown(gateway, session).json["data"]
    assert told["status"] == "expired"
    assert told["timeline"][-1] == {"at": "2026-11-21T15:30:00Z", "what": "expired"}


def test_a_merchants_own_object_comes_back_as_it_came(gateway: Gateway) -> None:
    meta = {"shelf": [1, 2.5, None, {"é": "☕"}], "10": 1}
    session = gateway.opened(meta=meta)
    assert shown(gateway, session).json["data"]["meta"] == meta


# -------------------------------------------------------------------- who may ask for what
def test_a_merchant_asks_by_its_own_reference(gateway: Gateway) -> None:
    other = gateway.enrol("Other")
    ours, theirs = gateway.opened(), gateway.opened(other.live)
    assert shown(gateway, "ORDER-12345").json["data"]["session_id"] == ours
    assert shown(gateway, "ORDER-12345", other.live).json["data"]["session_id"] == theirs


def test_a_strangers_payment_is_not_found(gateway: Gateway) -> None:
    session = gateway.opened()
    stranger = gateway.enrol("Stranger").live
    assert is_not_found(shown(gateway, session, stranger))
    assert is_not_found(shown(gateway, "ORDER-12345", stranger))


def test_keys_of_one_mode_do_not_see_the_other(gateway: Gateway) -> None:
    live, test = gateway.opened(), gateway.opened(gateway.shop.test, tx_ref="REHEARSAL")
    for reference in (live, "ORDER-12345"):
        assert is_not_found(shown(gateway, reference, gateway.shop.test))
    for reference in (test, "REHEARSAL"):
        assert is_not_found(shown(gateway, reference))


def test_a_reference_that_looks_like_a_strangers_session_is_the_merchants_own(
    gateway: Gateway,
) -> None:
    theirs = gateway.opened(gateway.enrol("Other").live)
    ours = gateway.opened(tx_ref=theirs)
    assert shown(gateway, theirs).json["data"]["session_id"] == ours


@pytest.mark.parametrize(
    "reference",
    [
        *("NOBODY", "CHK-0000000000000000", "chk-0000000000000000", "", "%", "%00", "A%00B"),
        *("..%2f..", "%2e%2e", "ORDER-12345%0A", "%ED%A0%80", "\ud800", "x" * 51, "x" * 9000),
        *("REPEAT#x", "MERCHANT#mer_abcdefghijkl", "☕" * 51),
    ],
)
def test_a_reference_that_is_none_is_not_found(gateway: Gateway, reference: str) -> None:
    gateway.opened()
    assert is_not_found(shown(gateway, reference))


def test_without_both_keys_nothing_is_told(gateway: Gateway) -> None:
    session = gateway.opened()
    shop, stranger = gateway.shop, gateway.enrol("Stranger")
    for headers in (
        {},
        {"X-Public-Key": shop.live.public_key},
        {"X-Secret-Key": shop.live.secret_key},
        {"X-Public-Key": shop.live.public_key, "X-Secret-Key": stranger.live.secret_key},
        {"X-Public-Key": keys.mint(Mode.LIVE).public_key, "X-Secret-Key": shop.live.secret_key},
    ):
        answer = shown(gateway, session, headers=headers)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED")
        assert "John" not in answer.text
    gateway.merchants.revoke(shop.live.public_key, gateway.clock())
    assert shown(gateway, session).code == "AUTH_FAILED"


def test_a_parameter_that_there_is_none_of_is_named(gateway: Gateway) -> None:
    session = gateway.opened()
    assert shown(gateway, session, query={"expand": "events"}).fields == {"expand"}


# -------------------------------------------------------------------- cost
def test_one_payment_costs_two_calls_to_aws(gateway: Gateway) -> None:
    session = gateway.opened()
    tell(gateway, session, Try(at=SOON, url=URL, milliseconds=12, status_code=200))
    for reference in (session, "ORDER-12345"):
        shown(gateway, reference)
        gateway.aws_calls.clear()
        assert shown(gateway, reference).status == 200
        assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.Query"]

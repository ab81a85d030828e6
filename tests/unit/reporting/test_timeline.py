from datetime import datetime, timedelta
from typing import Any

from ledger.events import DeliveryState, Event, Try
from ledger.whole_payments import WholePayment
from payments.mode import Mode
from payments.payment import Payment
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status
from reporting.timeline import timeline
from tests.examples import ATTEMPT, NOW, PAYMENT, SESSION_ID, attempt, payment

URL = "https://shop.example/webhooks"


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def event(version: int, at: datetime, *tries: Try) -> Event:
    return Event(
        event_id=f"evt_0123456789ABCDEF_{version}",
        payment_id=SESSION_ID,
        version=version,
        merchant_id=PAYMENT.merchant_id,
        mode=Mode.LIVE,
        type="payment.successful",
        reference=PAYMENT.tx_ref,
        body="{}",
        created_at=at,
        state=DeliveryState.PENDING,
        tries=tries,
    )


def told(whole: Payment, *events: Event, now: datetime = NOW) -> list[tuple[str, str]]:
    return [
        (happening["at"][14:19], happening["what"])
        for happening in timeline(WholePayment(whole, events), now)
    ]


def test_what_was_just_opened_has_no_more_of_a_story() -> None:
    assert timeline(WholePayment(PAYMENT, ()), NOW) == [
        {"at": "2026-11-21T14:30:00Z", "what": "opened"}
    ]


def test_everything_is_told_in_order_of_time() -> None:
    first = attempt(status=AttemptStatus.DECLINED, started_at=later(5), ended_at=later(20))
    second = attempt(2, status=AttemptStatus.PAID, started_at=later(30), ended_at=later(45))
    whole = payment(first, second, status=Status.SUCCESSFUL, paid_at=later(45))
    tries = [Try(at=later(50), url=URL, milliseconds=9), Try(at=later(60), url=URL, milliseconds=9)]
    assert told(whole, event(5, later(46), *tries)) == [
        ("30:00", "opened"),
        ("30:05", "attempt_started"),
        ("30:20", "attempt_ended"),
        ("30:30", "attempt_started"),
        ("30:45", "attempt_ended"),
        ("30:45", "paid"),
        ("30:46", "event_created"),
        ("30:50", "delivery_tried"),
        ("31:00", "delivery_tried"),
    ]


def test_in_one_second_causes_come_before_effects() -> None:
    paid = attempt(status=AttemptStatus.PAID, ended_at=NOW)
    whole = payment(paid, status=Status.SUCCESSFUL, paid_at=NOW)
    happened = told(whole, event(2, NOW, Try(at=NOW, url=URL, milliseconds=9)))
    assert [what for _, what in happened] == [
        *("opened", "attempt_started", "attempt_ended", "paid"),
        *("event_created", "delivery_tried"),
    ]


def test_an_older_tries_news_does_not_come_after_a_younger_event() -> None:
    first = event(2, NOW, Try(at=later(300), url=URL, milliseconds=9))
    assert told(PAYMENT, first, event(4, later(10)))[-1] == ("35:00", "delivery_tried")


def test_each_happening_says_what_it_is_about() -> None:
    ended = attempt(
        status=AttemptStatus.DECLINED,
        ended_at=later(9),
        reason=Reason.INSUFFICIENT_FUNDS,
        settled_by=SettledBy.WEBHOOK,
    )
    paid = payment(ended, paid_at=later(10), transaction_id="PAY-LIVE-X", status=Status.SUCCESSFUL)
    tries = (
        Try(at=later(12), url=URL, milliseconds=5000, error="ReadTimeout"),
        Try(at=later(13), url=URL, milliseconds=80, status_code=204, answer="secret words"),
    )
    facts: list[Any] = timeline(WholePayment(paid, (event(3, later(11), *tries),)), NOW)
    assert facts[1:] == [
        {
            "at": "2026-11-21T14:30:00Z",
            "what": "attempt_started",
            "attempt_ref": ATTEMPT.ref,
            "provider": "kpay",
            "method": "mobile_money",
        },
        {
            "at": "2026-11-21T14:30:09Z",
            "what": "attempt_ended",
            "attempt_ref": ATTEMPT.ref,
            "status": "declined",
            "reason": "insufficient_funds",
            "settled_by": "webhook",
        },
        {"at": "2026-11-21T14:30:10Z", "what": "paid", "transaction_id": "PAY-LIVE-X"},
        {
            "at": "2026-11-21T14:30:11Z",
            "what": "event_created",
            "event_id": "evt_0123456789ABCDEF_3",
            "type": "payment.successful",
        },
        {
            "at": "2026-11-21T14:30:12Z",
            "what": "delivery_tried",
            "event_id": "evt_0123456789ABCDEF_3",
            "status_code": None,
            "error": "ReadTimeout",
        },
        {
            "at": "2026-11-21T14:30:13Z",
            "what": "delivery_tried",
            "event_id": "evt_0123456789ABCDEF_3",
            "status_code": 204,
            "error": None,
        },
    ]


def test_what_expired_is_told_once_the_clock_says_so() -> None:
    expiry = PAYMENT.expires_at
    assert told(PAYMENT, now=expiry - timedelta(seconds=1)) == [("30:00", "opened")]
    assert told(PAYMENT, now=expiry) == [("30:00", "opened"), ("30:00", "expired")]
    assert ("30:00", "expired") not in told(payment(ATTEMPT), now=expiry)

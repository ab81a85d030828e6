from datetime import datetime, timedelta
from typing import Any

import pytest

from ledger.events import DeliveryState, Event, Try
from payments.event_types import EventType
from payments.mode import Mode
from payments.payment import Attempt, Owed, Payment
from payments.references import event_id
from payments.status import AttemptStatus, SettledBy, Status
from settlement.next_look import (
    ASKED_FOR,
    given_up_at,
    is_asked_about,
    is_asked_again,
    is_left_to_a_person,
    is_underway,
    is_untold,
    next_look,
)
from tests.examples import NOW, SESSION_ID, attempt, payment

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NEWS = Owed(2, EventType.FAILED, NOW)
URL = "https://shop.example/webhooks"


def event(state: DeliveryState = DeliveryState.PENDING, **facts: Any) -> Event:  # noqa: ANN401  # any fact of an event
    """The event of NEWS."""
    told: dict[str, Any] = {"created_at": NOW + MINUTE, "state": state}
    return Event(
        event_id=event_id(SESSION_ID, 2),
        payment_id=SESSION_ID,
        version=2,
        merchant_id="mer_abcdefghijkl",
        mode=Mode.LIVE,
        type=NEWS.type,
        reference="ORDER-1",
        body="{}",
        **(told | facts),
    )


def tried(at: datetime) -> Try:
    return Try(at=at, url=URL, milliseconds=12, status_code=503)


LIVE = attempt(status=AttemptStatus.ACCEPTED)
DECLINED = attempt(status=AttemptStatus.DECLINED, settled_by=SettledBy.REPLY)
REFUSED_AT_ONCE = attempt(status=AttemptStatus.REFUSED, settled_by=SettledBy.REPLY)
NEVER_ARRIVED = attempt(status=AttemptStatus.REFUSED, settled_by=SettledBy.POLLING)
PAID = attempt(status=AttemptStatus.PAID, settled_by=SettledBy.WEBHOOK)
OVER = {"status": Status.FAILED}


@pytest.mark.parametrize(
    ("of", "events", "now", "expected"),
    [
        # What nobody tries to pay expires.
        (payment(), (), NOW, HOUR),
        (payment(), (), NOW + HOUR, None),
        # What is open has a watch, and is then asked about for a week.
        (payment(LIVE), (), NOW, 10 * MINUTE),
        (payment(LIVE), (), NOW + 10 * MINUTE, HOUR),
        (payment(LIVE), (), NOW + HOUR, 6 * HOUR),
        (payment(LIVE), (), NOW + 6 * HOUR, 25 * HOUR),
        (payment(LIVE), (), NOW + 25 * HOUR, 49 * HOUR),
        (payment(LIVE), (), NOW + 30 * HOUR, 49 * HOUR),
        (payment(LIVE), (), NOW + 168 * HOUR, 169 * HOUR),
        (payment(LIVE), (), NOW + 169 * HOUR, None),
        (payment(LIVE), (), NOW + 30 * DAY, None),
        # What ended without money is asked about once more, what was refused at once never.
        (payment(DECLINED), (), NOW, HOUR),
        (payment(DECLINED), (), NOW + HOUR, 25 * HOUR),
        (payment(DECLINED, **OVER), (), NOW, 25 * HOUR),
        (payment(DECLINED, **OVER), (), NOW + 25 * HOUR, None),
        (payment(NEVER_ARRIVED, **OVER), (), NOW, 25 * HOUR),
        (payment(REFUSED_AT_ONCE, **OVER), (), NOW, None),
        (payment(PAID, status=Status.SUCCESSFUL), (), NOW, None),
        (
            payment(DECLINED, attempt(2, status=AttemptStatus.PAID), status=Status.SUCCESSFUL),
            (),
            NOW,
            25 * HOUR,
        ),
        # What the merchant is owed is told.
        (payment(owed=(NEWS,), **OVER), (), NOW, 10 * MINUTE),
        (payment(owed=(NEWS,), **OVER), (event(),), NOW, 11 * MINUTE),
        (payment(owed=(NEWS,), **OVER), (event(),), NOW + 11 * MINUTE, 4 * DAY + MINUTE),
        (payment(owed=(NEWS,), **OVER), (event(),), NOW + 5 * DAY, None),
        (
            payment(owed=(NEWS,), **OVER),
            (event(tries=(tried(NOW + 3 * DAY),)),),
            NOW + 3 * DAY,
            4 * DAY + 6 * HOUR,
        ),
        (
            payment(owed=(NEWS,), **OVER),
            (event(resends=1, resent_at=NOW + 9 * DAY),),
            NOW + 9 * DAY,
            9 * DAY + 10 * MINUTE,
        ),
        *(
            (payment(owed=(NEWS,), **OVER), (event(state),), NOW, None)
            for state in DeliveryState
            if state is not DeliveryState.PENDING
        ),
    ],
)
def test_a_payment_is_looked_at_when_something_falls_due(
    of: Payment, events: tuple[Event, ...], now: datetime, expected: timedelta | None
) -> None:
    assert next_look(of, events, now) == (None if expected is None else NOW + expected)


@pytest.mark.parametrize(
    ("one", "looked_at", "now", "asked"),
    [
        (LIVE, None, NOW + HOUR - MINUTE, False),
        (LIVE, None, NOW + HOUR, True),
        (LIVE, NOW + HOUR, NOW + 6 * HOUR, True),
        (LIVE, None, NOW + 25 * HOUR, True),
        (LIVE, NOW + 25 * HOUR, NOW + 49 * HOUR, True),
        (LIVE, None, NOW + 9 * DAY, True),
        (attempt(needs_review="why"), NOW + 7 * DAY, NOW + ASKED_FOR, True),
        (attempt(needs_review="why"), NOW + 7 * DAY, NOW + ASKED_FOR + MINUTE, False),
        (DECLINED, None, NOW + 25 * HOUR - MINUTE, False),
        (DECLINED, None, NOW + 25 * HOUR, True),
        (DECLINED, NOW + HOUR, NOW + 25 * HOUR, True),
        (DECLINED, NOW + 25 * HOUR, NOW + 4 * DAY, False),
        (REFUSED_AT_ONCE, None, NOW + 25 * HOUR, False),
        (PAID, None, NOW + 25 * HOUR, False),
    ],
)
def test_a_provider_is_asked_when_the_watch_may_have_died_and_after_a_day(
    one: Attempt, looked_at: datetime | None, now: datetime, *, asked: bool
) -> None:
    assert is_asked_about(one, looked_at, now) is asked


@pytest.mark.parametrize(
    ("one", "after", "is_left"),
    [
        (LIVE, 25 * HOUR - MINUTE, False),
        (LIVE, 25 * HOUR, True),
        (DECLINED, 25 * HOUR, False),
    ],
)
def test_a_person_is_called_after_a_day(one: Attempt, after: timedelta, *, is_left: bool) -> None:
    assert is_left_to_a_person(one, NOW + after) is is_left


def test_a_question_without_an_answer_is_asked_again_for_a_week() -> None:
    assert is_asked_again(DECLINED, NOW + 7 * DAY)
    assert not is_asked_again(DECLINED, NOW + 7 * DAY + MINUTE)


def test_news_is_untold_when_the_stream_had_its_time() -> None:
    assert not is_untold(NEWS, (), NOW + 10 * MINUTE - timedelta(seconds=1))
    assert is_untold(NEWS, (), NOW + 10 * MINUTE)
    assert not is_untold(NEWS, (event(),), NOW + 10 * MINUTE)


def test_news_is_not_told_again_when_its_event_may_have_been_forgotten() -> None:
    assert is_untold(NEWS, (), NOW + 30 * DAY - MINUTE)
    assert not is_untold(NEWS, (), NOW + 30 * DAY)


def test_a_delivery_is_underway_until_it_ends() -> None:
    assert is_underway(event(), NOW + 11 * MINUTE)
    assert not is_underway(event(), NOW + 10 * MINUTE)
    assert not is_underway(event(DeliveryState.DELIVERED), NOW + 11 * MINUTE)


def test_a_delivery_that_an_endpoint_puts_off_is_not_given_up() -> None:
    assert given_up_at(event()) == NOW + MINUTE + 4 * DAY
    early, late = (event(tries=(tried(NOW + days * DAY),)) for days in (1, 4))
    assert given_up_at(early) == NOW + MINUTE + 4 * DAY
    assert given_up_at(late) == NOW + 4 * DAY + 30 * HOUR

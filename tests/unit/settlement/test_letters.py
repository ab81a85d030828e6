import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from payments.event_types import EventType
from payments.payment import Owed, Payment
from payments.report import Reason
from payments.status import AttemptStatus, Status
from settlement.letters import event_of
from settlement.news import owed_now, with_news
from settlement.transitions import ALLOWED
from tests.examples import NOW, attempt, payment

LATER = NOW + timedelta(hours=1)
MOVES = [(before, after) for before, ways in ALLOWED.items() for after in ways]
GIVEN_UP = {
    Status.FAILED: EventType.FAILED,
    Status.CANCELLED: EventType.CANCELLED,
    Status.EXPIRED: EventType.EXPIRED,
}


def told(of: Payment) -> dict[str, Any]:
    """The letter about what this version brought."""
    owed = owed_now(of)
    assert owed is not None
    return letter(of, owed)


def letter(of: Payment, owed: Owed) -> dict[str, Any]:
    """The letter about a news; its event bears the same type and version."""
    event = event_of(of, owed, LATER)
    body: dict[str, Any] = json.loads(event.body)
    assert (event.type, event.version) == (body["event"], body["data"]["version"])
    assert event.event_id.endswith(f"_{event.version}")
    assert (event.created_at, event.reference) == (LATER, "ORDER-1")
    return body


@pytest.mark.parametrize(("before", "after"), sorted(MOVES))
def test_every_allowed_move_is_an_event_of_its_own_type(before: Status, after: Status) -> None:
    changed = with_news(payment(status=before, version=4), payment(status=after, version=5))
    body = told(changed)
    assert (body["event"], body["data"]["status"]) == (f"payment.{after}", after)
    assert body["data"]["version"] == 5


def test_every_type_but_the_rehearsal_comes_of_a_payment() -> None:
    of_moves = {EventType(f"payment.{after}") for _, after in MOVES}
    assert of_moves | {EventType.DUPLICATE_CHARGE, EventType.TEST} == set(EventType)


@pytest.mark.parametrize("before", GIVEN_UP)
def test_money_for_what_was_given_up_is_late(before: Status) -> None:
    assert is_late(before, GIVEN_UP[before])


def test_money_that_was_waited_for_or_given_back_is_not_late() -> None:
    assert not is_late(Status.PENDING)
    assert not is_late(Status.DISPUTED, EventType.FAILED, EventType.SUCCESSFUL, EventType.DISPUTED)


def is_late(before: Status, *news: EventType) -> bool:
    owed = tuple(Owed(number, kind, NOW) for number, kind in enumerate(news, 2))
    start = payment(status=before, version=9, owed=owed)
    paid = with_news(start, replace(start, status=Status.SUCCESSFUL, version=10))
    late: bool = told(paid)["data"]["late"]
    return late


def test_a_second_paid_attempt_is_a_duplicate_charge_and_bears_its_version() -> None:
    paid = attempt(status=AttemptStatus.PAID)
    before = payment(paid, attempt(2), status=Status.SUCCESSFUL, version=3)
    second = attempt(2, status=AttemptStatus.PAID)
    after = payment(paid, second, status=Status.SUCCESSFUL, version=4)
    body = told(with_news(before, after))
    assert (body["event"], body["data"]["version"]) == (EventType.DUPLICATE_CHARGE, 4)
    assert body["data"]["status"] == Status.SUCCESSFUL


def test_what_changes_no_status_is_no_news() -> None:
    live = payment(attempt(), version=2)
    assert with_news(live, payment(attempt(needs_review="why"), version=3)).owed == ()


def test_news_that_is_told_at_once_says_when_it_happened() -> None:
    failed = with_news(payment(), payment(status=Status.FAILED, version=2))
    assert told(failed)["timestamp"] == "2026-11-21T14:30:00Z"


# -------------------------------------------------------------------- told when it has moved on
FAILED_AT = NOW + timedelta(minutes=5)
PAID_AT = NOW + timedelta(days=1)
FAILED = Owed(5, EventType.FAILED, FAILED_AT)
PAID = Owed(6, EventType.SUCCESSFUL, PAID_AT)
TWICE = Owed(7, EventType.DUPLICATE_CHARGE, PAID_AT + timedelta(hours=1))
MOVED_ON = payment(
    attempt(status=AttemptStatus.PAID, ended_at=PAID_AT, provider_ref="E1"),
    attempt(
        2,
        status=AttemptStatus.DECLINED,
        started_at=NOW + timedelta(minutes=2),
        ended_at=FAILED_AT,
        reason=Reason.INSUFFICIENT_FUNDS,
        provider_ref="E2",
    ),
    attempt(
        3,
        status=AttemptStatus.PAID,
        started_at=PAID_AT + timedelta(minutes=1),
        ended_at=TWICE.at,
        provider_ref="E3",
    ),
    status=Status.REFUNDED,
    version=9,
    paid_at=PAID_AT,
    transaction_id="PAY-LIVE-XXXXXXXX-20261122143000",
    owed=(FAILED, PAID, TWICE, Owed(9, EventType.REFUNDED, TWICE.at)),
)


def test_a_failure_told_after_late_money_speaks_of_no_money() -> None:
    data = letter(MOVED_ON, FAILED)["data"]
    assert (data["status"], data["version"], data["late"]) == ("failed", 5, False)
    assert (data["paid_at"], data["transaction_id"]) == (None, None)
    assert (data["paypack_reference"], data["reason"]) == ("E2", "insufficient_funds")


def test_late_money_told_after_it_was_given_back_is_still_late_money() -> None:
    body = letter(MOVED_ON, PAID)
    assert body["timestamp"] == "2026-11-22T14:30:00Z"
    data = body["data"]
    assert (data["status"], data["version"], data["late"]) == ("successful", 6, True)
    assert data["paid_at"] == "2026-11-22T14:30:00Z"
    assert data["transaction_id"] == MOVED_ON.transaction_id
    assert (data["paypack_reference"], data["reason"]) == ("E1", None)


def test_a_second_charge_told_later_bears_the_status_of_its_time() -> None:
    data = letter(MOVED_ON, TWICE)["data"]
    assert (data["status"], data["version"], data["late"]) == ("successful", 7, False)


def test_whoever_tells_it_later_tells_the_same() -> None:
    before = payment(attempt(), version=2)
    failed = attempt(status=AttemptStatus.DECLINED, ended_at=LATER, reason=Reason.DECLINED)
    at_once = with_news(before, payment(failed, status=Status.FAILED, version=3, updated_at=LATER))
    owed = owed_now(at_once)
    assert owed is not None
    touched = replace(at_once, version=4)
    assert letter(touched, owed) == letter(at_once, owed)

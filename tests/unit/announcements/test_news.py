import json
from datetime import timedelta

import pytest

from announcements.event_types import EventType
from announcements.news import event_of
from payments.status import AttemptStatus, Status
from settlement.transitions import ALLOWED
from tests.examples import NOW, attempt, payment

MOVES = [(before, after) for before, ways in ALLOWED.items() for after in ways]


@pytest.mark.parametrize(("before", "after"), sorted(MOVES))
def test_every_allowed_move_is_an_event_of_its_own_type(before: Status, after: Status) -> None:
    told = event_of(payment(status=before, version=4), payment(status=after, version=5), NOW)
    assert told is not None
    assert told.type == f"payment.{after}"
    assert told.type in set(EventType)
    assert told.reference == "ORDER-1"
    body = json.loads(told.body)
    assert (body["event"], body["data"]["status"]) == (told.type, after)
    assert body["data"]["version"] == told.version == 5
    assert told.event_id.endswith("_5")


def test_every_type_but_the_rehearsal_comes_of_a_payment() -> None:
    of_moves = {EventType(f"payment.{after}") for _, after in MOVES}
    assert of_moves | {EventType.DUPLICATE_CHARGE, EventType.TEST} == set(EventType)


@pytest.mark.parametrize("before", [Status.FAILED, Status.CANCELLED, Status.EXPIRED])
def test_money_for_what_was_given_up_is_late(before: Status) -> None:
    assert is_late(before)


@pytest.mark.parametrize("before", [Status.PENDING, Status.DISPUTED])
def test_money_that_was_waited_for_or_given_back_is_not_late(before: Status) -> None:
    assert not is_late(before)


def is_late(before: Status) -> bool:
    told = event_of(payment(status=before), payment(status=Status.SUCCESSFUL, version=2), NOW)
    assert told is not None
    late: bool = json.loads(told.body)["data"]["late"]
    return late


def test_a_second_paid_attempt_is_a_duplicate_charge_and_bears_its_version() -> None:
    paid = attempt(status=AttemptStatus.PAID)
    second = attempt(2, status=AttemptStatus.PAID)
    before = payment(paid, attempt(2), status=Status.SUCCESSFUL, version=3)
    after = payment(paid, second, status=Status.SUCCESSFUL, version=4)
    told = event_of(before, after, NOW + timedelta(hours=1))
    assert told is not None
    assert told.type == EventType.DUPLICATE_CHARGE
    assert json.loads(told.body)["data"]["version"] == 4


def test_what_changes_no_status_is_no_event() -> None:
    live = payment(attempt(), version=2)
    assert event_of(live, payment(attempt(needs_review="why"), version=3), NOW) is None

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from plumbing import wiring
from tests.integration.gateway import Gateway, machine_arn


def settled(gateway: Gateway) -> str:
    """A live payment that was paid; the stream has its attempt and its success."""
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    return session


@pytest.fixture
def woken(gateway: Gateway) -> Iterator[list[str]]:
    """The task tokens that were sent a success; moto knows no tokens."""
    assert gateway.items() == []
    tokens: list[str] = []

    def note(params: dict[str, Any], **_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        tokens.append(params["taskToken"])

    hooks = wiring.step_functions().meta.events
    hooks.register("provide-client-params.stepfunctions.SendTaskSuccess", note)
    yield tokens
    hooks.unregister("provide-client-params.stepfunctions.SendTaskSuccess", note)


# -------------------------------------------------------------------- the watch
def test_a_new_attempt_is_watched_under_its_own_name(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.pump()
    assert gateway.executions("Watch") == {reference: {"payment_id": session, "attempt": reference}}
    assert gateway.executions("Deliver") == {}


def test_a_payment_that_was_only_opened_concerns_nobody(gateway: Gateway) -> None:
    gateway.opened()
    assert gateway.changes() == []


def test_every_attempt_gets_a_watch_of_its_own(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    first = gateway.paying(session, "0780000001")
    gateway.clock.move(5)
    second = gateway.paying(session, "0780000003", 2)
    gateway.pump()
    assert set(gateway.executions("Watch")) == {first, second}


def test_no_personal_data_goes_into_an_execution(gateway: Gateway) -> None:
    settled(gateway)
    gateway.pump()
    text = json.dumps([gateway.executions("Watch"), gateway.executions("Deliver")])
    assert not any(word in text for word in ("John", "example", "788123456"))


# -------------------------------------------------------------------- waking
def test_a_settled_attempt_wakes_whoever_sleeps_on_it(gateway: Gateway, woken: list[str]) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.fall_asleep(session, "token-of-the-watch")
    gateway.pump()
    assert woken == []
    gateway.approve(reference)
    gateway.till.tick()
    gateway.pump()
    assert woken == ["token-of-the-watch"]
    assert "task_token" not in gateway.items()[0]


def test_a_decline_that_leaves_room_wakes_the_watch_as_well(
    gateway: Gateway, woken: list[str]
) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.fall_asleep(session, "token-of-the-watch")
    gateway.decline(reference)
    gateway.till.tick()
    gateway.pump()
    assert woken == ["token-of-the-watch"]
    assert gateway.executions("Deliver") == {}


def test_a_settled_attempt_that_nobody_slept_on_wakes_nobody(
    gateway: Gateway, woken: list[str]
) -> None:
    settled(gateway)
    gateway.pump()
    assert woken == []


def test_late_money_of_one_try_does_not_wake_the_watch_of_the_next(
    gateway: Gateway, woken: list[str]
) -> None:
    session = gateway.opened()
    gateway.decline(gateway.paying(session))
    gateway.till.tick()
    gateway.clock.move(5)
    gateway.paying(session, number=2)
    gateway.fall_asleep(session, "token-of-the-second")
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    gateway.pump()
    assert gateway.payment(session).status == "successful"
    assert woken == []


# -------------------------------------------------------------------- the event
def test_a_success_becomes_one_event_and_starts_one_delivery(gateway: Gateway) -> None:
    session = settled(gateway)
    gateway.pump()
    (event,) = gateway.events_of(session)
    version = gateway.payment(session).version
    assert event["event_id"] == f"evt_{session[4:]}_{version}"
    assert (event["type"], event["state"], event["tries"]) == ("payment.successful", "pending", [])
    assert gateway.executions("Deliver") == {
        event["event_id"]: {"payment_id": session, "version": version, "round": 0}
    }


def test_the_events_body_is_the_documented_one(gateway: Gateway) -> None:
    session = settled(gateway)
    gateway.pump()
    payment = gateway.payment(session)
    told = json.loads(gateway.events_of(session)[0]["body"])
    assert (told["event"], told["timestamp"]) == ("payment.successful", "2026-11-21T14:30:00Z")
    documented = {
        "reference": "ORDER-12345",
        "amount": 5000,
        "currency": "RWF",
        "status": "successful",
        "customer": {"name": "John Doe", "email": "john@example.com", "phone": "0788123456"},
        "paid_at": "2026-11-21T14:30:00Z",
        "transaction_id": payment.transaction_id,
        "paypack_reference": payment.attempts[0].provider_ref,
        "mode": "live",
    }
    added = {
        "session_id": session,
        "provider": "kpay",
        "reason": None,
        "meta": {"cart_id": "cart_123", "user_id": 456},
        "version": payment.version,
        "late": False,
    }
    assert told["data"] == documented | added


def test_a_failure_is_told_with_its_reason(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session, phone="0788000004")
    gateway.till.tick()
    gateway.pump()
    (event,) = gateway.events_of(session)
    assert event["type"] == "payment.failed"
    told = json.loads(event["body"])["data"]
    assert (told["status"], told["reason"]) == ("failed", "insufficient_funds")
    assert told["transaction_id"] is None


def test_a_merchant_hears_one_ending_and_not_every_try(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    for number in (1, 2, 3):
        gateway.paying(session, "0780000001", number)
        gateway.clock.move(5)
    gateway.paying(session, "0780000000", 4)
    gateway.pump()
    assert [event["type"] for event in gateway.events_of(session)] == ["payment.successful"]


def test_going_back_to_the_shop_is_told(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, leave="1")
    gateway.pump()
    assert [event["type"] for event in gateway.events_of(session)] == ["payment.failed"]


def test_late_money_is_told_as_late(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.process(session)
    gateway.decline(gateway.attempt(session).ref)
    gateway.till.tick()
    gateway.clock.move(60)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    gateway.pump()
    told = [json.loads(event["body"]) for event in gateway.events_of(session)]
    assert [(t["event"], t["data"]["late"]) for t in told] == [
        ("payment.failed", False),
        ("payment.successful", True),
    ]
    assert len(gateway.executions("Deliver")) == 2


def test_a_second_paid_attempt_is_told_as_a_duplicate_charge(gateway: Gateway) -> None:
    session = gateway.opened()
    first = gateway.paying(session)
    gateway.decline(first)
    gateway.till.tick()
    gateway.clock.move(5)
    gateway.approve(gateway.paying(session, number=2))
    gateway.till.tick()
    receipt = gateway.payment(session).transaction_id
    gateway.clock.move(5)
    gateway.till.pay_late(gateway.till.charges.made[0].tid)
    gateway.till.tick()
    gateway.pump()
    assert [event["type"] for event in gateway.events_of(session)] == [
        *("payment.successful", "payment.duplicate_charge"),
    ]
    assert gateway.payment(session).transaction_id == receipt


# -------------------------------------------------------------------- once more
def test_the_same_changes_again_change_nothing(gateway: Gateway, woken: list[str]) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.fall_asleep(session, "token-of-the-watch")
    gateway.approve(reference)
    gateway.till.tick()
    changes = gateway.changes()
    assert gateway.announce(changes) == []
    once = (gateway.items(), gateway.executions("Watch"), gateway.executions("Deliver"))
    gateway.clock.move(3600)
    for again in (changes, changes[::-1], changes[-1:]):
        assert gateway.announce(again) == []
    assert once == (gateway.items(), gateway.executions("Watch"), gateway.executions("Deliver"))
    assert set(woken) == {"token-of-the-watch"}


def test_an_event_in_delivery_is_not_set_back_by_a_repeated_change(gateway: Gateway) -> None:
    session = settled(gateway)
    changes = gateway.changes()
    gateway.announce(changes)
    gateway.mark_delivered(session)
    gateway.announce(changes)
    assert gateway.events_of(session)[0]["state"] == "delivered"


def test_a_poisoned_change_holds_back_none_of_the_others(gateway: Gateway) -> None:
    sessions = [gateway.opened(tx_ref=f"ORDER-{number}") for number in range(3)]
    references = [gateway.paying(session) for session in sessions]
    records = gateway.changes()
    poisoned = copy.deepcopy(records[1])
    poisoned["dynamodb"]["NewImage"]["status"] = {"S": "no such status"}
    failed = gateway.announce([records[0], poisoned, records[2]])
    assert failed == [records[1]["dynamodb"]["SequenceNumber"]]
    assert set(gateway.executions("Watch")) == {references[0], references[2]}
    assert gateway.announce(records[1:]) == []
    assert set(gateway.executions("Watch")) == set(references)


def test_a_machine_that_cannot_be_started_keeps_its_change_in_the_stream(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = settled(gateway)
    changes = gateway.changes()
    monkeypatch.setenv("DELIVER_MACHINE_ARN", machine_arn("Nowhere"))
    wiring.forget()
    assert gateway.announce(changes) == [changes[-1]["dynamodb"]["SequenceNumber"]]
    monkeypatch.setenv("DELIVER_MACHINE_ARN", machine_arn("Deliver"))
    wiring.forget()
    assert gateway.announce(changes) == []
    assert len(gateway.events_of(session)) == len(gateway.executions("Deliver")) == 1

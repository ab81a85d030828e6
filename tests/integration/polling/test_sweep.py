import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from announcements.sample import sample_event
from ledger.attributes import to_item
from ledger.checks import Due
from ledger.events import DeliveryState, Event, Try
from ledger.events import key as event_key
from ledger.payments import News, key
from payments.clock import iso
from payments.status import SettledBy
from plumbing import wiring
from polling.look import look
from tests.integration.gateway import Gateway, key_of
from tests.integration.histories import declined, lost, paid
from tests.integration.internet import NOW
from tests.integration.polling.sweeping import (
    DAY,
    HOUR,
    MINUTE,
    check_at,
    is_due,
    sweep_all,
    swept,
    whole,
)

NEVER_WAS = "CHK-0000000000000000"


def heard(gateway: Gateway, session: str) -> str:
    """The same payment, now that its merchant has heard how it ended."""
    gateway.pump()
    gateway.mark_delivered(session)
    return session


def resent(gateway: Gateway) -> Event:
    """The event of a payment that was paid, which its merchant has just had sent once more."""
    session = heard(gateway, paid(gateway))
    sweep_all(gateway, 2)
    (event,) = whole(session).events
    wiring.events().resend(event, None, gateway.clock())
    return event


def still_open(reference: str) -> httpx.Response:
    """K-Pay's word that the customer has not answered."""
    return httpx.Response(200, json={"tid": "E7", "refid": reference, "statusid": "03"})


def counted(printed: str, figure: str) -> list[int]:
    """What was counted of a figure."""
    lines = [json.loads(line) for line in printed.splitlines() if line.startswith('{"_aws"')]
    return [line[figure] for line in lines if figure in line]


def before_a_write(act: Callable[[], object]) -> None:
    """Let this happen right before the payment is next written."""
    hooks = wiring.dynamodb().meta.events

    def happen(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        hooks.unregister("before-call.dynamodb.UpdateItem", happen)
        act()

    hooks.register("before-call.dynamodb.UpdateItem", happen)


@contextmanager
def throttled(client: BaseClient, operation: str) -> Iterator[None]:
    """Let AWS refuse an operation meanwhile."""
    event = f"before-call.{client.meta.service_model.service_name}.{operation}"

    def refuse(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        raise ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow"}}, operation)

    client.meta.events.register(event, refuse)
    try:
        yield
    finally:
        client.meta.events.unregister(event, refuse)


# -------------------------------------------------------------------- expiry
def test_what_nobody_paid_expires_and_the_merchant_hears_of_it(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(HOUR - 1)
    assert swept() == {"looked_at": 0, "left": False}
    gateway.clock.move(1)
    assert swept() == {"looked_at": 1, "left": False}
    assert gateway.payment(session).status == "expired"
    gateway.pump()
    (event,) = gateway.events_of(session)
    assert event["type"] == "payment.expired"
    assert set(gateway.executions("Deliver")) == {event["event_id"]}


def test_an_expired_payment_is_looked_at_until_its_event_is_told(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(HOUR)
    swept()
    heard(gateway, session)
    gateway.clock.move(10 * MINUTE)
    assert swept()["looked_at"] == 1
    assert check_at(session) is None
    assert sweep_all(gateway, 2) == 0


def test_what_a_customer_is_paying_does_not_expire(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(59 * MINUTE)
    gateway.internet.replacement = still_open(gateway.paying(session))
    gateway.clock.move(HOUR)
    swept()
    assert gateway.payment(session).status == "pending"


def test_what_was_declined_after_the_hour_expires_in_the_same_look(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.decline(reference)
    gateway.clock.move(25 * HOUR)
    swept()
    assert gateway.attempt(session).status == "declined"
    assert gateway.payment(session).status == "expired"


def test_a_customer_who_pays_at_the_last_moment_outruns_the_sweep(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(HOUR)
    last = gateway.payment(session)

    def pay_first() -> None:
        gateway.clock.now = NOW
        gateway.paying(session)
        gateway.clock.now = NOW + timedelta(hours=1)

    before_a_write(pay_first)
    swept()
    after = gateway.payment(session)
    assert (after.status, after.version) == ("pending", last.version + 2)
    assert check_at(session) == iso(NOW + timedelta(minutes=10))


# -------------------------------------------------------------------- the watch
def test_a_watch_that_never_started_starts_and_once_only(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.clock.move(10 * MINUTE)
    swept()
    assert gateway.executions("Watch") == {reference: {"payment_id": session, "attempt": reference}}
    gateway.pump()
    swept()
    assert set(gateway.executions("Watch")) == {reference}
    assert check_at(session) == iso(NOW + timedelta(hours=1))


def test_the_usual_payment_is_looked_at_once_and_never_again(gateway: Gateway) -> None:
    session = heard(gateway, paid(gateway))
    assert sweep_all(gateway, 12) == 1
    assert check_at(session) is None
    assert not is_due(session, gateway.clock() + timedelta(days=365))


def test_a_webhook_that_settles_at_once_writes_no_second_time_to_the_index(
    gateway: Gateway,
) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    before = check_at(session)
    gateway.clock.move(30)
    gateway.approve(reference)
    gateway.till.tick()
    assert gateway.payment(session).status == "successful"
    assert check_at(session) == before == iso(NOW + timedelta(minutes=10))


def test_news_between_two_looks_is_looked_at_soon(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.clock.move(10 * MINUTE)
    swept()
    gateway.clock.move(5 * MINUTE)
    gateway.till.tick()
    assert check_at(session) == iso(NOW + timedelta(minutes=25))


# -------------------------------------------------------------------- yesterday's
@pytest.mark.parametrize("hours", [1, 6, 25])
def test_an_attempt_that_is_open_still_is_asked_about(gateway: Gateway, hours: int) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.internet.replacement = still_open(reference)
    for before in (hour for hour in (1, 6) if hour < hours):
        gateway.clock.now = NOW + timedelta(hours=before)
        swept()
    gateway.internet.questions.clear()
    gateway.clock.now = NOW + timedelta(hours=hours, minutes=-1)
    swept()
    assert gateway.internet.questions == []
    gateway.internet.replacement = None
    gateway.clock.now = NOW + timedelta(seconds=30)
    gateway.approve(reference)
    gateway.clock.now = NOW + timedelta(hours=hours)
    swept()
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", SettledBy.POLLING)
    assert gateway.payment(session).status == "successful"
    gateway.pump()
    assert [event["type"] for event in gateway.events_of(session)] == ["payment.successful"]


def test_what_is_open_for_hours_is_not_yet_a_persons(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.internet.replacement = still_open(gateway.paying(session))
    gateway.clock.move(7 * HOUR)
    swept()
    assert gateway.attempt(session).is_live
    assert gateway.attempt(session).needs_review is None


def test_what_stays_open_is_left_to_a_person_and_asked_about_for_a_week(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    session = gateway.opened()
    gateway.internet.replacement = still_open(gateway.paying(session))
    gateway.internet.questions.clear()
    gateway.clock.move(25 * HOUR)
    swept()
    attempt = gateway.attempt(session)
    assert attempt.is_live
    assert attempt.needs_review == "no final word from the provider in a day"
    printed = capsys.readouterr().out
    assert counted(printed, "UnresolvedOpen") == counted(printed, "UnresolvedFound") == [1]
    for days in range(2, 8):
        gateway.clock.move(DAY)
        swept()
        assert len(gateway.internet.questions) == days
    assert counted(capsys.readouterr().out, "UnresolvedFound") == []
    assert check_at(session) is None
    assert sweep_all(gateway, 2) == 0
    assert gateway.payment(session).status == "pending"
    assert list(wiring.unresolved().sessions(gateway.payment(session).mode)) == [session]


def test_what_was_open_for_days_may_still_be_paid(gateway: Gateway) -> None:
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.approve(reference)
    gateway.internet.replacement = still_open(reference)
    gateway.clock.move(25 * HOUR)
    swept()
    assert wiring.unresolved().count(gateway.payment(session).mode) == 1
    gateway.internet.replacement = None
    gateway.clock.move(DAY)
    swept()
    assert gateway.payment(session).status == "successful"
    assert wiring.unresolved().count(gateway.payment(session).mode) == 0


def test_a_sum_that_disagrees_is_what_the_person_is_told(gateway: Gateway) -> None:
    gateway.internet.misbehave("kpay", "wrong_amount")
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.clock.move(25 * HOUR)
    swept()
    parked = gateway.payment(session)
    assert parked.attempts[0].is_live
    assert parked.attempts[0].needs_review == "the provider states another sum"
    gateway.clock.move(DAY)
    swept()
    assert gateway.payment(session) == parked


# -------------------------------------------------------------------- late money
def test_what_was_declined_is_asked_about_once_more_and_may_have_been_paid(
    gateway: Gateway,
) -> None:
    session = declined(gateway)
    gateway.pump()
    assert gateway.payment(session).status == "failed"
    gateway.internet.pay_late(gateway.attempt(session).ref)
    gateway.clock.move(25 * HOUR)
    swept()
    assert gateway.payment(session).status == "successful"
    gateway.pump()
    last = json.loads(gateway.events_of(session)[-1]["body"])
    assert (last["event"], last["data"]["late"]) == ("payment.successful", True)


def test_what_was_declined_is_asked_about_once(gateway: Gateway) -> None:
    declined(gateway)
    gateway.pump()
    gateway.internet.questions.clear()
    # Its event is told to nobody, so that there are more looks.
    sweep_all(gateway, 6)
    assert len(gateway.internet.questions) == 1


def test_what_was_presumed_lost_and_is_never_answered_is_a_persons_after_a_week(
    gateway: Gateway,
) -> None:
    session, reference = lost(gateway)
    for _ in range(4):
        gateway.ask_provider(session, reference)
        gateway.clock.move(3 * MINUTE)
    assert gateway.attempt(session).reason == "never_arrived"
    gateway.internet.failure = httpx.ReadTimeout("silence")
    gateway.clock.now = NOW + timedelta(hours=25)
    for _ in range(6):
        swept()
        assert gateway.attempt(session).needs_review is None
        gateway.clock.move(DAY)
    swept()
    assert gateway.attempt(session).needs_review == "no final word from the provider in a day"


def test_a_question_that_nobody_answers_is_asked_again_the_next_day(gateway: Gateway) -> None:
    session = heard(gateway, declined(gateway))
    gateway.internet.pay_late(gateway.attempt(session).ref)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    gateway.clock.move(25 * HOUR)
    swept()
    assert check_at(session) == iso(NOW + timedelta(hours=49))
    gateway.internet.failure = None
    gateway.clock.move(DAY)
    swept()
    assert gateway.payment(session).status == "successful"


def test_a_provider_that_never_answers_is_asked_for_a_week(gateway: Gateway) -> None:
    session = heard(gateway, declined(gateway))
    gateway.internet.questions.clear()
    gateway.internet.failure = httpx.ReadTimeout("silence")
    sweep_all(gateway, 12)
    assert len(gateway.internet.questions) == 7
    assert check_at(session) is None


def test_what_was_refused_at_once_is_not_asked_about(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000009")
    assert gateway.attempt(session).is_refused_at_once
    heard(gateway, session)
    assert sweep_all(gateway, 3) == 1
    assert check_at(session) is None


# -------------------------------------------------------------------- news that nobody told
def test_news_that_the_stream_lost_is_told_as_the_stream_would_have(gateway: Gateway) -> None:
    session = paid(gateway)
    unheard = gateway.changes()
    gateway.clock.move(10 * MINUTE)
    swept()
    (event,) = gateway.events_of(session)
    assert gateway.executions("Deliver") == {
        event["event_id"]: {"payment_id": session, "version": event["version"], "round": 0}
    }
    # The stream comes back after all: nothing is told twice.
    gateway.announce(unheard)
    assert gateway.events_of(session) == [event]
    assert set(gateway.executions("Deliver")) == {event["event_id"]}


def test_the_sweep_writes_the_very_body_that_the_stream_would_have(gateway: Gateway) -> None:
    bodies = []
    for loses in (True, False):
        session = paid(gateway, tx_ref=f"ORDER-{loses}")
        if not loses:
            gateway.pump()
        gateway.clock.move(10 * MINUTE)
        swept()
        gateway.clock.now = NOW
        (event,) = gateway.events_of(session)
        bodies.append(json.loads(event["body"]))
        gateway.changes()
    own = ("reference", "session_id", "transaction_id", "paypack_reference")
    for body in bodies:
        assert all(body["data"].pop(name) for name in own)
    assert bodies[0] == bodies[1]


def test_every_news_that_was_lost_is_told_in_its_own_words(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    session = declined(gateway)
    gateway.internet.pay_late(gateway.attempt(session).ref)
    gateway.clock.move(MINUTE)
    gateway.till.tick()
    gateway.clock.move(10 * MINUTE)
    capsys.readouterr()
    swept()
    printed = capsys.readouterr().out
    assert counted(printed, "PaymentPaid") == counted(printed, "PaymentEndedUnpaid") == [1]
    told = [json.loads(event["body"]) for event in gateway.events_of(session)]
    assert [(one["event"], one["data"]["status"], one["data"]["late"]) for one in told] == [
        ("payment.failed", "failed", False),
        ("payment.successful", "successful", True),
    ]
    assert told[0]["data"]["paid_at"] is None
    assert told[1]["data"]["paid_at"]


def test_a_delivery_that_never_started_starts(gateway: Gateway) -> None:
    session = paid(gateway)
    with throttled(wiring.step_functions(), "StartExecution"):
        assert gateway.announce(gateway.changes())
    assert len(gateway.events_of(session)) == 1
    assert gateway.executions("Deliver") == {}
    gateway.clock.move(20 * MINUTE)
    swept()
    assert set(gateway.executions("Deliver")) == {gateway.events_of(session)[0]["event_id"]}


def test_a_delivery_that_died_begins_anew_after_four_days(gateway: Gateway) -> None:
    session = paid(gateway)
    gateway.pump()
    first = gateway.events_of(session)[0]["event_id"]
    sweep_all(gateway, 3)
    assert set(gateway.executions("Deliver")) == {first}
    sweep_all(gateway, 2)
    assert set(gateway.executions("Deliver")) == {first, f"{first}-1"}
    gateway.pump()
    assert gateway.deliver(session, whole(session).events[0].version) == {"state": "superseded"}


def test_a_delivery_that_goes_on_is_left_alone(gateway: Gateway) -> None:
    session = paid(gateway)
    gateway.pump()
    for _ in range(5):
        sweep_all(gateway, 1)
        (event,) = whole(session).events
        tried = Try(at=gateway.clock(), url="https://shop.example", milliseconds=9)
        wiring.events().record_try(event, tried, DeliveryState.PENDING)
    assert whole(session).events[0].resends == 0


def test_a_delivery_that_died_ten_times_is_left_to_the_merchant(gateway: Gateway) -> None:
    session = paid(gateway)
    gateway.pump()
    (event,) = whole(session).events
    for _ in range(10):
        event = wiring.events().resend(event, None, gateway.clock())
    sweep_all(gateway, 6)
    assert whole(session).events[0].resends == 10
    assert check_at(session) is None


def test_what_was_forgotten_is_not_told_again(gateway: Gateway) -> None:
    session = heard(gateway, declined(gateway))
    sweep_all(gateway, 2)
    (event,) = gateway.events_of(session)
    gateway.dynamodb.delete_item(
        TableName="Payments", Key=to_item({"pk": session, "sk": event["sk"]})
    )
    gateway.clock.move(30 * DAY)
    gateway.internet.pay_late(gateway.attempt(session).ref)
    gateway.till.tick()
    gateway.clock.move(10 * MINUTE)
    swept()
    assert [event["type"] for event in gateway.events_of(session)] == ["payment.successful"]


# -------------------------------------------------------------------- what somebody sent
def test_a_resend_that_the_stream_lost_is_sent(gateway: Gateway) -> None:
    event = resent(gateway)
    unheard = gateway.changes()
    gateway.clock.move(10 * MINUTE)
    swept()
    assert set(gateway.executions("Deliver")) == {event.event_id, f"{event.event_id}-1"}
    gateway.announce(unheard)
    gateway.mark_delivered(event.payment_id)
    assert sweep_all(gateway, 5) == 1
    assert gateway.changes() == []


def test_a_resend_whose_delivery_died_is_sent_anew(gateway: Gateway) -> None:
    event = resent(gateway)
    sweep_all(gateway, 5)
    assert whole(event.payment_id).events[0].resends == 2
    assert f"{event.event_id}-2" in gateway.executions("Deliver")


def test_a_test_message_that_the_stream_lost_is_sent(gateway: Gateway) -> None:
    pair = key_of(gateway.shop.merchant, gateway.shop.live)
    sample = sample_event(pair, NEVER_WAS, gateway.clock())
    wiring.events().add(sample, News.DELIVER)
    gateway.clock.move(10 * MINUTE)
    assert swept() == {"looked_at": 1, "left": False}
    assert set(gateway.executions("Deliver")) == {sample.event_id}
    wiring.events().record_try(sample, None, DeliveryState.DELIVERED)
    assert sweep_all(gateway, 5) == 1
    assert not is_due(NEVER_WAS, gateway.clock() + timedelta(days=365))


# -------------------------------------------------------------------- what happens meanwhile
def test_what_changes_while_the_sweep_looks_is_looked_at_again(gateway: Gateway) -> None:
    session = heard(gateway, declined(gateway))
    gateway.clock.move(25 * HOUR)

    def pay_meanwhile(_: httpx.Request) -> None:
        gateway.internet.before_answer = None
        standing = gateway.payment(session)
        gateway.write(replace(standing, version=standing.version + 1))

    gateway.internet.before_answer = pay_meanwhile
    swept()
    assert is_due(session, gateway.clock())
    swept()
    assert not is_due(session, gateway.clock())


def test_an_attempt_that_begins_while_the_sweep_looks_keeps_its_own_time(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.decline(gateway.paying(session))
    gateway.till.tick()
    gateway.clock.move(30 * MINUTE)
    before_a_write(lambda: gateway.paying(session, number=2))
    swept()
    assert len(gateway.payment(session).attempts) == 2
    assert check_at(session) == iso(gateway.clock() + timedelta(minutes=10))


def test_nothing_that_the_sweep_notes_goes_to_the_stream(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying(session)
    gateway.changes()
    gateway.clock.move(10 * MINUTE)
    swept()
    assert gateway.changes() == []
    assert whole(session).looked_at == gateway.clock()


def test_an_index_that_lags_costs_a_read_and_changes_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(HOUR)
    swept()
    gateway.pump()
    before = gateway.items()
    others = (key(NEVER_WAS), event_key(NEVER_WAS, 2))
    for place in (key(session), event_key(session, 2), *others):
        look(Due(iso(NOW), place["pk"], place["sk"]), gateway.clock())
    assert gateway.items() == before


# -------------------------------------------------------------------- time and trouble
def test_the_longest_due_is_looked_at_first_and_the_rest_by_the_next_run(gateway: Gateway) -> None:
    sessions = []
    for number in range(4):
        sessions.append(gateway.opened(tx_ref=f"ORDER-{number}"))
        gateway.clock.move(MINUTE)
    gateway.clock.move(HOUR)
    assert swept(milliseconds=59_999) == {"looked_at": 0, "left": True}
    assert [due.session_id for due in wiring.checks().due(gateway.clock())] == sessions
    assert swept() == {"looked_at": 4, "left": False}
    assert {gateway.payment(session).status for session in sessions} == {"expired"}


def test_the_sweep_counts_how_late_it_is(
    gateway: Gateway, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway.opened()
    gateway.clock.move(HOUR + 90)
    swept()
    assert counted(capsys.readouterr().out, "SweepLate") == [90]
    swept()
    printed = capsys.readouterr().out
    assert (counted(printed, "SweepLate"), counted(printed, "UnresolvedOpen")) == ([0], [0])


def test_one_payments_trouble_keeps_no_other_from_being_looked_at(gateway: Gateway) -> None:
    broken = gateway.opened(tx_ref="ORDER-0")
    gateway.clock.move(1)
    sound = gateway.opened(tx_ref="ORDER-1")
    gateway.dynamodb.update_item(
        TableName="Payments",
        Key=to_item({"pk": broken, "sk": "PAYMENT"}),
        UpdateExpression="REMOVE merchant_id",
    )
    gateway.clock.move(HOUR)
    with pytest.raises(ExceptionGroup, match="could not be looked at") as troubles:
        swept()
    assert [type(trouble) for trouble in troubles.value.exceptions] == [KeyError]
    assert gateway.payment(sound).status == "expired"
    assert not is_due(broken, gateway.clock())
    assert is_due(broken, gateway.clock() + timedelta(hours=1))


def test_a_payment_that_cannot_even_be_put_off_is_where_it_was(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(HOUR)
    with (
        throttled(wiring.dynamodb(), "UpdateItem"),
        pytest.raises(ExceptionGroup, match="could not be looked at"),
    ):
        swept()
    assert is_due(session, gateway.clock())
    swept()
    assert gateway.payment(session).status == "expired"

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

import pytest

from ledger.attributes import from_item, to_item
from ledger.check_times import SHARDS, shard_of
from ledger.checks import Checks, Due
from ledger.payments import News, Payments, key
from ledger.unresolved import Unresolved
from ledger.whole_payments import WholePayments
from payments.clock import iso
from payments.mode import Mode
from payments.payment import Payment
from payments.references import BASE36
from payments.status import AttemptStatus, Status
from tests.examples import ATTEMPT, NOW, PAYMENT, SESSION_ID, attempt, payment
from tests.integration.ledger.unreliable import LosesReplies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
OPENED_UNTIL = iso(PAYMENT.expires_at)


@pytest.fixture
def payments(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(dynamodb, payments_table)


@pytest.fixture
def checks(dynamodb: "DynamoDBClient", payments_table: str) -> Checks:
    return Checks(dynamodb, payments_table)


@pytest.fixture
def unresolved(dynamodb: "DynamoDBClient", payments_table: str) -> Unresolved:
    return Unresolved(dynamodb, payments_table)


def check_at(dynamodb: "DynamoDBClient") -> str | None:
    found = WholePayments(dynamodb, "Payments").get(SESSION_ID)
    assert found is not None
    return found.check_at


def begun(of: Payment, at: datetime) -> Payment:
    """The next version, with an attempt that begins."""
    number = len(of.attempts) + 1
    one = attempt(number, started_at=at)
    return replace(of, attempts=(*of.attempts, one), version=of.version + 1, updated_at=at)


def changed(of: Payment, at: datetime) -> Payment:
    return replace(of, version=of.version + 1, updated_at=at)


# -------------------------------------------------------------------- when
def test_a_payment_is_looked_at_from_its_opening_on(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    assert check_at(dynamodb) == OPENED_UNTIL
    assert list(checks.due(PAYMENT.expires_at - timedelta(seconds=1))) == []
    assert list(checks.due(PAYMENT.expires_at)) == [Due(OPENED_UNTIL, SESSION_ID, "PAYMENT")]


def test_an_attempt_is_looked_at_ten_minutes_after_it_began(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    first = begun(PAYMENT, NOW + MINUTE)
    payments.save(first, News.ATTEMPT)
    assert check_at(dynamodb) == iso(NOW + 11 * MINUTE)
    payments.save(begun(first, NOW + 5 * MINUTE), News.ATTEMPT)
    assert check_at(dynamodb) == iso(NOW + 15 * MINUTE)


def test_news_soon_after_an_attempt_leaves_the_index_alone(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    live = begun(PAYMENT, NOW)
    payments.save(live, News.ATTEMPT)
    payments.save(changed(live, NOW + 9 * MINUTE), News.STATUS)
    assert check_at(dynamodb) == iso(NOW + 10 * MINUTE)


@pytest.mark.parametrize("standing", [None, NOW + 25 * HOUR])
def test_news_later_on_is_looked_at_ten_minutes_after(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient", standing: datetime | None
) -> None:
    payments.open(PAYMENT)
    live = begun(PAYMENT, NOW)
    payments.save(live, News.ATTEMPT)
    checks.looked(live, iso(NOW + 10 * MINUTE), NOW, standing)
    payments.save(changed(live, NOW + 10 * MINUTE), News.STATUS)
    assert check_at(dynamodb) == iso(NOW + 20 * MINUTE)


def test_news_that_finds_no_time_sets_one(payments: Payments, dynamodb: "DynamoDBClient") -> None:
    payments.open(PAYMENT)
    live = begun(PAYMENT, NOW)
    payments.save(live, News.ATTEMPT)
    dynamodb.update_item(
        TableName="Payments",
        Key=to_item(key(SESSION_ID)),
        UpdateExpression="REMOVE check_at",
    )
    payments.save(changed(live, NOW + MINUTE), News.STATUS)
    assert check_at(dynamodb) == iso(NOW + 11 * MINUTE)


def test_news_without_any_attempt_is_looked_at_ten_minutes_after(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    payments.save(changed(PAYMENT, NOW + MINUTE), News.STATUS)
    assert check_at(dynamodb) == iso(NOW + 11 * MINUTE)


def test_what_is_kept_to_ourselves_sets_no_time(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    payments.save(changed(PAYMENT, NOW + MINUTE), News.NOTHING)
    assert check_at(dynamodb) == OPENED_UNTIL


# -------------------------------------------------------------------- the sweep's own write
def test_a_look_moves_the_time_on_and_in_the_end_takes_it_away(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    assert checks.looked(PAYMENT, OPENED_UNTIL, NOW, NOW + 25 * HOUR)
    assert check_at(dynamodb) == iso(NOW + 25 * HOUR)
    assert checks.looked(PAYMENT, iso(NOW + 25 * HOUR), NOW, None)
    assert check_at(dynamodb) is None
    assert list(checks.due(NOW + 9000 * HOUR)) == []
    assert payments.get(SESSION_ID) == PAYMENT


def test_a_look_is_remembered_unless_it_was_in_vain(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    whole = WholePayments(dynamodb, "Payments")

    def looked_at() -> datetime | None:
        found = whole.get(SESSION_ID)
        assert found is not None
        return found.looked_at

    assert looked_at() is None
    checks.looked(PAYMENT, OPENED_UNTIL, None, PAYMENT.expires_at)
    assert looked_at() is None
    checks.looked(PAYMENT, OPENED_UNTIL, NOW, PAYMENT.expires_at)
    assert looked_at() == NOW
    checks.looked(PAYMENT, OPENED_UNTIL, None, PAYMENT.expires_at)
    assert looked_at() == NOW


def test_a_look_does_not_undo_a_time_that_was_set_meanwhile(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    payments.save(begun(PAYMENT, NOW), News.ATTEMPT)
    later = replace(PAYMENT, version=2)
    assert not checks.looked(later, OPENED_UNTIL, NOW, None)
    assert not checks.put_off(Due(OPENED_UNTIL, SESSION_ID, "PAYMENT"), NOW + HOUR)
    assert check_at(dynamodb) == iso(NOW + 10 * MINUTE)


def test_a_look_at_another_version_leaves_the_time_for_the_next(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    payments.save(changed(PAYMENT, NOW), News.NOTHING)
    assert not checks.looked(PAYMENT, OPENED_UNTIL, NOW, None)
    assert check_at(dynamodb) == OPENED_UNTIL


def test_a_look_whose_reply_was_lost_stands(
    payments: Payments, payments_table: str, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    unreliable = Checks(cast("DynamoDBClient", LosesReplies(dynamodb)), payments_table)
    unreliable.looked(PAYMENT, OPENED_UNTIL, NOW, NOW + 25 * HOUR)
    assert check_at(dynamodb) == iso(NOW + 25 * HOUR)
    due = Due(iso(NOW + 25 * HOUR), SESSION_ID, "PAYMENT")
    unreliable.put_off(due, NOW + 26 * HOUR)
    assert check_at(dynamodb) == iso(NOW + 26 * HOUR)


def test_the_sweeps_notes_say_that_nobody_need_hear_of_them(
    payments: Payments, checks: Checks, dynamodb: "DynamoDBClient"
) -> None:
    payments.open(PAYMENT)
    payments.save(begun(PAYMENT, NOW), News.ATTEMPT)
    checks.put_off(Due(iso(NOW + 10 * MINUTE), SESSION_ID, "PAYMENT"), NOW + HOUR)
    answer = dynamodb.get_item(TableName="Payments", Key=to_item(key(SESSION_ID)))
    assert from_item(answer["Item"])["news"] == "nothing"


# -------------------------------------------------------------------- the index
def test_what_is_due_comes_in_order_of_time_whatever_its_shard(
    payments: Payments, checks: Checks
) -> None:
    sessions = [f"CHK-00000000000000{number:02}" for number in range(30)]
    for minutes, session in enumerate(reversed(sessions)):
        until = NOW + minutes * MINUTE
        payments.open(replace(PAYMENT, session_id=session, expires_at=until))
    assert [due.session_id for due in checks.due(NOW + HOUR)] == sessions[::-1]
    assert [due.session_id for due in checks.due(NOW + 4 * MINUTE)] == sessions[:24:-1]


def test_the_shards_are_filled_alike() -> None:
    ends = [f"CHK-00000000000000{one}{two}" for one in BASE36 for two in BASE36]
    filled = [shard_of(session) for session in ends]
    assert {filled.count(shard) for shard in SHARDS} == {len(ends) // len(SHARDS)}


# -------------------------------------------------------------------- what a person has to look at
def test_a_payment_is_unresolved_while_an_attempt_needs_a_person(
    payments: Payments, unresolved: Unresolved
) -> None:
    live = payment(ATTEMPT)
    payments.open(live)
    assert unresolved.count(Mode.LIVE) == 0
    parked = replace(live, version=2, attempts=(replace(ATTEMPT, needs_review="why"),))
    payments.save(parked, News.NOTHING)
    assert list(unresolved.sessions(Mode.LIVE)) == [SESSION_ID]
    assert unresolved.count(Mode.TEST) == 0
    paid = replace(ATTEMPT, status=AttemptStatus.PAID)
    payments.save(replace(live, version=3, attempts=(paid,), status=Status.SUCCESSFUL), News.STATUS)
    assert unresolved.count(Mode.LIVE) == 0


def test_unresolved_payments_come_in_the_order_of_their_opening(
    payments: Payments, unresolved: Unresolved
) -> None:
    parked = payment(replace(ATTEMPT, needs_review="why"))
    for hours in (2, 0, 1):
        session = f"CHK-000000000000000{hours}"
        payments.open(replace(parked, session_id=session, created_at=NOW + hours * HOUR))
    assert [session[-1] for session in unresolved.sessions(Mode.LIVE)] == ["0", "1", "2"]

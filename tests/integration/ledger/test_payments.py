import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from ledger.attributes import from_item, to_item
from ledger.payments import AskedJustNow, MovedOn, News, Payments
from payments.payment import Payment
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status
from settlement.judge import begin
from tests.examples import ATTEMPT, NOW, PAYMENT, SESSION_ID, SOON, attempt, payment
from tests.integration.ledger.unreliable import LosesReplies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEY: Any = {"pk": {"S": SESSION_ID}, "sk": {"S": "PAYMENT"}}
FULL = payment(
    attempt(
        status=AttemptStatus.DECLINED,
        ended_at=SOON,
        reason=Reason.INSUFFICIENT_FUNDS,
        settled_by=SettledBy.WEBHOOK,
        next_url="https://kpay.example/checkout/E1",
        times_not_found=2,
        test_card="4111111111111111",
        needs_review="why",
    ),
    attempt(2, status=AttemptStatus.PAID, provider_ref="E2", network_ref="616"),
    idempotency_hash="c" * 64,
    description="Ikawa 1 kg ☕",
    meta='{"shelf":[1,2.50,null]}',
    redirect_url="https://shop.example/thanks",
    webhook_url="https://shop.example/webhooks",
    status=Status.SUCCESSFUL,
    paid_at=SOON,
    transaction_id="PAY-LIVE-XXXXXXXX-20261121143030",
)


@pytest.fixture
def payments(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(dynamodb, payments_table)


@pytest.fixture
def unreliable(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(cast("DynamoDBClient", LosesReplies(dynamodb)), payments_table)


def stored(dynamodb: "DynamoDBClient") -> dict[str, Any]:
    return from_item(dynamodb.get_item(TableName="Payments", Key=KEY)["Item"])


def sleep_on(dynamodb: "DynamoDBClient", token: str) -> None:
    """Leave a task token on the payment, as the watch does."""
    dynamodb.update_item(
        TableName="Payments",
        Key=KEY,
        UpdateExpression="SET task_token = :token",
        ExpressionAttributeValues=to_item({":token": token}),
    )


def next_version(of: Payment, **changes: Any) -> Payment:  # noqa: ANN401  # any field of a payment
    return replace(of, version=of.version + 1, **changes)


def test_a_payment_is_read_as_it_was_opened(payments: Payments) -> None:
    assert payments.get(SESSION_ID) is None
    assert payments.open(FULL)
    assert payments.get(SESSION_ID) == FULL


def test_a_second_use_of_a_reference_meets_the_first(payments: Payments) -> None:
    assert payments.open(PAYMENT)
    with pytest.raises(MovedOn) as moved:
        payments.open(replace(PAYMENT, description="another order"))
    assert moved.value.current == PAYMENT
    assert payments.get(SESSION_ID) == PAYMENT


@contextmanager
def one_write_at_a_time(client: "DynamoDBClient") -> Iterator[None]:
    """DynamoDB does one write to an item after the other; moto, left to itself, would mix them."""
    lock = threading.Lock()

    def hold(**_: object) -> None:
        lock.acquire()

    def let_go(**_: object) -> None:
        lock.release()

    for moment, hook in (("before-call", hold), ("after-call", let_go)):
        client.meta.events.register(f"{moment}.dynamodb.PutItem", hook)
    yield
    for moment, hook in (("before-call", hold), ("after-call", let_go)):
        client.meta.events.unregister(f"{moment}.dynamodb.PutItem", hook)


@pytest.mark.parametrize("callers", [2, 5, 20])
def test_of_many_callers_at_once_exactly_one_opens(
    payments: Payments, dynamodb: "DynamoDBClient", callers: int
) -> None:
    ready = threading.Barrier(callers)
    orders = [replace(PAYMENT, description=f"order {n}") for n in range(callers)]

    def open_together(order: Payment) -> Payment | None:
        ready.wait(10)
        try:
            return order if payments.open(order) else None
        except MovedOn:
            return None

    with one_write_at_a_time(dynamodb), ThreadPoolExecutor(callers) as pool:
        opened = [order for order in pool.map(open_together, orders) if order]
    assert len(opened) == 1
    assert payments.get(SESSION_ID) == opened[0]


def test_a_lost_reply_to_an_opening_is_no_conflict_against_itself(
    unreliable: Payments, payments: Payments
) -> None:
    assert unreliable.open(PAYMENT) is False
    assert payments.get(SESSION_ID) == PAYMENT


def test_a_lost_reply_to_an_opening_under_a_key_is_none_either(
    unreliable: Payments, payments: Payments
) -> None:
    asked = replace(PAYMENT, idempotency_hash="d" * 64, request_hash="r" * 64)
    assert unreliable.open(asked) is False
    assert payments.get(SESSION_ID) == asked


def test_an_opening_retried_after_the_payment_went_on_is_still_its_own(
    payments: Payments, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    class LateRetry(LosesReplies):
        def put_item(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
            dynamodb.put_item(**request)
            payments.save(next_version(PAYMENT, attempts=(ATTEMPT,)), News.ATTEMPT)
            return dynamodb.put_item(**request)

    late = Payments(cast("DynamoDBClient", LateRetry(dynamodb)), payments_table)
    assert late.open(PAYMENT) is False


def test_the_next_version_is_written_over_the_one_before(payments: Payments) -> None:
    payments.open(PAYMENT)
    after = next_version(PAYMENT, attempts=(ATTEMPT,), updated_at=SOON)
    payments.save(after, News.ATTEMPT)
    assert payments.get(SESSION_ID) == after


def test_a_fact_that_is_no_more_is_taken_away(payments: Payments) -> None:
    payments.open(FULL)
    after = next_version(FULL, paid_at=None, transaction_id=None)
    payments.save(after, News.STATUS)
    assert payments.get(SESSION_ID) == after


def test_a_stale_write_changes_nothing_and_brings_how_it_stands(payments: Payments) -> None:
    payments.open(PAYMENT)
    standing = next_version(PAYMENT, status=Status.CANCELLED)
    payments.save(standing, News.STATUS)
    with pytest.raises(MovedOn) as moved:
        payments.save(next_version(PAYMENT, status=Status.FAILED), News.STATUS)
    assert moved.value.current == standing
    assert payments.get(SESSION_ID) == standing


def test_a_lost_reply_to_a_change_is_no_conflict_against_itself(
    unreliable: Payments, payments: Payments
) -> None:
    payments.open(PAYMENT)
    after = next_version(PAYMENT, attempts=(ATTEMPT,))
    unreliable.save(after, News.ATTEMPT)
    assert payments.get(SESSION_ID) == after


@pytest.mark.parametrize("news", list(News))
def test_each_write_says_what_it_has_to_tell(
    payments: Payments, dynamodb: "DynamoDBClient", news: News
) -> None:
    payments.open(PAYMENT)
    assert stored(dynamodb)["news"] == "opened"
    payments.save(next_version(PAYMENT), news)
    assert stored(dynamodb)["news"] == news


def test_who_sleeps_on_a_live_attempt_sleeps_on(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    sleep_on(dynamodb, "token")
    accepted = attempt(status=AttemptStatus.ACCEPTED)
    payments.save(next_version(before, attempts=(accepted,)), News.NOTHING)
    assert stored(dynamodb)["task_token"] == "token"
    assert stored(dynamodb)["live_attempt"] == ATTEMPT.ref


def test_the_token_goes_with_the_last_live_attempt(
    payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    sleep_on(dynamodb, "token")
    declined = attempt(status=AttemptStatus.DECLINED)
    payments.save(next_version(before, attempts=(declined,)), News.STATUS)
    assert "task_token" not in stored(dynamodb)
    assert "live_attempt" not in stored(dynamodb)


def test_sessions_are_found_by_the_merchants_reference(payments: Payments) -> None:
    other = replace(PAYMENT, session_id="CHK-FEDCBA9876543210")
    payments.open(PAYMENT)
    payments.open(other)
    payments.open(replace(PAYMENT, session_id="CHK-0000000000000000", tx_ref="ORDER-2"))
    assert sorted(payments.sessions_of("ORDER-1")) == [SESSION_ID, other.session_id]
    assert payments.sessions_of("ORDER-3") == []


def test_a_providers_name_for_a_charge_is_one_attempts(payments: Payments) -> None:
    assert payments.take_name("dgspay", "dgs_1", "FEDCBA987654321001")
    assert not payments.take_name("dgspay", "dgs_1", ATTEMPT.ref)
    # The same attempt takes it again, after a lost reply or with the same letter come twice.
    assert payments.take_name("dgspay", "dgs_1", "FEDCBA987654321001")
    assert payments.take_name("dgspay", "dgs_2", ATTEMPT.ref)
    assert payments.take_name("vpay", "dgs_1", ATTEMPT.ref)


def test_the_right_to_ask_comes_with_the_payment(payments: Payments) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW) == before


@pytest.mark.parametrize("later", [timedelta(0), timedelta(milliseconds=1999)])
def test_a_second_question_comes_too_soon(payments: Payments, later: timedelta) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW)
    with pytest.raises(AskedJustNow) as asked:
        payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW + later)
    assert asked.value.current == before


@pytest.mark.parametrize("later", [timedelta(seconds=2), timedelta(hours=1)])
def test_after_two_seconds_a_second_question_is_granted(
    payments: Payments, later: timedelta
) -> None:
    payments.open(payment(ATTEMPT))
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW)
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW + later)


def test_a_stranger_does_not_hear_that_somebody_asked_just_now(payments: Payments) -> None:
    payments.open(payment(ATTEMPT))
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW)
    assert payments.claim_question(ATTEMPT.ref, "c" * 64, NOW) is None
    assert payments.claim_question("0123456789ABCDEF02", ATTEMPT.token_hash, NOW) is None


@pytest.mark.parametrize(
    "reference",
    [
        "FEDCBA987654321001",
        "0123456789ABCDEF02",
        "0123456789ABCDEF00",
        "0123456789abcdef01",
        "",
        "CHK-0123456789ABCDEF",
        "0123456789ABCDEF01\n",
    ],
)
def test_no_such_attempt_gives_no_right_to_ask(payments: Payments, reference: str) -> None:
    payments.open(payment(ATTEMPT))
    assert payments.claim_question(reference, ATTEMPT.token_hash, NOW) is None


@pytest.mark.parametrize("token_hash", ["", "c" * 64, ATTEMPT.token_hash.upper()])
def test_a_wrong_token_gives_no_right_and_uses_up_no_turn(
    payments: Payments, token_hash: str
) -> None:
    payments.open(payment(ATTEMPT))
    assert payments.claim_question(ATTEMPT.ref, token_hash, NOW) is None
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW)


def test_the_token_of_another_attempt_gives_no_right(payments: Payments) -> None:
    first = attempt(status=AttemptStatus.DECLINED)
    second = attempt(2, token_hash="d" * 64)
    payments.open(payment(first, second))
    assert payments.claim_question(second.ref, first.token_hash, NOW) is None


def test_a_lost_reply_to_a_claim_leaves_the_right_with_its_claimer(
    unreliable: Payments, payments: Payments
) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    assert unreliable.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW) == before


def test_asking_is_no_new_version(payments: Payments) -> None:
    before = payment(ATTEMPT)
    payments.open(before)
    payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW)
    payments.save(next_version(before, status=Status.FAILED), News.STATUS)
    assert payments.claim_question(ATTEMPT.ref, ATTEMPT.token_hash, NOW + timedelta(seconds=3))


def test_a_new_attempt_may_be_asked_about_at_once(payments: Payments) -> None:
    payments.open(PAYMENT)
    first = begin(PAYMENT, attempt(token_hash="one"), NOW)
    payments.save(first, News.ATTEMPT)
    assert payments.claim_question(first.attempts[0].ref, "one", NOW) is not None
    over = replace(
        first,
        attempts=(replace(first.attempts[0], status=AttemptStatus.DECLINED),),
        version=first.version + 1,
    )
    payments.save(over, News.STATUS)
    second = begin(over, attempt(2, token_hash="two"), NOW)
    payments.save(second, News.ATTEMPT)
    assert payments.claim_question(second.attempts[1].ref, "two", NOW) is not None

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from ledger.events import DeliveryState, Event, Events, Try
from ledger.payments import Payments
from ledger.whole_payments import WholePayment, WholePayments
from payments.clock import iso
from tests.examples import ATTEMPT, NOW, PAYMENT, SESSION_ID, SOON, payment

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

URL = "https://shop.example/webhooks"
EVENT = Event(
    event_id="evt_0123456789ABCDEF_2",
    payment_id=SESSION_ID,
    version=2,
    merchant_id=PAYMENT.merchant_id,
    mode=PAYMENT.mode,
    type="payment.failed",
    reference=PAYMENT.tx_ref,
    body="{}",
    created_at=NOW,
)


@pytest.fixture
def payments(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(dynamodb, payments_table)


@pytest.fixture
def events(dynamodb: "DynamoDBClient", payments_table: str) -> Events:
    return Events(dynamodb, payments_table)


@pytest.fixture
def whole_payments(dynamodb: "DynamoDBClient", payments_table: str) -> WholePayments:
    return WholePayments(dynamodb, payments_table)


def test_a_payment_that_is_none_is_none(whole_payments: WholePayments) -> None:
    assert whole_payments.get(SESSION_ID) is None


def test_events_without_their_payment_are_none(
    whole_payments: WholePayments, events: Events
) -> None:
    events.add(EVENT)
    assert whole_payments.get(SESSION_ID) is None


def test_a_payment_is_read_with_its_attempts_and_without_events(
    whole_payments: WholePayments, payments: Payments
) -> None:
    payments.open(payment(ATTEMPT))
    assert whole_payments.get(SESSION_ID) == WholePayment(
        payment(ATTEMPT), (), check_at=iso(PAYMENT.expires_at)
    )


def test_events_come_in_the_order_of_versions_with_every_try(
    whole_payments: WholePayments, payments: Payments, events: Events
) -> None:
    payments.open(PAYMENT)
    payments.open(replace(PAYMENT, session_id="CHK-FEDCBA9876543210"))
    tenth = replace(EVENT, version=10, event_id="evt_0123456789ABCDEF_10")
    events.add(tenth)
    events.add(EVENT)
    events.add(replace(EVENT, payment_id="CHK-FEDCBA9876543210"))
    tried = Try(at=SOON, url=URL, milliseconds=12, status_code=200)
    events.record_try(EVENT, tried, DeliveryState.DELIVERED)
    assert whole_payments.get(SESSION_ID) == WholePayment(
        PAYMENT,
        (replace(EVENT, state=DeliveryState.DELIVERED, tries=(tried,)), tenth),
        check_at=iso(PAYMENT.expires_at),
    )


def test_a_story_longer_than_a_page_is_read_to_its_end(
    whole_payments: WholePayments, payments: Payments, events: Events
) -> None:
    # A page of DynamoDB's ends at one megabyte; the payment comes after its events.
    payments.open(PAYMENT)
    for version in range(2, 9):
        events.add(replace(EVENT, version=version, body="x" * 300_000))
    found = whole_payments.get(SESSION_ID)
    assert found is not None
    assert len(found.events) == 7

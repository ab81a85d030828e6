from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ledger.attributes import from_item
from ledger.events import DeliveryState, Event, Events, Try
from ledger.payments import Payments
from payments.mode import Mode
from tests.examples import NOW, PAYMENT, SESSION_ID, SOON
from tests.integration.ledger.unreliable import LosesReplies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

EVENT = Event(
    event_id="evt_0123456789ABCDEF_3",
    payment_id=SESSION_ID,
    version=3,
    merchant_id="mer_abcdefghijkl",
    mode=Mode.LIVE,
    type="payment.successful",
    body='{"event":"payment.successful","data":{"customer":"Uwase ☕"}}',
    created_at=NOW,
    webhook_url="https://shop.example/webhooks",
)
URL = "https://shop.example/webhooks"
KEY: Any = {"pk": {"S": SESSION_ID}, "sk": {"S": "EVENT#0000000003"}}


@pytest.fixture
def events(dynamodb: "DynamoDBClient", payments_table: str) -> Events:
    return Events(dynamodb, payments_table)


def tries(dynamodb: "DynamoDBClient") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = from_item(
        dynamodb.get_item(TableName="Payments", Key=KEY)["Item"]
    )["tries"]
    return found


@pytest.mark.parametrize("event", [EVENT, replace(EVENT, webhook_url=None, mode=Mode.TEST)])
def test_an_event_is_read_as_it_was_written(events: Events, event: Event) -> None:
    assert events.get(SESSION_ID, 3) is None
    assert events.add(event)
    assert events.get(SESSION_ID, 3) == event


def test_an_event_told_twice_stands_as_it_was_first_told(events: Events) -> None:
    assert events.add(EVENT)
    events.record_try(EVENT, Try(at=SOON, url=URL, milliseconds=9), DeliveryState.DELIVERED)
    assert not events.add(replace(EVENT, body="{}"))
    found = events.get(SESSION_ID, 3)
    assert found == replace(EVENT, state=DeliveryState.DELIVERED, times_tried=1)


def test_each_version_has_its_own_event(events: Events) -> None:
    assert events.add(EVENT)
    assert events.add(replace(EVENT, version=10, event_id="evt_0123456789ABCDEF_10"))
    assert events.get(SESSION_ID, 3) == EVENT


def test_an_event_lies_beside_its_payment_and_leaves_it_alone(
    events: Events, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    payments = Payments(dynamodb, payments_table)
    payments.open(PAYMENT)
    events.add(EVENT)
    assert payments.get(SESSION_ID) == PAYMENT
    assert payments.sessions_of(PAYMENT.tx_ref) == [SESSION_ID]


def test_every_try_is_kept_in_order(events: Events, dynamodb: "DynamoDBClient") -> None:
    events.add(EVENT)
    events.record_try(
        EVENT, Try(at=NOW, url=URL, milliseconds=5000, error="ReadTimeout"), DeliveryState.PENDING
    )
    events.record_try(
        EVENT, Try(at=SOON, url=URL, milliseconds=12, status_code=200), DeliveryState.DELIVERED
    )
    assert tries(dynamodb) == [
        {"at": "2026-11-21T14:30:00Z", "url": URL, "milliseconds": 5000, "error": "ReadTimeout"},
        {"at": "2026-11-21T14:30:30Z", "url": URL, "milliseconds": 12, "status_code": 200},
    ]
    found = events.get(SESSION_ID, 3)
    assert found == replace(EVENT, state=DeliveryState.DELIVERED, times_tried=2)


def test_where_nobody_listens_no_try_is_counted(events: Events) -> None:
    events.add(EVENT)
    events.record_try(EVENT, None, DeliveryState.NOBODY_LISTENS)
    found = events.get(SESSION_ID, 3)
    assert found == replace(EVENT, state=DeliveryState.NOBODY_LISTENS)


def test_an_event_whose_reply_was_lost_stands(
    events: Events, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    Events(cast("DynamoDBClient", LosesReplies(dynamodb)), payments_table).add(EVENT)
    assert events.get(SESSION_ID, 3) == EVENT

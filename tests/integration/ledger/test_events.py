from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ledger.attributes import from_item
from ledger.events import DeliveryState, Event, Events, Try
from ledger.listing import Kind, Listing, owner_of
from ledger.payments import Payments
from payments.errors import EventNotFound
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
    reference="ORDER-1",
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
    tried = (Try(at=SOON, url=URL, milliseconds=9),)
    assert found == replace(EVENT, state=DeliveryState.DELIVERED, tries=tried)


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
    failed = Try(at=NOW, url=URL, milliseconds=5000, error="ReadTimeout")
    heard = Try(at=SOON, url=URL, milliseconds=12, status_code=200, answer="thanks")
    assert events.record_try(EVENT, failed, DeliveryState.PENDING)
    assert events.record_try(EVENT, heard, DeliveryState.DELIVERED)
    assert tries(dynamodb) == [
        {"at": "2026-11-21T14:30:00Z", "url": URL, "milliseconds": 5000, "error": "ReadTimeout"},
        {
            "at": "2026-11-21T14:30:30Z",
            "url": URL,
            "milliseconds": 12,
            "status_code": 200,
            "answer": "thanks",
        },
    ]
    found = events.get(SESSION_ID, 3)
    assert found == replace(EVENT, state=DeliveryState.DELIVERED, tries=(failed, heard))


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


def test_a_try_whose_reply_was_lost_is_counted_once(
    events: Events, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    events.add(EVENT)
    shaky = Events(cast("DynamoDBClient", LosesReplies(dynamodb)), payments_table)
    assert shaky.record_try(
        EVENT, Try(at=NOW, url=URL, milliseconds=9, status_code=200), DeliveryState.DELIVERED
    )
    assert len(tries(dynamodb)) == 1


def test_a_resend_whose_reply_was_lost_counts_once(
    events: Events, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    events.add(EVENT)
    shaky = Events(cast("DynamoDBClient", LosesReplies(dynamodb)), payments_table)
    after = shaky.resend(EVENT, None, NOW)
    assert after.resends == 1
    assert events.get(SESSION_ID, 3) == after


def test_a_resend_decides_by_how_the_event_stands(events: Events) -> None:
    events.add(EVENT)
    failed = Try(at=NOW, url=URL, milliseconds=9, status_code=500)
    events.record_try(EVENT, failed, DeliveryState.EXHAUSTED)
    after = events.resend(EVENT, "digest", NOW)
    assert (after.state, after.resends, after.resent_after) == (DeliveryState.PENDING, 1, 1)
    assert after.tries_of_this_round == 0
    assert events.get(SESSION_ID, 3) == after
    assert events.resend(EVENT, "digest", NOW) == after


def test_an_event_that_was_forgotten_is_not_sent_anew(events: Events) -> None:
    with pytest.raises(EventNotFound):
        events.resend(EVENT, None, NOW)


def test_a_try_of_an_event_that_was_forgotten_brings_nothing_back(events: Events) -> None:
    assert not events.record_try(
        EVENT, Try(at=NOW, url=URL, milliseconds=9), DeliveryState.DELIVERED
    )
    assert events.get(SESSION_ID, 3) is None


def test_only_what_asks_for_a_delivery_is_news(events: Events, dynamodb: "DynamoDBClient") -> None:
    def news() -> Any:  # noqa: ANN401  # whatever stands there
        return from_item(dynamodb.get_item(TableName="Payments", Key=KEY)["Item"])["news"]

    events.add(EVENT)
    assert news() == "nothing"
    events.resend(EVENT, None, NOW)
    assert news() == "deliver"
    standing = events.get(SESSION_ID, 3)
    assert standing is not None
    events.record_try(standing, None, DeliveryState.NOBODY_LISTENS)
    assert news() == "nothing"


def test_an_event_is_in_its_merchants_list_and_not_among_payments(
    events: Events, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    events.add(EVENT)
    item = from_item(dynamodb.get_item(TableName="Payments", Key=KEY)["Item"])
    assert "tx_ref" not in item
    owner = owner_of(EVENT.merchant_id, EVENT.mode, Kind.EVENTS)
    (listed,), rest = Listing(dynamodb, payments_table).page(owner, size=10)
    assert rest is None
    assert (listed["event_id"], listed["state"]) == (EVENT.event_id, "pending")
    assert (listed["type"], listed["reference"]) == (EVENT.type, EVENT.reference)


def test_of_a_long_address_the_beginning_is_kept(events: Events) -> None:
    events.add(EVENT)
    url = f"{URL}?{'x' * 2000}"
    events.record_try(EVENT, Try(at=NOW, url=url, milliseconds=9), DeliveryState.PENDING)
    found = events.get(SESSION_ID, 3)
    assert found is not None
    assert found.tries[0].url == url[:300]

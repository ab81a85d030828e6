import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate

import pytest

from announcements.deliver import NotDelivered
from announcements.schedule import MOST_TRIES, PAUSES
from ledger.events import MOST_RESENDS, DeliveryState
from payments.references import event_of
from plumbing import wiring
from tests.integration.announcements.asking import (
    RESEND_RANGE,
    failed_payment,
    posted,
    resent,
    shown,
)
from tests.integration.announcements.receiver import Receiver, listening
from tests.integration.gateway import Gateway
from tests.integration.races import at_once

DAY = 24 * 60 * 60
A_SECOND = timedelta(seconds=1)
KEY = {"Idempotency-Key": "one"}
TODAY = {"from": "2026-11-21", "to": "2026-11-21"}


@pytest.fixture
def receiver(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    assert gateway.items() == []
    monkeypatch.setenv("LOOPBACK_ALLOWED", "true")
    wiring.forget()
    with listening() as endpoint:
        wiring.endpoints().set_url(
            gateway.shop.merchant.merchant_id, gateway.shop.live.mode, endpoint.url
        )
        yield endpoint


def deliver(gateway: Gateway, event_id: str, turn: int = 0) -> str:
    named = event_of(event_id)
    assert named is not None
    return gateway.deliver(*named, turn)["state"]


def exhaust(gateway: Gateway, event_id: str, turn: int = 0) -> None:
    for _ in PAUSES:
        with pytest.raises(NotDelivered) as failed:
            deliver(gateway, event_id, turn)
        # As the machine waits.
        gateway.clock.move(int(str(failed.value)))
    assert deliver(gateway, event_id, turn) == "exhausted"


def state(gateway: Gateway, event_id: str) -> str:
    return str(shown(gateway, event_id).json["data"]["state"])


# -------------------------------------------------------------------- one
def test_an_exhausted_event_is_delivered_under_the_same_id(
    gateway: Gateway, receiver: Receiver
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    receiver.status = 500
    exhaust(gateway, event_id)
    receiver.status = 200
    answer = resent(gateway, event_id)
    assert (answer.status, answer.json["data"]) == (
        202,
        {"event_id": event_id, "state": "pending", "resends": 1},
    )
    gateway.pump()
    payment_id, version = event_of(event_id) or ("", 0)
    assert gateway.executions("Deliver")[f"{event_id}-1"] == {
        "payment_id": payment_id,
        "version": version,
        "round": 1,
    }
    assert deliver(gateway, event_id, 1) == "delivered"
    assert {heard.headers["webhook-id"] for heard in receiver.heard} == {event_id}
    assert len({heard.body for heard in receiver.heard}) == 1
    assert len(shown(gateway, event_id).json["data"]["deliveries"]) == 11


def test_a_resend_begins_the_schedule_anew(gateway: Gateway, receiver: Receiver) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    receiver.status = 500
    exhaust(gateway, event_id)
    resent(gateway, event_id)
    begun = gateway.clock()
    # By time since the first try: what one pause was longer, the next is shorter.
    for due in accumulate(PAUSES[:3]):
        with pytest.raises(NotDelivered) as failed:
            deliver(gateway, event_id, 1)
        gateway.clock.move(int(str(failed.value)))
        assert due <= gateway.clock() - begun <= due * 1.2 + A_SECOND


def test_what_was_delivered_is_sent_anew_when_asked_for(
    gateway: Gateway, receiver: Receiver
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    deliver(gateway, event_id)
    resent(gateway, event_id)
    assert deliver(gateway, event_id, 1) == "delivered"
    assert len(receiver.heard) == 2


def test_an_older_execution_ends_without_a_word(gateway: Gateway, receiver: Receiver) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    resent(gateway, event_id)
    assert deliver(gateway, event_id, 0) == "superseded"
    assert receiver.heard == []
    assert state(gateway, event_id) == "pending"


def test_a_try_in_flight_does_not_end_the_round_that_began_meanwhile(
    gateway: Gateway, receiver: Receiver
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    receiver.status = 410
    receiver.meanwhile = lambda: resent(gateway, event_id)
    assert deliver(gateway, event_id) == "superseded"
    assert state(gateway, event_id) == "pending"
    assert len(shown(gateway, event_id).json["data"]["deliveries"]) == 1
    event = wiring.events().get(*(event_of(event_id) or ("", 0)))
    assert event is not None
    assert event.tries_of_this_round == 0


def test_a_resend_is_the_only_thing_that_starts_its_delivery(
    gateway: Gateway, receiver: Receiver
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    assert set(gateway.executions("Deliver")) == {event_id}
    resent(gateway, event_id)
    assert set(gateway.executions("Deliver")) == {event_id}
    changes = gateway.changes()
    for _ in range(2):
        assert gateway.announce(changes) == []
    assert set(gateway.executions("Deliver")) == {event_id, f"{event_id}-1"}
    receiver.status = 200
    deliver(gateway, event_id, 1)
    assert gateway.changes() == []


def test_an_event_is_sent_anew_ten_times_and_no_more(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    for number in range(1, MOST_RESENDS + 1):
        assert resent(gateway, event_id).json["data"]["resends"] == number
    before = gateway.items()
    answer = resent(gateway, event_id)
    assert (answer.status, answer.code) == (409, "RESEND_LIMIT")
    assert gateway.items() == before


def test_a_repeated_key_sends_nothing_a_second_time(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    first = resent(gateway, event_id, headers=KEY)
    again = resent(gateway, event_id, headers=KEY)
    assert (again.status, again.text) == (202, first.text)
    assert resent(gateway, event_id, headers={"Idempotency-Key": "two"}).json["data"][
        "resends"
    ] == (2)


def test_a_key_that_came_with_another_event_is_refused(gateway: Gateway) -> None:
    one, other = failed_payment(gateway, "ORDER-1"), failed_payment(gateway, "ORDER-2")
    resent(gateway, one, headers=KEY)
    answer = resent(gateway, other, headers=KEY)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert shown(gateway, other).json["data"]["resends"] == 0


def test_two_at_once_under_one_key_send_once(gateway: Gateway) -> None:
    event = wiring.events().get(*(event_of(failed_payment(gateway, "ORDER-1")) or ("", 0)))
    assert event is not None
    stand = at_once(
        2,
        "dynamodb.UpdateItem",
        lambda _: wiring.events().resend(event, "digest", gateway.clock()),
    )
    assert [after.resends for after in stand] == [1, 1]


def test_two_at_once_without_a_key_send_twice(gateway: Gateway) -> None:
    event = wiring.events().get(*(event_of(failed_payment(gateway, "ORDER-1")) or ("", 0)))
    assert event is not None
    stand = at_once(
        2, "dynamodb.UpdateItem", lambda _: wiring.events().resend(event, None, gateway.clock())
    )
    assert sorted(after.resends for after in stand) == [1, 2]


def test_a_resend_at_the_last_moment_is_remembered_for_as_long_as_it_is_tried(
    gateway: Gateway,
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    (item,) = gateway.events_of((event_of(event_id) or ("", 0))[0])
    assert item["forgotten_at"] == int(gateway.clock().timestamp()) + 30 * DAY
    gateway.clock.move(30 * DAY)
    assert resent(gateway, event_id).status == 202
    (item,) = gateway.events_of((event_of(event_id) or ("", 0))[0])
    assert item["forgotten_at"] == int(gateway.clock().timestamp()) + 7 * DAY


def test_nobody_sends_anothers_event_nor_one_of_the_other_mode(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    stranger = gateway.enrol("Agaseke")
    before = gateway.items()
    for pair in (stranger.live, stranger.test, gateway.shop.test):
        answer = resent(gateway, event_id, pair)
        assert (answer.status, answer.code) == (404, "EVENT_NOT_FOUND")
    assert gateway.items() == before


@pytest.mark.parametrize(
    ("body", "status"),
    [('{"to": "x"}', 422), ("[]", 400), ("nonsense", 400), ("x" * 70_000, 413)],
)
def test_a_resend_has_nothing_to_say(gateway: Gateway, body: str, status: int) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    assert resent(gateway, event_id, body=body).status == status
    assert shown(gateway, event_id).json["data"]["resends"] == 0
    assert resent(gateway, event_id, body="{}").status == 202


def test_a_resend_costs_three_calls(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    resent(gateway, event_id)
    gateway.aws_calls.clear()
    resent(gateway, event_id)
    assert gateway.aws_calls == [
        *("dynamodb.UpdateItem", "dynamodb.GetItem", "dynamodb.UpdateItem"),
    ]


# -------------------------------------------------------------------- a range
def test_a_range_is_sent_anew(gateway: Gateway) -> None:
    made = [failed_payment(gateway, f"ORDER-{number}") for number in range(3)]
    gateway.clock.move(DAY)
    later = failed_payment(gateway, "ORDER-LATER")
    answer = posted(gateway, RESEND_RANGE, TODAY)
    assert (answer.status, answer.json["data"], answer.json["meta"]) == (
        202,
        {"resent": 3, "passed_over": 0},
        {"next_cursor": None},
    )
    gateway.pump()
    started = set(gateway.executions("Deliver"))
    assert started == {*made, later, *(f"{event_id}-1" for event_id in made)}


def test_only_what_is_meant_is_sent_anew(gateway: Gateway) -> None:
    delivered, pending = (failed_payment(gateway, f"ORDER-{number}") for number in range(2))
    gateway.mark_delivered((event_of(delivered) or ("", 0))[0])
    narrow = {**TODAY, "state": "delivered", "type": "payment.failed"}
    assert posted(gateway, RESEND_RANGE, narrow).json["data"]["resent"] == 1
    assert shown(gateway, delivered).json["data"]["resends"] == 1
    assert shown(gateway, pending).json["data"]["resends"] == 0
    other = {**TODAY, "type": "payment.successful"}
    assert posted(gateway, RESEND_RANGE, other).json["data"] == {"resent": 0, "passed_over": 0}


def test_a_range_goes_on_where_its_cursor_says(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("announcements.resend.MOST_AT_ONCE", 2)
    made = [failed_payment(gateway, f"ORDER-{number}") for number in range(3)]
    first = posted(gateway, RESEND_RANGE, TODAY).json
    assert first["data"]["resent"] == 2
    cursor = {"cursor": first["meta"]["next_cursor"]}
    second = posted(gateway, RESEND_RANGE, {**TODAY, **cursor}).json
    assert (second["data"]["resent"], second["meta"]["next_cursor"]) == (1, None)
    assert [shown(gateway, event_id).json["data"]["resends"] for event_id in made] == [1, 1, 1]


def test_what_was_sent_too_often_is_passed_over_and_counted(gateway: Gateway) -> None:
    worn, fresh = (failed_payment(gateway, f"ORDER-{number}") for number in range(2))
    for _ in range(MOST_RESENDS):
        resent(gateway, worn)
    answer = posted(gateway, RESEND_RANGE, TODAY)
    assert answer.json["data"] == {"resent": 1, "passed_over": 1}
    assert shown(gateway, fresh).json["data"]["resends"] == 1


def test_a_repeated_range_sends_nothing_a_second_time(gateway: Gateway) -> None:
    made = [failed_payment(gateway, f"ORDER-{number}") for number in range(2)]
    answers = [posted(gateway, RESEND_RANGE, TODAY, headers=KEY) for _ in range(2)]
    assert answers[0].text == answers[1].text
    assert [shown(gateway, event_id).json["data"]["resends"] for event_id in made] == [1, 1]
    other = posted(gateway, RESEND_RANGE, {**TODAY, "state": "pending"}, headers=KEY)
    assert (other.status, other.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_a_strangers_range_holds_nothing_of_ours(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    stranger = gateway.enrol("Agaseke")
    for pair in (stranger.live, stranger.test, gateway.shop.test):
        answer = posted(gateway, RESEND_RANGE, TODAY, pair)
        assert answer.json["data"] == {"resent": 0, "passed_over": 0}
    assert shown(gateway, event_id).json["data"]["resends"] == 0


def test_a_range_holds_the_last_thirty_days(gateway: Gateway) -> None:
    failed_payment(gateway, "ORDER-1")
    bounds = {"from": "2026-10-22T14:30:00Z", "to": "2026-11-21T14:30:00Z"}
    assert posted(gateway, RESEND_RANGE, bounds).json["data"]["resent"] == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"from": None}, {"from"}),
        ({"to": None}, {"to"}),
        ({"from": "2026-11-22"}, {"to"}),
        ({"from": "2026-10-22T14:29:59Z"}, {"from"}),
        ({"from": "21/11/2026"}, {"from"}),
        ({"to": "2026-11-31"}, {"to"}),
        ({"from": 20261121}, {"from"}),
        ({"to": ["2026-11-21"]}, {"to"}),
        ({"type": "payment.lost"}, {"type"}),
        ({"type": ["payment.failed"]}, {"type"}),
        ({"state": 1}, {"state"}),
        ({"state": {}}, {"state"}),
        ({"cursor": "nonsense"}, {"cursor"}),
        ({"cursor": 1}, {"cursor"}),
        ({"limit": 5}, {"limit"}),
        ({"colour": "blue", "from": "?"}, {"colour", "from"}),
    ],
)
def test_a_range_that_cannot_be_read_is_refused_by_its_fields(
    gateway: Gateway, changes: dict[str, object], fields: set[str]
) -> None:
    failed_payment(gateway, "ORDER-1")
    before = gateway.items()
    given = {name: fact for name, fact in {**TODAY, **changes}.items() if fact is not None}
    answer = posted(gateway, RESEND_RANGE, given)
    assert (answer.status, answer.fields) == (422, fields)
    assert gateway.items() == before


@pytest.mark.parametrize(
    ("body", "status"), [(None, 400), ("[]", 400), ("{", 400), ("x" * 70_000, 413)]
)
def test_a_range_that_is_no_object_is_refused(
    gateway: Gateway, body: str | None, status: int
) -> None:
    assert posted(gateway, RESEND_RANGE, body).status == status


def test_all_that_is_kept_of_the_worst_event_fits_into_its_item(
    gateway: Gateway, receiver: Receiver
) -> None:
    receiver.status = 500
    receiver.text = "\u2615" * 1000
    url = receiver.url + "?" + "\u2615" * 1900
    session = gateway.opened(webhook_url=url, meta={"x": "y" * 8000})
    gateway.pay(session, leave="1")
    gateway.pump()
    event_id = str(gateway.events_of(session)[0]["event_id"])
    payment_id, version = event_of(event_id) or ("", 0)
    event = wiring.events().get(payment_id, version)
    assert event is not None
    with pytest.raises(NotDelivered):
        deliver(gateway, event_id)
    item = gateway.events_of(session)[0]
    most_tries = MOST_TRIES * (MOST_RESENDS + 1)
    size_of_a_try = len(json.dumps(item["tries"][0], ensure_ascii=False).encode())
    rest = len(json.dumps({**item, "tries": []}, ensure_ascii=False, default=str).encode())
    assert rest + most_tries * size_of_a_try < 400 * 1024
    assert item["state"] == DeliveryState.PENDING

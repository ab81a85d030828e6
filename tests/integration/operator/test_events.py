from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from infra.operator.deployment import Deployment
from infra.operator.enrolment import enrol
from infra.operator.past_events import events_of
from ledger.events import MOST_RESENDS, DeliveryState, Event, Events
from payments.clock import iso, utc_now
from payments.event_types import EventType
from payments.mode import Mode
from payments.references import event_id
from tests.integration.operator.conftest import Answer, Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy_boto3_dynamodb import DynamoDBClient

LIVE = ("--mode", "live")


@pytest.fixture
def events(deployment: Deployment) -> Events:
    return events_of(deployment)


@pytest.fixture
def merchant_id(deployment: Deployment) -> str:
    return enrol(deployment, "Ikawa House", None, utc_now()).merchant.merchant_id


@pytest.fixture
def happened(events: Events, merchant_id: str) -> "Callable[..., Event]":
    """Let a thing happen that the merchant should hear of, so many days ago."""
    count = 0

    def made(days: float = 1, **facts: Any) -> Event:  # noqa: ANN401  # any fact of an event
        nonlocal count
        count += 1
        payment_id = f"CHK-{count:016}"
        state = facts.pop("state", DeliveryState.PENDING)
        told: dict[str, Any] = {
            "event_id": event_id(payment_id, 2),
            "payment_id": payment_id,
            "version": 2,
            "merchant_id": merchant_id,
            "mode": Mode.LIVE,
            "type": EventType.SUCCESSFUL.value,
            "reference": f"ORDER-{count}",
            "body": "{}",
            "created_at": utc_now() - timedelta(days=days),
        }
        event = Event(**(told | facts))
        events.add(event)
        if state is not DeliveryState.PENDING:
            events.record_try(event, None, state)
        return event

    return made


def standing(events: Events, event: Event) -> tuple[int, DeliveryState]:
    """How often an event was sent anew, and where it stands."""
    found = events.get(event.payment_id, event.version)
    assert found is not None
    return found.resends, found.state


def day(days_ago: float) -> str:
    moment: datetime = utc_now() - timedelta(days=days_ago)
    return iso(moment)


# ---------------------------------------------------------------- list
def test_events_are_listed_newest_first(
    answer: Answer, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    old, new = happened(2), happened(1)
    happened(1, mode=Mode.TEST)
    happened(31)
    listed = answer("events", "list", merchant_id, *LIVE)
    assert [one["event_id"] for one in listed] == [new.event_id, old.event_id]
    assert listed[0] == {
        "event_id": new.event_id,
        "type": "payment.successful",
        "reference": new.reference,
        "state": "pending",
        "created_at": iso(new.created_at),
    }


def test_events_are_listed_by_state_and_time(
    answer: Answer, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    lost = happened(1, state=DeliveryState.EXHAUSTED)
    happened(1, state=DeliveryState.DELIVERED)
    happened(9, state=DeliveryState.EXHAUSTED)
    words = ("--state", "exhausted", "--since", day(3))
    listed = answer("events", "list", merchant_id, *LIVE, *words)
    assert [one["event_id"] for one in listed] == [lost.event_id]


def test_a_list_that_was_cut_says_so(
    run: Run, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    for _ in range(3):
        happened()
    cut = run("events", "list", merchant_id, *LIVE, "--limit", "2")
    assert len(cut.stdout.splitlines()) == 3
    assert cut.stderr == "There are more than these 2: say --limit\n"
    assert run("events", "list", merchant_id, *LIVE, "--limit", "3").stderr == ""


# ---------------------------------------------------------------- resend
def test_events_that_are_named_are_sent_anew_once_each(
    run: Run, events: Events, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    one, two, other = (happened(state=DeliveryState.DELIVERED) for _ in range(3))
    told = run("events", "resend", merchant_id, one.event_id, two.event_id)
    assert (told.exit_code, told.stdout) == (0, "2 sent anew\n")
    assert standing(events, one) == standing(events, two) == (1, DeliveryState.PENDING)
    assert standing(events, other) == (0, DeliveryState.DELIVERED)


def test_a_resend_is_news_for_the_stream(
    run: Run, dynamodb: "DynamoDBClient", merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    event = happened()
    run("events", "resend", merchant_id, event.event_id)
    items = dynamodb.scan(TableName="Payments")["Items"]
    assert [item["news"] for item in items] == [{"S": "deliver"}]


@pytest.mark.parametrize("name", ["evt_0000000000000009_2", "evt_x", "ORDER-1"])
def test_nothing_is_sent_when_one_of_the_events_is_not_there(
    run: Run, events: Events, merchant_id: str, happened: "Callable[..., Event]", name: str
) -> None:
    event = happened()
    refused = run("events", "resend", merchant_id, event.event_id, name)
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: {merchant_id} has no event {name}\n"
    assert standing(events, event) == (0, DeliveryState.PENDING)


def test_neither_a_strangers_event_nor_a_forgotten_one_is_sent(
    run: Run, events: Events, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    for event in (happened(merchant_id="mer_stranger0000"), happened(31)):
        assert run("events", "resend", merchant_id, event.event_id).exit_code == 1
        assert standing(events, event) == (0, DeliveryState.PENDING)


def test_a_range_is_sent_anew_by_type_and_state(
    run: Run, events: Events, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    lost = {"state": DeliveryState.EXHAUSTED}
    meant = [happened(days, **lost) for days in (2, 3)]
    spared = [
        happened(1, **lost),
        happened(5, **lost),
        happened(2),
        happened(2, type=EventType.FAILED.value, **lost),
        happened(2, mode=Mode.TEST, **lost),
        happened(2, merchant_id="mer_stranger0000", **lost),
    ]
    words = ("--from", day(4), "--to", day(1.5), "--state", "exhausted")
    told = run("events", "resend", merchant_id, *LIVE, *words, "--type", "payment.successful")
    assert (told.exit_code, told.stdout) == (0, "2 sent anew\n"), told.output
    assert [standing(events, event)[0] for event in meant] == [1, 1]
    assert [standing(events, event)[0] for event in spared] == [0] * len(spared)


def test_a_range_goes_on_over_pages(
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    merchant_id: str,
    happened: "Callable[..., Event]",
) -> None:
    monkeypatch.setattr("infra.operator.past_events.PAGE_SIZE", 2)
    for _ in range(5):
        happened()
    told = run("events", "resend", merchant_id, *LIVE, "--from", day(2), "--to", day(0))
    assert told.stdout == "5 sent anew\n"


def test_an_event_that_was_sent_often_enough_is_passed_over_and_counted(
    run: Run, events: Events, merchant_id: str, happened: "Callable[..., Event]"
) -> None:
    event = happened()
    for _ in range(MOST_RESENDS):
        found = events.get(event.payment_id, event.version)
        assert found is not None
        events.resend(found, None, utc_now())
    told = run("events", "resend", merchant_id, event.event_id, happened().event_id)
    assert told.stdout == "1 sent anew, 1 passed over: 10 times anew is enough\n"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--from", "2026-11-01", "--to", "2026-11-02"),
        ("--mode", "live", "--from", "2026-11-01"),
        ("evt_0000000000000001_2", "--mode", "live"),
        ("--mode", "live", "--from", "yesterday", "--to", "2026-11-02"),
    ],
)
def test_what_is_meant_must_be_said(
    run: Run,
    events: Events,
    merchant_id: str,
    happened: "Callable[..., Event]",
    words: tuple[str, ...],
) -> None:
    event = happened()
    refused = run("events", "resend", merchant_id, *words)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert standing(events, event) == (0, DeliveryState.PENDING)


def test_ctrl_c_tells_how_many_were_sent(
    monkeypatch: pytest.MonkeyPatch,
    run: Run,
    events: Events,
    merchant_id: str,
    happened: "Callable[..., Event]",
) -> None:
    sent = [happened(days) for days in (1, 2, 3)]
    before = Events.resend

    def press(self: Events, event: Event, *rest: Any) -> Event:  # noqa: ANN401  # passed on
        if event.event_id == sent[1].event_id:
            raise KeyboardInterrupt
        return before(self, event, *rest)

    monkeypatch.setattr(Events, "resend", press)
    told = run("events", "resend", merchant_id, *LIVE, "--from", day(4), "--to", day(0))
    assert told.exit_code == 130
    assert told.stderr == "Stopped: 1 sent anew\n"
    assert [standing(events, event)[0] for event in sent] == [1, 0, 0]


def test_nobodys_events_are_refused(run: Run) -> None:
    for words in (("list",), ("resend", "--from", day(2), "--to", day(1))):
        refused = run("events", words[0], "mer_nobody000000", *words[1:], *LIVE)
        assert refused.exit_code == 1
        assert refused.stderr == "Error: There is no merchant mer_nobody000000\n"

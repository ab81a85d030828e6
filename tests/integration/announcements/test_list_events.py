import pytest

from ledger.endpoints import DisabledWhy
from payments.keys import KeyPair
from plumbing import wiring
from tests.integration.announcements.asking import failed_payment, listed
from tests.integration.gateway import Gateway

DAY = 24 * 60 * 60


def some_events(gateway: Gateway, count: int, pair: KeyPair | None = None) -> list[str]:
    """Events a minute apart, newest first."""
    made = []
    for number in range(count):
        made.append(failed_payment(gateway, f"ORDER-{number}", pair))
        gateway.clock.move(60)
    return made[::-1]


def all_pages(gateway: Gateway, **query: str) -> list[list[str]]:
    cursor: dict[str, str] = {}
    found = []
    while True:
        answer = listed(gateway, {**query, **cursor})
        assert answer.status == 200, answer.text
        found.append([event["event_id"] for event in answer.json["data"]])
        if answer.json["meta"]["next_cursor"] is None:
            return found
        cursor = {"cursor": answer.json["meta"]["next_cursor"]}


def mark(gateway: Gateway, event_id: str) -> None:
    session, _, _ = event_id.removeprefix("evt_").rpartition("_")
    gateway.mark_delivered(f"CHK-{session}")


def test_a_merchant_who_heard_nothing_has_an_empty_list(gateway: Gateway) -> None:
    assert listed(gateway, {}).json == {
        "success": True,
        "message": "Events, newest first",
        "data": [],
        "meta": {"next_cursor": None},
        "notices": [],
    }


def test_an_event_is_told_in_short(gateway: Gateway) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    assert listed(gateway, {}).json["data"] == [
        {
            "event_id": event_id,
            "type": "payment.failed",
            "reference": "ORDER-1",
            "state": "pending",
            "created_at": "2026-11-21T14:30:00Z",
        }
    ]


def test_pages_hold_every_event_once_and_the_newest_first(gateway: Gateway) -> None:
    made = some_events(gateway, 5)
    assert all_pages(gateway, limit="2") == [made[:2], made[2:4], made[4:]]
    assert all_pages(gateway, limit="5") == [made]
    assert all_pages(gateway) == [made]


def test_events_are_found_by_their_state(gateway: Gateway) -> None:
    made = some_events(gateway, 5)
    mark(gateway, made[1])
    mark(gateway, made[4])
    assert all_pages(gateway, state="delivered") == [[made[1], made[4]]]
    assert all_pages(gateway, state="delivered", limit="1") == [[made[1]], [made[4]]]
    assert all_pages(gateway, state="exhausted") == [[]]


def test_events_are_found_by_their_type(gateway: Gateway) -> None:
    made = some_events(gateway, 2)
    assert all_pages(gateway, type="payment.failed") == [made]
    assert all_pages(gateway, type="payment.successful") == [[]]


def test_events_are_found_by_their_time(gateway: Gateway) -> None:
    made = some_events(gateway, 3)
    times = {"from": "2026-11-21T14:31:00Z", "to": "2026-11-21T14:32:00Z"}
    assert all_pages(gateway, **times) == [made[:2]]
    assert all_pages(gateway, to="2026-11-21T14:30:00Z") == [made[2:]]
    assert all_pages(gateway, **{"from": "2026-11-22"}) == [[]]
    assert all_pages(gateway, to="2026-01-01") == [[]]


def test_what_is_older_than_thirty_days_is_not_told(gateway: Gateway) -> None:
    made = some_events(gateway, 2)
    gateway.clock.move(30 * DAY - 100)
    assert all_pages(gateway) == [made[:1]]
    assert all_pages(gateway, **{"from": "2026-01-01"}) == [made[:1]]
    gateway.clock.move(100)
    assert all_pages(gateway) == [[]]


def test_a_cursor_whose_events_grew_too_old_leads_to_an_end(gateway: Gateway) -> None:
    some_events(gateway, 3)
    cursor = listed(gateway, {"limit": "1"}).json["meta"]["next_cursor"]
    gateway.clock.move(40 * DAY)
    gateway.aws_calls.clear()
    answer = listed(gateway, {"cursor": cursor})
    # DynamoDB would refuse the question; moto does not.
    assert "dynamodb.Query" not in gateway.aws_calls
    assert (answer.status, answer.json["data"], answer.json["meta"]) == (
        *(200, []),
        {"next_cursor": None},
    )


def test_a_request_reads_so_much_and_no_more(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("announcements.wishes.PAGE_SIZE", 1)
    made = some_events(gateway, 7)
    mark(gateway, made[6])
    gateway.aws_calls.clear()
    first = listed(gateway, {"state": "delivered"})
    assert gateway.aws_calls.count("dynamodb.Query") == 5
    assert first.json["data"] == []
    rest = {"cursor": first.json["meta"]["next_cursor"], "state": "delivered"}
    assert [event["event_id"] for event in listed(gateway, rest).json["data"]] == [made[6]]


def test_nobody_sees_anothers_events_nor_those_of_the_other_mode(gateway: Gateway) -> None:
    failed_payment(gateway, "ORDER-1")
    stranger = gateway.enrol("Agaseke")
    for pair in (stranger.live, stranger.test, gateway.shop.test):
        assert listed(gateway, {}, pair).json["data"] == []


def test_a_strangers_cursor_leads_into_ones_own_list(gateway: Gateway) -> None:
    some_events(gateway, 3)
    cursor = listed(gateway, {"limit": "1"}).json["meta"]["next_cursor"]
    stranger = gateway.enrol("Agaseke")
    assert listed(gateway, {"cursor": cursor}, stranger.live).json["data"] == []


def test_a_list_costs_three_calls(gateway: Gateway) -> None:
    failed_payment(gateway, "ORDER-1")
    listed(gateway, {})
    gateway.aws_calls.clear()
    listed(gateway, {})
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.Query", "dynamodb.GetItem"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"type": "payment.lost"}, "type"),
        ({"state": "sent"}, "state"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "\u0661"}, "limit"),
        ({"from": "yesterday"}, "from"),
        ({"to": "2026-13-01"}, "to"),
        ({"from": "2026-11-21", "to": "2026-11-20"}, "to"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "WyJhIiwiYiIsImMiXQ"}, "cursor"),
        ({"colour": "blue"}, "colour"),
    ],
)
def test_a_wish_that_cannot_be_read_is_refused_by_its_name(
    gateway: Gateway, query: dict[str, str], field: str
) -> None:
    answer = listed(gateway, query)
    assert (answer.status, answer.fields) == (422, {field})


def test_a_cursor_of_another_time_is_refused(gateway: Gateway) -> None:
    some_events(gateway, 3)
    cursor = listed(gateway, {"limit": "1"}).json["meta"]["next_cursor"]
    answer = listed(gateway, {"cursor": cursor, "to": "2026-11-21T14:30:00Z"})
    assert (answer.status, answer.fields) == (422, {"cursor"})


def test_a_disabled_endpoint_is_told_with_every_list(gateway: Gateway) -> None:
    shop = gateway.shop.merchant.merchant_id
    for pair in (gateway.shop.live, gateway.shop.test):
        wiring.endpoints().set_url(shop, pair.mode, "https://shop.example/")
    before = wiring.endpoints().get(shop, gateway.shop.live.mode)
    wiring.endpoints().disable(before, DisabledWhy.GONE, gateway.clock())
    (notice,) = listed(gateway, {}).json["notices"]
    assert (notice["code"], notice["since"], notice["reason"]) == (
        *("WEBHOOK_ENDPOINT_DISABLED", "2026-11-21T14:30:00Z"),
        "gone",
    )
    assert notice["message"]
    assert listed(gateway, {}, gateway.shop.test).json["notices"] == []

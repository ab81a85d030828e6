import pytest

from ledger.listing import Place
from plumbing import cursors
from tests.integration.gateway import Gateway
from tests.integration.links.sharing import (
    FEE,
    INVOICE,
    create,
    deactivate,
    listed,
    made,
    pages,
    pay,
    show,
    visit,
)
from tests.integration.rest_events import Answer

NOBODYS = (
    "lnk_0123456789ab",
    "lnk_",
    "x",
    "..",
    "%00",
    "LINK",
    "lnk_0123456789AB",
    "☕",
    "x" * 500,
)


def made_one_after_the_other(gateway: Gateway, times: int) -> list[str]:
    """So many links; their ids, newest first."""
    ids = []
    for _ in range(times):
        gateway.clock.move(1)
        ids.append(made(gateway)["link_id"])
    return ids[::-1]


def test_lists_the_newest_first(gateway: Gateway) -> None:
    ids = made_one_after_the_other(gateway, 3)
    answer = listed(gateway)
    assert [link["link_id"] for link in answer.json["data"]] == ids
    assert answer.json["meta"] == {"next_cursor": None}
    assert (answer.json["success"], answer.json["message"]) == (True, "Payment links")


def test_a_link_in_the_list_is_told_as_it_is_alone(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    pay(link["slug"])
    told = listed(gateway).json["data"][0]
    assert told == show(gateway, link["link_id"]).json["data"]
    assert (told["uses"], told["standing"]) == (1, "used_up")


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_pages_hold_every_link_once(gateway: Gateway, limit: int) -> None:
    ids = made_one_after_the_other(gateway, 5)
    found = list(pages(gateway, limit))
    assert [link_id for page in found for link_id in page] == ids
    assert all(found)


def test_links_of_one_second_are_each_listed_once(gateway: Gateway) -> None:
    ids = {made(gateway)["link_id"] for _ in range(5)}
    found = [link_id for page in pages(gateway, 2) for link_id in page]
    assert len(found) == 5
    assert set(found) == ids


def test_twenty_are_listed_unless_told_otherwise(gateway: Gateway) -> None:
    made_one_after_the_other(gateway, 21)
    assert len(listed(gateway).json["data"]) == 20


def test_nobody_sees_a_strangers_links(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    stranger = gateway.enrol("Icyayi House")
    for pair in (gateway.shop.test, stranger.live, stranger.test):
        assert listed(gateway, pair=pair).json["data"] == []
        for answer in (show(gateway, link_id, pair), deactivate(gateway, link_id, pair)):
            assert (answer.status, answer.code) == (404, "LINK_NOT_FOUND")
    assert show(gateway, link_id).json["data"]["active"]


def test_a_strangers_cursor_shows_nothing_of_theirs(gateway: Gateway) -> None:
    made_one_after_the_other(gateway, 3)
    cursor = listed(gateway, {"limit": "1"}).json["meta"]["next_cursor"]
    stranger = gateway.enrol("Icyayi House")
    assert listed(gateway, {"cursor": cursor}, stranger.live).json["data"] == []


@pytest.mark.parametrize("link_id", NOBODYS)
def test_an_unknown_link_is_not_found(gateway: Gateway, link_id: str) -> None:
    for answer in (show(gateway, link_id), deactivate(gateway, link_id)):
        assert (answer.status, answer.code) == (404, "LINK_NOT_FOUND")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("limit", v) for v in ("0", "101", "-1", "1.5", "", "ten", "\u0663", "1000000000")),
        *(("cursor", v) for v in ("", "x", "e30", "x" * 600, "W10", "☕")),
        ("page", "2"),
        ("mode", "test"),
    ],
)
def test_names_the_parameter_that_is_wrong(gateway: Gateway, name: str, value: str) -> None:
    answer = listed(gateway, {name: value})
    assert answer.status == 422
    assert answer.fields == {name}


@pytest.mark.parametrize(
    "place",
    [
        Place("2026-11-21T14:30:00Z", "CHK-0123456789ABCDEF", "PAYMENT"),
        Place("2026-11-21T14:30:00Z", "LINK#lnk_0123456789ab", "USE#"),
        Place("yesterday", "LINK#lnk_0123456789ab", "LINK"),
    ],
)
def test_a_cursor_of_another_list_is_refused(gateway: Gateway, place: Place) -> None:
    assert listed(gateway, {"cursor": cursors.write(place)}).fields == {"cursor"}


def test_one_link_takes_no_parameters(gateway: Gateway) -> None:
    assert show(gateway, made(gateway)["link_id"], limit="1").fields == {"limit"}


def test_only_good_keys_show_links(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    pair = gateway.shop.live
    gateway.merchants.revoke(pair.public_key, gateway.clock())
    answers = (listed(gateway), show(gateway, link_id), deactivate(gateway, link_id))
    assert {answer.code for answer in answers} == {"AUTH_FAILED"}


# -------------------------------------------------------------------- closed
def test_a_closed_link_stays_and_takes_no_payment(gateway: Gateway) -> None:
    link = made(gateway)
    answer = deactivate(gateway, link["link_id"])
    assert answer.status == 200
    assert answer.json["message"] == "Payment link deactivated"
    assert answer.json["data"] == link | {"active": False, "standing": "deactivated"}
    assert show(gateway, link["link_id"]).json["data"] == answer.json["data"]
    assert visit(link["slug"]).status == 410


def test_closing_again_changes_nothing(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    first = deactivate(gateway, link_id)
    for body in (None, "", "{}"):
        assert same(deactivate(gateway, link_id, body=body), first)


def test_closing_takes_an_idempotency_key(gateway: Gateway) -> None:
    one, other = made(gateway)["link_id"], made(gateway)["link_id"]
    headers = {"Idempotency-Key": "close"}
    assert deactivate(gateway, one, headers=headers).status == 200
    assert deactivate(gateway, one, headers=headers).status == 200
    reused = deactivate(gateway, other, headers=headers)
    assert (reused.status, reused.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert show(gateway, other).json["data"]["active"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ('{"active": true}', "VALIDATION_ERROR"),
        ("[]", "MALFORMED_BODY"),
        ("{", "MALFORMED_BODY"),
        ("x" * 70_000, "BODY_TOO_LARGE"),
    ],
)
def test_a_body_that_says_something_closes_nothing(gateway: Gateway, body: str, code: str) -> None:
    link_id = made(gateway)["link_id"]
    assert deactivate(gateway, link_id, body=body).code == code
    assert show(gateway, link_id).json["data"]["active"]


# -------------------------------------------------------------------- what it costs
def test_reading_closing_and_listing_cost_one_call_each_beside_the_count(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    gateway.aws_calls.clear()
    show(gateway, link_id)
    listed(gateway)
    deactivate(gateway, link_id)
    counted = "dynamodb.UpdateItem"
    assert gateway.aws_calls == [
        *(counted, "dynamodb.GetItem"),
        *(counted, "dynamodb.Query"),
        *(counted, "dynamodb.UpdateItem"),
    ]


def test_every_keyed_answer_tells_what_is_left(gateway: Gateway) -> None:
    link_id = made(gateway)["link_id"]
    answers = (create(gateway, FEE), listed(gateway), show(gateway, link_id))
    assert all("x-ratelimit-remaining" in answer.headers for answer in answers)


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.json) == (other.status, other.json)

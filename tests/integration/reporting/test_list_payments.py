import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ledger.listing import Place
from payments import keys
from payments.mode import Mode
from payments.status import AttemptStatus, Status
from plumbing import cursors
from tests.examples import attempt
from tests.integration.gateway import Gateway, key_of
from tests.integration.reporting.asking import ask, listed, pages, put, references

DECLINED = attempt(status=AttemptStatus.DECLINED)


def crafted(*parts: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


# -------------------------------------------------------------------- what it shows
def test_nothing_is_an_empty_page(gateway: Gateway) -> None:
    answer = listed(gateway)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "success": True,
        "message": "Payments, newest first",
        "data": [],
        "meta": {"next_cursor": None},
    }


def test_a_payment_that_nobody_tried_to_pay_yet(gateway: Gateway) -> None:
    session = gateway.opened()
    assert listed(gateway).json["data"] == [
        {
            "reference": "ORDER-12345",
            "session_id": session,
            "status": "pending",
            "amount": 5000,
            "currency": "RWF",
            "provider": None,
            "link_id": None,
            "created_at": "2026-11-21T14:30:00Z",
            "expires_at": "2026-11-21T15:30:00Z",
            "paid_at": None,
            "transaction_id": None,
            "mode": "live",
        }
    ]


def test_a_paid_payment_shows_its_receipt_and_its_provider(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.clock.move(9)
    gateway.till.tick()
    (shown,) = listed(gateway).json["data"]
    assert (shown["status"], shown["provider"]) == ("successful", "kpay")
    assert shown["paid_at"] == "2026-11-21T14:30:09Z"
    assert shown["transaction_id"] == gateway.payment(session).transaction_id


def test_the_newest_comes_first(gateway: Gateway) -> None:
    for reference, seconds in (("B", 5), ("A", 0), ("C", 9)):
        put(gateway, reference, seconds=seconds)
    assert references(listed(gateway)) == ["C", "B", "A"]


def test_never_tells_who_pays(gateway: Gateway) -> None:
    put(gateway, "A", attempt())
    assert not any(word in listed(gateway).text for word in ("Uwase", "aline", "788123456"))


# -------------------------------------------------------------------- whose they are
def test_two_merchants_never_see_each_others(gateway: Gateway) -> None:
    other = gateway.enrol("Other")
    for number in range(3):
        put(gateway, f"OURS-{number}")
        put(gateway, f"THEIRS-{number}", shop=other)
    assert {reference[:4] for reference in references(listed(gateway))} == {"OURS"}
    assert {reference[:4] for reference in references(listed(gateway, other.live))} == {"THEI"}


def test_keys_of_either_mode_see_only_their_own_mode(gateway: Gateway) -> None:
    put(gateway, "REHEARSAL", mode=Mode.TEST)
    put(gateway, "MONEY")
    assert references(listed(gateway, gateway.shop.test)) == ["REHEARSAL"]
    assert references(listed(gateway)) == ["MONEY"]
    assert references(listed(gateway, mode="live")) == ["MONEY"]
    assert listed(gateway, mode="test").fields == {"mode"}
    assert listed(gateway, gateway.shop.test, mode="live").fields == {"mode"}


def test_a_cursor_of_another_merchant_shows_nothing_of_theirs(gateway: Gateway) -> None:
    other = gateway.enrol("Other")
    for number in range(4):
        put(gateway, f"OURS-{number}", seconds=number)
        put(gateway, f"THEIRS-{number}", shop=other, seconds=number)
    theirs = listed(gateway, other.live, limit="2").json["meta"]["next_cursor"]
    assert set(references(listed(gateway, cursor=theirs))) <= {"OURS-0", "OURS-1", "OURS-2"}


# -------------------------------------------------------------------- page after page
@pytest.mark.parametrize("limit", ["100", "7", "1"])
def test_paging_shows_each_payment_exactly_once(gateway: Gateway, limit: str) -> None:
    count = 250 if limit == "100" else 30
    # Several in each second: they have to be told apart all the same.
    for number in range(count):
        put(gateway, f"ORDER-{number:03}", seconds=number // 5)
    found = [payment for page in pages(gateway, limit=limit) for payment in page]
    assert sorted(payment["reference"] for payment in found) == [
        f"ORDER-{number:03}" for number in range(count)
    ]
    moments = [payment["created_at"] for payment in found]
    assert moments == sorted(moments, reverse=True)


def test_a_narrow_filter_finds_each_payment_exactly_once(gateway: Gateway) -> None:
    for number in range(250):
        attempts = (DECLINED,) if number % 9 == 0 else ()
        put(gateway, f"ORDER-{number:03}", *attempts, seconds=number // 5)
    found = list(pages(gateway, provider="kpay", limit="10"))
    assert [len(page) for page in found] == [10, 10, 8]
    assert sorted(p["reference"] for page in found for p in page) == [
        f"ORDER-{number:03}" for number in range(0, 250, 9)
    ]


@pytest.mark.parametrize("count", [20, 19, 1])
def test_a_last_page_that_is_full_leads_to_no_empty_one(gateway: Gateway, count: int) -> None:
    for number in range(count):
        put(gateway, f"ORDER-{number}")
    answer = listed(gateway)
    assert len(answer.json["data"]) == count
    assert answer.json["meta"] == {"next_cursor": None}


def test_a_request_reads_no_more_than_five_pages(gateway: Gateway) -> None:
    for number in range(520):
        attempts = (DECLINED,) if number == 0 else ()
        put(gateway, f"ORDER-{number:03}", *attempts, seconds=number)
    listed(gateway)
    gateway.aws_calls.clear()
    first = listed(gateway, provider="kpay")
    assert gateway.aws_calls.count("dynamodb.Query") == 5
    assert (references(first), first.json["meta"]["next_cursor"] is None) == ([], False)
    last = listed(gateway, provider="kpay", cursor=first.json["meta"]["next_cursor"])
    assert references(last) == ["ORDER-000"]
    assert last.json["meta"]["next_cursor"] is None


def test_a_payment_that_is_opened_meanwhile_disturbs_no_paging(gateway: Gateway) -> None:
    for number in range(4):
        put(gateway, f"ORDER-{number}", seconds=number)
    first = listed(gateway, limit="2")
    put(gateway, "YOUNGER", seconds=9)
    second = listed(gateway, limit="2", cursor=first.json["meta"]["next_cursor"])
    assert [*references(first), *references(second)] == [f"ORDER-{n}" for n in (3, 2, 1, 0)]


# -------------------------------------------------------------------- filters
def test_by_status(gateway: Gateway) -> None:
    for status in Status:
        put(gateway, status.upper(), status=status)
    for status in Status:
        assert references(listed(gateway, status=status)) == [status.upper()]


def test_what_nobody_paid_in_time_is_expired_and_not_pending(gateway: Gateway) -> None:
    put(gateway, "NOBODY-PAID")
    put(gateway, "PROMPT-IS-OUT", attempt())
    put(gateway, "DECLINED", DECLINED)
    put(gateway, "YOUNG", seconds=1)
    put(gateway, "SWEPT", status=Status.EXPIRED)
    gateway.clock.move(3600)
    assert sorted(references(listed(gateway, status="expired"))) == [
        *("DECLINED", "NOBODY-PAID", "SWEPT"),
    ]
    assert sorted(references(listed(gateway, status="pending"))) == ["PROMPT-IS-OUT", "YOUNG"]
    told = {p["reference"]: p["status"] for p in listed(gateway).json["data"]}
    assert told["NOBODY-PAID"] == "expired"
    assert told["PROMPT-IS-OUT"] == "pending"


def test_by_the_provider_of_the_last_attempt(gateway: Gateway) -> None:
    put(gateway, "K", DECLINED)
    put(gateway, "V", DECLINED, attempt(2, provider="vpay"))
    put(gateway, "NONE")
    assert references(listed(gateway, provider="kpay")) == ["K"]
    assert references(listed(gateway, provider="vpay")) == ["V"]
    assert references(listed(gateway, provider="dgspay")) == []


def test_by_the_link_that_made_them(gateway: Gateway) -> None:
    put(gateway, "BY-LINK", link_id="lnk_abc")
    put(gateway, "BY-ANOTHER", link_id="lnk_abcd")
    put(gateway, "BY-API")
    assert references(listed(gateway, link="lnk_abc")) == ["BY-LINK"]
    assert references(listed(gateway, link="lnk_nobodys")) == []


def test_filters_hold_together(gateway: Gateway) -> None:
    put(gateway, "A", DECLINED, status=Status.FAILED)
    put(gateway, "B", DECLINED)
    put(gateway, "C", status=Status.FAILED)
    assert references(listed(gateway, status="failed", provider="kpay")) == ["A"]


def at(text: str) -> dict[str, Any]:
    opened_at = datetime.fromisoformat(text).astimezone(UTC)
    return {"created_at": opened_at, "expires_at": opened_at + timedelta(hours=1)}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"since": "2026-11-20", "to": "2026-11-20"}, ["LAST-SECOND", "MIDNIGHT"]),
        ({"since": "2026-11-20"}, ["NEXT-DAY", "LAST-SECOND", "MIDNIGHT"]),
        ({"to": "2026-11-20"}, ["LAST-SECOND", "MIDNIGHT", "DAY-BEFORE"]),
        ({"to": "2026-11-19"}, ["DAY-BEFORE"]),
        ({"since": "2026-11-20T00:00:01Z", "to": "2026-11-20"}, ["LAST-SECOND"]),
        ({"since": "2026-11-20T23:59:59Z", "to": "2026-11-20T23:59:59Z"}, ["LAST-SECOND"]),
        ({"since": "2026-11-21T02:00:00+02:00"}, ["NEXT-DAY"]),
        ({"to": "2026-11-20T01:59:59+02:00"}, ["DAY-BEFORE"]),
        ({"since": "2026-11-22"}, []),
        ({"since": "9999-12-31"}, []),
        ({"to": "9999-12-31", "since": "2000-01-01", "limit": "1"}, ["NEXT-DAY"]),
    ],
)
def test_by_when_they_were_opened(
    gateway: Gateway, query: dict[str, str], found: list[str]
) -> None:
    put(gateway, "DAY-BEFORE", **at("2026-11-19T23:59:59Z"))
    put(gateway, "MIDNIGHT", **at("2026-11-20T00:00:00Z"))
    put(gateway, "LAST-SECOND", **at("2026-11-20T23:59:59Z"))
    put(gateway, "NEXT-DAY", **at("2026-11-21T00:00:00Z"))
    assert references(listed(gateway, **query)) == found


# -------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("status", value) for value in ("", "paid", "PENDING", "pending,failed", "x" * 9000)),
        *(("mode", value) for value in ("", "LIVE", "sandbox")),
        *(("provider", value) for value in ("", "paypal", "KPAY", "kpay ", "\x00")),
        *(("link", value) for value in ("", "x" * 101)),
        *(("from", value) for value in ("", "yesterday", "2026-11-31", "0001-01-01", "1" * 5000)),
        *(("to", value) for value in ("", "2026-13-01", "2026-11-21T25:00", "-1")),
        *(("limit", value) for value in ("", "0", "101", "-1", "1.5", "ten", "\u0663", "9" * 5000)),
        *(("cursor", value) for value in ("", "x", "!", "null", "e30", "W10", "é", "A" * 5000)),
    ],
)
def test_a_parameter_that_is_wrong_is_named(gateway: Gateway, name: str, value: str) -> None:
    assert listed(gateway, **{name: value}).fields == {name}


@pytest.mark.parametrize(
    "parts",
    [
        (),
        ("2026-11-21T14:30:00Z", "CHK-0123456789ABCDEF"),
        ("2026-11-21T14:30:00Z", "CHK-0123456789ABCDEF", "PAYMENT", "mer_other#live#payments"),
        ("2026-11-21T14:30:00Z", "CHK-0123456789ABCDEF", "EVENT#0000000002"),
        ("2026-11-21T14:30:00Z", "MERCHANT#mer_other", "PAYMENT"),
        ("2026-11-21T14:30:00Z", "CHK-\ud800", "PAYMENT"),
        ("2026-11-21T14:30:00Z", "", "PAYMENT"),
        ("2026-11-21T14:30:00Z", None, "PAYMENT"),
        ("2026-11-21T14:30:00Z", {"S": "CHK-0123456789ABCDEF"}, "PAYMENT"),
        ("zzz", "CHK-0123456789ABCDEF", "PAYMENT"),
        ("2026-1-1T1:1:1Z", "CHK-0123456789ABCDEF", "PAYMENT"),
        (20261121, "CHK-0123456789ABCDEF", "PAYMENT"),
    ],
)
def test_a_crafted_cursor_leads_nowhere(gateway: Gateway, parts: tuple[object, ...]) -> None:
    assert listed(gateway, cursor=crafted(*parts)).fields == {"cursor"}


def test_a_cursor_of_another_stretch_of_time_is_refused(gateway: Gateway) -> None:
    # DynamoDB would refuse it with an error of its own.
    place = Place("2026-11-21T14:30:00Z", "CHK-0123456789ABCDEF", "PAYMENT")
    cursor = cursors.write(place)
    assert listed(gateway, cursor=cursor, since="2026-11-22").fields == {"cursor"}
    assert listed(gateway, cursor=cursor, to="2026-11-20").fields == {"cursor"}
    assert listed(gateway, cursor=cursor, since="2026-11-21", to="2026-11-21").status == 200


def test_a_stretch_of_time_that_ends_before_it_begins_is_refused(gateway: Gateway) -> None:
    assert listed(gateway, since="2026-11-21", to="2026-11-20").fields == {"to"}


def test_everything_that_is_wrong_is_named_at_once(gateway: Gateway) -> None:
    wrong = listed(gateway, status="paid", limit="0", since="today", cursor="x")
    assert wrong.fields == {"status", "limit", "from", "cursor"}


@pytest.mark.parametrize("name", ["page", "since", "until", "merchant_id", "owner", "Status", ""])
def test_a_parameter_that_there_is_none_of_is_named(gateway: Gateway, name: str) -> None:
    assert ask(gateway, {name: "1"}).fields == {name}


def test_without_both_keys_nothing_is_told(gateway: Gateway) -> None:
    put(gateway, "A")
    shop, stranger = gateway.shop, gateway.enrol("Stranger")
    for headers in (
        {},
        {"X-Public-Key": shop.live.public_key},
        {"X-Secret-Key": shop.live.secret_key},
        {"X-Public-Key": shop.live.public_key, "X-Secret-Key": stranger.live.secret_key},
        {"X-Public-Key": shop.live.public_key, "X-Secret-Key": shop.test.secret_key},
        {"X-Public-Key": keys.mint(Mode.LIVE).public_key, "X-Secret-Key": shop.live.secret_key},
    ):
        answer = ask(gateway, {}, headers=headers)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED")


def test_a_revoked_key_sees_nothing_from_that_moment_on(gateway: Gateway) -> None:
    put(gateway, "A")
    assert references(listed(gateway)) == ["A"]
    pair = key_of(gateway.shop.merchant, gateway.shop.live)
    gateway.merchants.revoke(pair.public_key, gateway.clock())
    assert listed(gateway).code == "AUTH_FAILED"


# -------------------------------------------------------------------- cost
def test_an_unfiltered_page_costs_two_calls_to_aws(gateway: Gateway) -> None:
    for number in range(30):
        put(gateway, f"ORDER-{number}")
    listed(gateway)
    queries: list[dict[str, str]] = [
        {},
        {"limit": "30"},
        {"since": "2026-11-21", "to": "2026-11-21", "mode": "live"},
    ]
    for query in queries:
        gateway.aws_calls.clear()
        assert listed(gateway, **query).status == 200
        assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.Query"]


def test_what_is_wrong_asks_the_ledger_nothing(gateway: Gateway) -> None:
    listed(gateway)
    gateway.aws_calls.clear()
    listed(gateway, status="paid")
    assert gateway.aws_calls == ["dynamodb.UpdateItem"]

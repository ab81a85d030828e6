import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from payments import keys
from payments.mode import Mode
from tests.integration.gateway import Gateway, key_headers
from tests.integration.links.sharing import DONATION, FEE, INVOICE, create, made, show
from tests.integration.races import at_once

KEY = {"Idempotency-Key": "order-7"}


def test_answers_as_the_documentation_does(gateway: Gateway) -> None:
    asked = {
        "name": "Monthly fee Jun",
        "amount": 10_000,
        "type": "multiple",
        "description": "School fee",
        "redirect_url": "https://school.example/thanks",
        "slug": "monthly-fee-jun",
        "max_uses": 40,
        "expires_at": "2026-12-31",
    }
    answer = create(gateway, asked)
    told = answer.json
    link_id = told["data"].pop("link_id")
    assert answer.status == 201
    assert re.fullmatch(r"lnk_[0-9a-z]{12}", link_id)
    assert told == {
        "success": True,
        "message": "Payment link created",
        "data": {
            "slug": "monthly-fee-jun",
            "url": "https://pay.example/pay/monthly-fee-jun",
            "qr_code": f"https://pay.example/api/v1/payment-links/{link_id}/qr",
            "name": "Monthly fee Jun",
            "amount": 10_000,
            "currency": "RWF",
            "type": "multiple",
            "description": "School fee",
            "redirect_url": "https://school.example/thanks",
            "max_uses": 40,
            "uses": 0,
            "expires_at": "2026-12-31T23:59:59Z",
            "active": True,
            "standing": "open",
            "mode": "live",
            "created_at": "2026-11-21T14:30:00Z",
        },
    }
    assert show(gateway, link_id).json["data"] == told["data"] | {"link_id": link_id}


def test_only_name_and_type_are_needed(gateway: Gateway) -> None:
    link = made(gateway, DONATION)
    assert re.fullmatch(r"donation-[0-9a-z]{6}", link["slug"])
    assert {link[name] for name in ("amount", "max_uses", "uses", "expires_at")} == {None}
    assert link["currency"] == "RWF"


def test_a_one_off_link_is_used_once(gateway: Gateway) -> None:
    assert made(gateway, INVOICE)["max_uses"] == 1
    assert made(gateway, INVOICE, max_uses=1)["max_uses"] == 1


def test_test_keys_make_a_test_link(gateway: Gateway) -> None:
    assert made(gateway, pair=gateway.shop.test)["mode"] == "test"


@pytest.mark.parametrize("absent", ["amount", "description", "redirect_url", "slug", "max_uses"])
def test_null_is_as_good_as_left_out(gateway: Gateway, absent: str) -> None:
    assert create(gateway, {**FEE, absent: None}).status == 201


@pytest.mark.parametrize(
    ("currency", "amount"), [("RWF", 100), ("RWF", 1_000_000), ("usd", 12.5), ("USD", "0.06")]
)
def test_limits_are_those_of_payments(gateway: Gateway, currency: str, amount: object) -> None:
    assert create(gateway, {**FEE, "currency": currency, "amount": amount}).status == 201


def test_two_links_of_one_name_have_addresses_of_their_own(gateway: Gateway) -> None:
    assert made(gateway)["slug"] != made(gateway)["slug"]


# -------------------------------------------------------------------- bad input
WRONG: Mapping[str, tuple[object, ...]] = {
    "name": ("", " ", None, 5, [], "x" * 101, "a\x00b", "a\x1bb"),
    "amount": (0, 99, 1_000_001, -5, 10.5, "ten", "", True, [], {}, 10**30),
    "currency": ("KES", "", 5, [], True),
    "type": ("once", "ONE_OFF", "", None, 1, [], {}),
    "description": ("x" * 501, 5, [], "a\x00b"),
    "redirect_url": ("javascript:alert(1)", "http://a.example/", "/a", 5, ""),
    "slug": ("ab", "x" * 61, "Fee", "a b", "a/b", "-ab", "été", "", 5, "abc\n"),
    "max_uses": (0, -1, 1_000_001, 1.5, "3", True, [], {}),
    "expires_at": ("2026-11-21T14:30:00Z", "2025-01-01", "soon", "", 5, []),
    "link_id": ("lnk_0123456789ab", None),
    "active": (False,),
    "uses": (0,),
}


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field in WRONG for value in WRONG[field]]
)
def test_names_the_field_that_is_wrong_and_makes_nothing(
    gateway: Gateway, field: str, value: object
) -> None:
    answer = create(gateway, {**FEE, field: value}, headers=KEY)
    assert answer.status == 422
    assert answer.fields == {field}
    assert link_items(gateway) == []
    # The key was not used up by it.
    assert create(gateway, headers=KEY).status == 201


def test_names_every_wrong_field_at_once(gateway: Gateway) -> None:
    assert create(gateway, {"amount": 1, "slug": "A", "x": 1}).fields == {
        *("name", "type", "amount", "slug", "x")
    }


@pytest.mark.parametrize("uses", [2, 1_000_000])
def test_a_one_off_link_cannot_be_used_twice(gateway: Gateway, uses: int) -> None:
    assert create(gateway, {**INVOICE, "max_uses": uses}).fields == {"max_uses"}


def test_a_currency_that_no_provider_takes(gateway: Gateway) -> None:
    shop = gateway.enrol("Wallets only", routes={"mobile_money": ("kpay",)})
    asked = {**FEE, "currency": "USD", "amount": 5}
    assert create(gateway, asked, shop.live).fields == {"currency"}


@pytest.mark.parametrize("body", ["", "[]", "null", "{", b"\xff", '{"name": NaN}', "5"])
def test_a_body_that_is_no_object(gateway: Gateway, body: str | bytes) -> None:
    assert create(gateway, body).code == "MALFORMED_BODY"


def test_a_body_that_is_too_large(gateway: Gateway) -> None:
    answer = create(gateway, json.dumps({**FEE, "description": "x" * 70_000}))
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


def test_a_body_that_came_as_base64(gateway: Gateway) -> None:
    assert create(gateway, json.dumps(FEE).encode()).status == 201


def test_only_good_keys_make_links(gateway: Gateway) -> None:
    live, stranger = gateway.shop.live, keys.mint(Mode.LIVE)
    for headers in (
        {"X-Public-Key": "", "X-Secret-Key": ""},
        {"X-Secret-Key": stranger.secret_key},
        {"X-Secret-Key": gateway.shop.test.secret_key},
        key_headers(stranger),
    ):
        answer = create(gateway, headers=headers)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED")
    gateway.merchants.revoke(live.public_key, gateway.clock())
    assert create(gateway).status == 401
    assert link_items(gateway) == []


# -------------------------------------------------------------------- slugs
def test_a_slug_is_taken_once_in_the_whole_deployment(gateway: Gateway) -> None:
    made(gateway, slug="fees")
    stranger = gateway.enrol("Icyayi House")
    for pair in (gateway.shop.live, gateway.shop.test, stranger.live):
        answer = create(gateway, {**FEE, "slug": "fees"}, pair)
        assert (answer.status, answer.code) == (409, "SLUG_TAKEN")
    assert len(link_items(gateway)) == 1


def test_of_many_who_want_a_slug_at_once_one_has_it(gateway: Gateway) -> None:
    answers = at_once(
        20, "dynamodb.TransactWriteItems", lambda _: create(gateway, {**FEE, "slug": "fees"})
    )
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert len(link_items(gateway)) == 1


# -------------------------------------------------------------------- repeats
def test_the_same_key_and_request_make_one_link(gateway: Gateway) -> None:
    first = create(gateway, headers=KEY)
    gateway.clock.move(60)
    again = create(gateway, headers={"Idempotency-Key": '"order-7"'})
    assert (first.status, again.status) == (201, 201)
    assert again.json == first.json
    assert len(link_items(gateway)) == 1


def test_the_same_key_with_another_request_is_refused(gateway: Gateway) -> None:
    create(gateway, headers=KEY)
    answer = create(gateway, {**FEE, "amount": 20_000}, headers=KEY)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(link_items(gateway)) == 1


def test_a_key_that_was_forgotten_does_not_answer_with_another_link(gateway: Gateway) -> None:
    create(gateway, headers=KEY)
    gateway.clock.move(24 * 3600)
    answer = create(gateway, {**FEE, "amount": 20_000}, headers=KEY)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_the_same_key_in_the_other_mode_is_another_key(gateway: Gateway) -> None:
    live = create(gateway, headers=KEY).json["data"]["link_id"]
    test = create(gateway, pair=gateway.shop.test, headers=KEY).json["data"]["link_id"]
    assert live != test


def test_many_repeats_at_once_make_one_link(gateway: Gateway) -> None:
    answers = at_once(20, "dynamodb.TransactWriteItems", lambda _: create(gateway, headers=KEY))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.json["data"]["link_id"] for answer in answers}) == 1
    assert len(link_items(gateway)) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a b", "é"])
def test_a_key_that_is_none_is_refused(gateway: Gateway, key: str) -> None:
    assert create(gateway, headers={"Idempotency-Key": key}).fields == {"Idempotency-Key"}


# -------------------------------------------------------------------- what it costs
def test_a_link_costs_two_calls(gateway: Gateway) -> None:
    create(gateway)
    gateway.aws_calls.clear()
    create(gateway)
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.TransactWriteItems"]


def link_items(gateway: Gateway) -> list[dict[str, Any]]:
    """The links in the table."""
    found = gateway.dynamodb.scan(TableName="Merchants")["Items"]
    return [item for item in found if item["sk"]["S"] == "LINK"]

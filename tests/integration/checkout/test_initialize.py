import json
import re
from datetime import timedelta
from typing import Any

import pytest

from payments import keys
from payments.keys import KeyPair
from payments.mode import Mode
from plumbing import wiring
from tests.integration.gateway import ORDER, Gateway, key_headers
from tests.integration.races import at_once

CUSTOMER = ORDER["customer"]


def test_answers_as_the_documentation_does(gateway: Gateway) -> None:
    answer = gateway.initialize({**ORDER, "amount": 8000}, gateway.shop.test)
    told = answer.json
    session = told["data"].pop("session_id")
    assert answer.status == 201
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"CHK-[0-9A-Z]{16}", session)
    assert told == {
        "success": True,
        "message": "Checkout session created successfully",
        "data": {
            "reference": "ORDER-12345",
            "payment_url": f"https://pay.example/checkout/{session}",
            "status": "pending",
            "amount": 8000,
            "currency": "RWF",
            "mode": "test",
            "expires_at": "2026-11-21T15:30:00Z",
        },
    }


def test_live_keys_open_a_live_payment(gateway: Gateway) -> None:
    assert gateway.initialize().json["data"]["mode"] == "live"


def test_remembers_what_was_asked_for(gateway: Gateway) -> None:
    payment = gateway.payment(gateway.opened())
    assert payment.money.minor_units == 5000
    assert payment.customer.email == "john@example.com"
    assert payment.description == "Payment for Order #12345"
    assert payment.meta == '{"cart_id":"cart_123","user_id":456}'
    assert payment.webhook_url == "https://yoursite.example/api/webhook"
    assert payment.status == "pending"
    assert payment.attempts == ()


def test_only_amount_reference_and_customer_are_needed(gateway: Gateway) -> None:
    needed = {name: ORDER[name] for name in ("amount", "tx_ref", "customer")}
    assert gateway.initialize(needed).json["data"]["currency"] == "RWF"


def test_without_an_address_of_its_own_the_page_is_where_the_request_came_in(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUBLIC_BASE_URL", "")
    wiring.forget()
    assert (
        gateway.initialize()
        .json["data"]["payment_url"]
        .startswith("https://abc123.execute-api.eu-west-1.amazonaws.com/pay/checkout/CHK-")
    )


# -------------------------------------------------------------------- what people really write
@pytest.mark.parametrize("written", ["5000", "5000.0", "5e3", '"5000"', '"5000.0"', '" 5000 "'])
def test_five_thousand_francs_however_written(gateway: Gateway, written: str) -> None:
    body = json.dumps(ORDER).replace('"amount": 5000', f'"amount": {written}')
    assert gateway.initialize(body).json["data"]["amount"] == 5000


@pytest.mark.parametrize("amount", [100, 1_000_000])
def test_the_limits_themselves_are_allowed(gateway: Gateway, amount: int) -> None:
    assert gateway.initialize({**ORDER, "amount": amount}).status == 201


@pytest.mark.parametrize(
    "phone",
    [
        *("0788123456", "788123456", "250788123456", "+250788123456", "+250 788 123 456"),
        *("0788 123 456", "0788-123-456"),
    ],
)
def test_a_phone_number_however_written(gateway: Gateway, phone: str) -> None:
    session = gateway.opened(customer={**CUSTOMER, "phone": phone})
    assert gateway.payment(session).customer.phone == "0788123456"


@pytest.mark.parametrize(
    "name",
    [
        "Uwimana Nyiramahirwe",
        "Françoise d'Été-Noël",
        "Ng'andu",
        "Jean-Pierre Ntaganda",
        "李雷",
        "X",
    ],
)
def test_a_name_of_any_language(gateway: Gateway, name: str) -> None:
    session = gateway.opened(customer={**CUSTOMER, "name": name})
    assert gateway.payment(session).customer.name == name


def test_an_emoji_in_the_description(gateway: Gateway) -> None:
    session = gateway.opened(description="Ikawa ☕ nziza 🇷🇼")
    assert gateway.payment(session).description == "Ikawa ☕ nziza 🇷🇼"


def test_five_hundred_emojis_in_the_description(gateway: Gateway) -> None:
    assert gateway.initialize({**ORDER, "description": "☕" * 500}).status == 201


@pytest.mark.parametrize(
    "reference",
    [
        "ORDER 12345",
        "commande-é-7",
        "INV:2026.11+1&a=b",
        "x" * 50,
        "☕" * 50,
        "...",
        "A\xa0B",
        "👩\u200d🍳",
    ],
)
def test_a_reference_that_is_safe_in_a_path_and_can_be_asked_for(
    gateway: Gateway, reference: str
) -> None:
    gateway.opened(tx_ref=reference)
    assert gateway.verify(reference, gateway.shop.live).json["status"] == "pending"


@pytest.mark.parametrize("absent", ["redirect_url", "webhook_url", "description", "meta"])
def test_null_is_as_good_as_left_out(gateway: Gateway, absent: str) -> None:
    assert gateway.initialize({**ORDER, absent: None}).status == 201


def test_a_lower_case_currency(gateway: Gateway) -> None:
    assert gateway.initialize({**ORDER, "currency": "rwf"}).json["data"]["currency"] == "RWF"


def test_header_names_in_any_case(gateway: Gateway) -> None:
    pair = gateway.shop.live
    lower = {"x-public-key": pair.public_key, "x-secret-key": pair.secret_key}
    request = gateway.initialize(headers=lower)
    assert request.status == 201


def test_the_same_header_twice_with_one_value(gateway: Gateway) -> None:
    secret = gateway.shop.live.secret_key
    assert gateway.initialize(headers={"X-Secret-Key": [secret, secret]}).status == 201


def test_a_body_that_came_as_base64(gateway: Gateway) -> None:
    assert gateway.initialize(json.dumps(ORDER).encode()).status == 201


def test_http_addresses_in_test_mode(gateway: Gateway) -> None:
    order = {**ORDER, "redirect_url": "http://localhost:3000/back"}
    assert gateway.initialize(order, gateway.shop.test).status == 201


# -------------------------------------------------------------------- bad input
NO_TEXT: tuple[object, ...] = (None, 5, True, [], {})
NO_ADDRESS: tuple[object, ...] = (
    *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//yoursite.example"),
    *("/back", "yoursite.example", "", 5, [], {}, "http://yoursite.example/", "https://"),
    *("https://user:word@yoursite.example/", "https://yoursite.example\\@evil.example/"),
    *("https://yoursite.example/\n", "https://[::1", "https://a.example:99999/"),
    *("https://yoursite.example/ x", "https://a.example/" + "x" * 2000, "file:///etc"),
)
WRONG: dict[str, tuple[object, ...]] = {
    "amount": (
        *(99, 1_000_001, 100.5, "100.5", 99.999, -5000, 0, "5,000", None, True, [], {}, "", "five"),
        *("1e4", "\u0665\u0660\u0660\u0660", "0x1388", 1e22, 10**400, 1e-7),
    ),
    "currency": ("XYZ", "", 5, [], {}, True, "RWF "),
    "tx_ref": (
        *NO_TEXT,
        *("x" * 51, "", ".", "..", " A", "A "),
        *(f"A{forbidden}B" for forbidden in "/?#%\\\x00\x1f\n\x7f\x85\u2028"),
    ),
    "customer": (None, 5, "John", [], True),
    "customer.name": (*NO_TEXT, "", "  ", "x" * 101, "a\x00b"),
    "customer.email": (
        *NO_TEXT,
        *("", "john", "a@b", "a b@c.rw", "a@b@c.rw", "x" * 250 + "@b.rw", "a@b..rw", "a\x00@b.rw"),
    ),
    "customer.phone": (
        *NO_TEXT,
        *("0771234567", "0748123456", "0758123456", "0788", "+254712345678", "phone", ""),
        *(788123456, "0788123456 ext 5", "٠٧٨٨١٢٣٤٥٦", "0" * 5000),
    ),
    "customer.card": ("4111111111111111", None),
    "description": ("x" * 501, 5, [], {}, True, "a\x00b"),
    "meta": ([], "x", 5, True, {"x": "y" * 9000}),
    "redirect_url": NO_ADDRESS,
    "webhook_url": NO_ADDRESS,
    "amonut": (5000, None),
}


@pytest.mark.parametrize("field", WRONG)
def test_a_wrong_field_is_named_and_nothing_is_stored(gateway: Gateway, field: str) -> None:
    outer, _, inner = field.partition(".")
    for wrong in WRONG[field]:
        answer = gateway.initialize(
            {**ORDER, outer: {**CUSTOMER, inner: wrong} if inner else wrong}
        )
        assert (answer.status, answer.fields) == (422, {field}), wrong
    assert gateway.items() == []


def test_every_error_is_told_at_once(gateway: Gateway) -> None:
    answer = gateway.initialize(
        {
            "amount": 99,
            "currency": "XYZ",
            "tx_ref": "A/B",
            "customer": {"name": "", "email": "john", "phone": "0771234567"},
            "redirect_url": "javascript:alert(1)",
            "webhook_url": "ftp://yoursite.example",
            "description": "x" * 501,
            "meta": [],
            "colour": "red",
        }
    )
    assert answer.status == 422
    assert answer.fields == {
        *("amount", "currency", "tx_ref", "redirect_url", "webhook_url", "description", "meta"),
        *("customer.name", "customer.email", "customer.phone", "colour"),
    }


def test_every_missing_field_is_told_at_once(gateway: Gateway) -> None:
    assert gateway.initialize({}).fields == {"amount", "tx_ref", "customer"}
    assert gateway.initialize({**ORDER, "customer": {}}).fields == {
        *("customer.name", "customer.email", "customer.phone"),
    }


NOT_JSON: list[tuple[str, str | bytes | None]] = [
    ("nothing", None),
    ("empty", ""),
    ("cut off", '{"amount": 5000'),
    ("a form", "amount=5000&tx_ref=A"),
    ("single quotes", "{'amount': 5000}"),
    ("a trailing comma", '{"amount": 5000,}'),
    ("an array", "[]"),
    ("a number", "5000"),
    ("null", "null"),
    ("a lone surrogate", '{"tx_ref": "\\ud800"}'),
    ("a lone surrogate as a name", '{"\\ud800": 1}'),
    ("a lone surrogate in the body itself", '{"tx_ref": "\ud800"}'),
    ("NaN", '{"amount": NaN}'),
    ("infinity", '{"amount": -Infinity}'),
    ("a number past every float", '{"meta": {"x": 1e999}}'),
    ("a number of 5000 digits", f'{{"amount": {"9" * 5000}}}'),
    ("bytes that are not UTF-8", b'{"tx_ref": "\xff\xfe"}'),
    ("UTF-16", '{"amount": 5000}'.encode("utf-16")),
    ("a byte order mark", b'\xef\xbb\xbf{"amount": 5000}'),
    ("deep nesting", "[" * 60_000),
    ("deep nesting, well formed", '{"meta":' + '{"x":' * 9_000 + "1" + "}" * 9_001),
]


def test_a_body_that_is_no_json_object_is_refused(gateway: Gateway) -> None:
    for what, body in NOT_JSON:
        answer = gateway.initialize(body)
        assert (answer.status, answer.code) == (400, "MALFORMED_BODY"), what
    assert gateway.items() == []


def test_nesting_of_any_depth_is_never_our_failure(gateway: Gateway) -> None:
    # The last ones are about as deep as Python's own stack.
    for levels in (1, 20, 31, 32, 33, 100, *range(900, 1000, 5)):
        nested = '{"x":' * levels + "1" + "}" * levels
        body = (
            f'{{"amount":5000,"tx_ref":"A{levels}","meta":{nested},'
            '"customer":{"name":"A","email":"a@b.rw","phone":"0788123456"}}'
        )
        assert gateway.initialize(body).status == (201 if levels < 32 else 400), levels


def test_base64_that_is_broken_is_refused(gateway: Gateway) -> None:
    for text in ("e30", "{}", "é", "===", "e30=\n!"):
        answer = gateway.initialize_encoded(text)
        assert (answer.status, answer.code) == (400, "MALFORMED_BODY"), text
    assert gateway.items() == []


def test_a_body_of_two_megabytes_is_refused(gateway: Gateway) -> None:
    bodies: tuple[str | bytes, ...] = (
        "x" * 2_000_000,
        b"x" * 2_000_000,
        " " * 65_537,
        b" " * 65_537,
    )
    for body in bodies:
        answer = gateway.initialize(body)
        assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")
    assert gateway.items() == []


def test_two_idempotency_keys_that_differ_are_refused(gateway: Gateway) -> None:
    answer = gateway.initialize(headers={"Idempotency-Key": ["one", "two"]})
    assert answer.status == 422
    assert answer.fields == {"Idempotency-Key"}
    assert gateway.items() == []


def test_an_idempotency_key_that_is_none_is_refused(gateway: Gateway) -> None:
    for key in ("", "  ", '""', "x" * 256, "é", "a b", "a\x00b"):
        assert gateway.initialize(headers={"Idempotency-Key": key}).status == 422, key
    assert gateway.items() == []


# -------------------------------------------------------------------- keys
def refused(gateway: Gateway, headers: dict[str, Any]) -> bool:
    answer = gateway.initialize(headers=headers)
    return (answer.status, answer.code, gateway.items()) == (401, "AUTH_FAILED", [])


@pytest.mark.parametrize("name", ["X-Public-Key", "X-Secret-Key"])
def test_a_header_that_is_no_key_opens_nothing(gateway: Gateway, name: str) -> None:
    values: tuple[str | list[str], ...] = (
        [],
        "",
        "é",
        "☕",
        "\ud800",
        "pk_live_x",
        "a\x00b",
        "x" * 9000,
    )
    for value in values:
        assert refused(gateway, {name: value}), value


def test_two_secret_keys_that_differ_open_nothing(gateway: Gateway) -> None:
    good, bad = gateway.shop.live.secret_key, gateway.shop.test.secret_key
    assert refused(gateway, {"X-Secret-Key": [good, bad]})
    assert refused(gateway, {"X-Secret-Key": [bad, good]})


def test_the_secret_of_the_other_mode_opens_nothing(gateway: Gateway) -> None:
    assert refused(gateway, {"X-Secret-Key": gateway.shop.test.secret_key})
    assert refused(gateway, {"X-Public-Key": gateway.shop.test.public_key})


def test_the_secret_of_another_pair_opens_nothing(gateway: Gateway) -> None:
    assert refused(gateway, {"X-Secret-Key": gateway.enrol("Other").live.secret_key})


def test_a_pair_that_was_never_issued_opens_nothing(gateway: Gateway) -> None:
    assert refused(gateway, key_headers(keys.mint(Mode.LIVE)))


def test_the_two_keys_exchanged_open_nothing(gateway: Gateway) -> None:
    pair = gateway.shop.live
    assert refused(gateway, key_headers(KeyPair(Mode.LIVE, pair.secret_key, pair.public_key)))


def test_a_revoked_pair_stops_at_once_even_in_a_warm_function(gateway: Gateway) -> None:
    gateway.opened(tx_ref="before")
    gateway.merchants.revoke(gateway.shop.live.public_key, gateway.clock())
    answer = gateway.initialize()
    assert (answer.status, answer.code) == (401, "AUTH_FAILED")
    assert len(gateway.items()) == 1


def test_a_pair_that_ends_later_works_until_then(gateway: Gateway) -> None:
    public = gateway.shop.live.public_key
    gateway.merchants.revoke(public, gateway.clock() + timedelta(hours=1))
    assert gateway.initialize().status == 201
    gateway.clock.move(3600)
    assert gateway.initialize({**ORDER, "tx_ref": "later"}).status == 401


def test_bad_keys_are_told_before_a_bad_body(gateway: Gateway) -> None:
    assert gateway.initialize("{", keys.mint(Mode.LIVE)).status == 401


# -------------------------------------------------------------------- the same tx_ref
def test_a_second_use_of_a_reference_is_a_duplicate(gateway: Gateway) -> None:
    session = gateway.opened()
    before = gateway.items()
    for order in (ORDER, {**ORDER, "amount": 6000}):
        answer = gateway.initialize(order)
        assert (answer.status, answer.code) == (409, "DUPLICATE_REFERENCE")
    assert gateway.items() == before
    assert gateway.payment(session).money.minor_units == 5000


@pytest.mark.parametrize("callers", [2, 8])
def test_of_many_who_use_a_reference_at_once_one_opens_it(gateway: Gateway, callers: int) -> None:
    gateway.opened(tx_ref="warm")
    answers = at_once(callers, "dynamodb.PutItem", lambda _: gateway.initialize())
    assert sorted(answer.status for answer in answers) == [201, *[409] * (callers - 1)]
    assert len(gateway.items()) == 2


def test_of_many_with_one_idempotency_key_all_hear_the_same(gateway: Gateway) -> None:
    gateway.opened(tx_ref="warm")
    headers = {"Idempotency-Key": "one"}
    answers = at_once(
        4, "dynamodb.TransactWriteItems", lambda _: gateway.initialize(headers=headers)
    )
    assert {answer.status for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1


def test_another_merchant_may_use_the_same_reference(gateway: Gateway) -> None:
    assert gateway.opened() != gateway.opened(gateway.enrol("Other").live)


def test_test_and_live_mode_never_meet(gateway: Gateway) -> None:
    assert gateway.opened(gateway.shop.test) != gateway.opened(gateway.shop.live)


def test_the_same_reference_is_always_the_same_session(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.dynamodb.delete_item(
        TableName="Payments", Key={"pk": {"S": session}, "sk": {"S": "PAYMENT"}}
    )
    assert gateway.opened() == session


# -------------------------------------------------------------------- Idempotency-Key
@pytest.mark.parametrize("again", ["order-1", '"order-1"'])
def test_the_same_request_under_the_same_key_is_answered_the_same(
    gateway: Gateway, again: str
) -> None:
    first = gateway.initialize(headers={"Idempotency-Key": "order-1"})
    gateway.clock.move(90)
    second = gateway.initialize(headers={"idempotency-key": again})
    assert (second.status, second.text) == (201, first.text)
    assert len(gateway.payments()) == 1


def test_a_repeated_answer_says_pending_even_when_paid(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "order-1"}
    session = gateway.initialize(headers=headers).json["data"]["session_id"]
    gateway.pay(session, leave="1")
    assert gateway.payment(session).status == "failed"
    assert gateway.initialize(headers=headers).json["data"]["status"] == "pending"


def test_the_same_key_with_another_request_is_refused(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "order-1"}
    gateway.initialize(headers=headers)
    answer = gateway.initialize({**ORDER, "amount": 6000}, headers=headers)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_the_same_key_with_another_reference_is_another_request(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "order-1"}
    gateway.initialize(headers=headers)
    answer = gateway.initialize({**ORDER, "tx_ref": "ANOTHER"}, headers=headers)
    assert (answer.status, answer.code) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert len(gateway.payments()) == 1


def test_a_key_may_open_another_payment_after_a_day(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = gateway.initialize(headers=headers)
    gateway.clock.move(24 * 3600)
    assert gateway.initialize({**ORDER, "tx_ref": "ANOTHER"}, headers=headers).status == 201
    assert gateway.initialize(headers={"Idempotency-Key": "order-1"}).status == 422
    assert first.status == 201


def test_the_first_answer_is_repeated_for_as_long_as_the_payment_is_kept(
    gateway: Gateway,
) -> None:
    headers = {"Idempotency-Key": "order-1"}
    first = gateway.initialize(headers=headers)
    gateway.clock.move(365 * 24 * 3600)
    assert gateway.initialize(headers=headers).text == first.text


def test_a_key_is_each_merchants_own_and_each_modes(gateway: Gateway) -> None:
    headers = {"Idempotency-Key": "order-1"}
    for pair in (gateway.shop.live, gateway.shop.test, gateway.enrol("Other").live):
        assert gateway.initialize(pair=pair, headers=headers).status == 201


def test_a_key_is_not_used_up_by_a_request_that_was_refused(gateway: Gateway) -> None:
    gateway.opened(tx_ref="TAKEN")
    headers = {"Idempotency-Key": "order-1"}
    assert gateway.initialize({**ORDER, "tx_ref": "TAKEN"}, headers=headers).status == 409
    assert gateway.initialize({**ORDER, "amount": 1}, headers=headers).status == 422
    assert gateway.initialize(headers=headers).status == 201


def test_opening_under_a_key_costs_two_calls_to_aws(gateway: Gateway) -> None:
    gateway.opened(tx_ref="warm")
    gateway.aws_calls.clear()
    gateway.initialize(headers={"Idempotency-Key": "order-1"})
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.TransactWriteItems"]


def test_another_key_for_the_same_reference_is_a_duplicate(gateway: Gateway) -> None:
    gateway.initialize(headers={"Idempotency-Key": "order-1"})
    assert gateway.initialize(headers={"Idempotency-Key": "order-2"}).status == 409
    assert gateway.initialize().status == 409


# -------------------------------------------------------------------- our own side, and browsers
def test_a_ledger_that_fails_is_our_failure_and_says_so(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAYMENTS_TABLE", "Nowhere")
    wiring.forget()
    answer = gateway.initialize(headers={"Origin": "https://shop.example"})
    assert (answer.status, answer.code) == (500, "INITIALIZATION_FAILED")
    assert answer.json["message"] == "Could not create session"
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_browser_of_another_origin_may_ask_first(gateway: Gateway) -> None:
    answer = gateway.preflight()
    allowed = {
        name.strip().lower() for name in answer.headers["access-control-allow-headers"].split(",")
    }
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in answer.headers["access-control-allow-methods"]
    assert {"x-public-key", "x-secret-key", "content-type", "idempotency-key"} <= allowed


def test_a_browser_of_another_origin_may_read_the_answer_also_of_an_error(
    gateway: Gateway,
) -> None:
    origin = {"Origin": "https://shop.example"}
    for body in (ORDER, ORDER, {}, "{"):
        answer = gateway.initialize(body, headers=origin)
        assert answer.headers["access-control-allow-origin"] == "*", answer.text
    assert gateway.initialize(pair=keys.mint(Mode.LIVE), headers=origin).headers[
        "access-control-allow-origin"
    ]


def test_opening_costs_two_calls_to_aws(gateway: Gateway) -> None:
    gateway.opened(tx_ref="warm")
    gateway.aws_calls.clear()
    gateway.opened()
    assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.PutItem"]

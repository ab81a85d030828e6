"""Webhooks: two shapes, three forms of signature, and what is never believed."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.simulators.rwandapay_faults import Fault
from infra.local.simulators.rwandapay_webhooks import FORMS, HEADERS, SHAPES, sign
from payments.errors import ForgedWebhook
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason, Report
from providers.port import Notice
from providers.rwandapay import Rwandapay
from tests.contract.rwandapay.desk import OURS, URL, Desk, attempt, notice_of
from tests.examples import PAYMENT

APPROVES = attempt(phone="0788000001")
AIRTEL_APPROVES = attempt(phone="0738000001", network=Network.AIRTEL)
NESTED: dict[str, Any] = {
    "event": "payment.successful",
    "data": {
        "reference": APPROVES.ref,
        "amount": 5000,
        "currency": "RWF",
        "status": "successful",
        "transaction_id": "PAY-LIVE-1",
        "paypack_reference": "550e8400",
        "mode": "live",
    },
}
FLAT: dict[str, Any] = {
    "event_id": "e1",
    "event_kind": "transaction:processed",
    "status": "successful",
    "amount": 5000,
    "network": "MTN",
    "paypack_reference": "550e8400",
    "created_at": "2026-11-21T14:30:00Z",
}


def signed(spoken: object, secret: str = OURS.webhook_secret, form: str = "hex") -> Notice:
    body = spoken if isinstance(spoken, bytes) else json.dumps(spoken).encode()
    return notice_of(body, {"X-Webhook-Signature": sign(body, secret, form)})


def nested(**changes: object) -> dict[str, Any]:
    """The nested webhook with these fields of its `data` changed; None takes one away."""
    data = {**NESTED["data"], **changes}
    return {**NESTED, "data": {name: told for name, told in data.items() if told is not None}}


def never_asked(request: httpx.Request) -> httpx.Response:
    raise AssertionError(request.url)


# Reading a webhook goes nowhere.
EAR = Rwandapay(httpx.Client(transport=httpx.MockTransport(never_asked)), URL, OURS)


KNOWN = replace(APPROVES, network_ref="550e8400")
"""An attempt whose transaction at the wallet we were told of."""


def heard(spoken: object, tried: Attempt = KNOWN) -> Report | None:
    return EAR.hear(PAYMENT, tried, signed(spoken))


def known(desk: Desk, tried: Attempt) -> Attempt:
    """The attempt once its transaction at the wallet is known, which the flat shape names alone."""
    return replace(tried, network_ref=desk.charges[0].paypack_reference)


@pytest.mark.parametrize("tried", [APPROVES, AIRTEL_APPROVES], ids=["MTN", "Airtel"])
@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_signed_webhook_of_either_shape_pays(
    desk: Desk, shape: str, form: str, header: str, tried: Attempt
) -> None:
    desk.till.habits.webhook_shape = shape
    desk.till.habits.signature_form = form
    desk.till.habits.signature_header = header
    desk.charge(tried)
    desk.wait(3)
    (notice,) = desk.notices
    said = desk.hear(notice, known(desk, tried))
    assert said is not None
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5000, "RWF"))
    assert (said.attempt_ref, said.network_ref) == (tried.ref, desk.charges[0].paypack_reference)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("phone", "seconds", "reason"),
    [("0788000003", 3, Reason.DECLINED), ("0788000005", 61, Reason.TIMED_OUT)],
)
def test_a_signed_webhook_declines(
    desk: Desk, shape: str, phone: str, seconds: float, reason: Reason
) -> None:
    desk.till.habits.webhook_shape = shape
    tried = attempt(phone=phone)
    desk.charge(tried)
    desk.wait(seconds)
    said = desk.hear(desk.notices[0], known(desk, tried))
    assert said is not None
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_webhook_with_somebody_elses_signature_is_forged(desk: Desk, shape: str) -> None:
    desk.till.habits.webhook_shape = shape
    desk.order(Fault.BAD_SIGNATURE)
    desk.charge(APPROVES)
    desk.wait(3)
    with pytest.raises(ForgedWebhook):
        desk.hear(desk.notices[0], APPROVES)


@pytest.mark.parametrize("spoken", [NESTED, FLAT], ids=SHAPES)
@pytest.mark.parametrize("form", FORMS)
def test_a_single_altered_byte_makes_it_forged(
    desk: Desk, spoken: dict[str, Any], form: str
) -> None:
    notice = signed(spoken, form=form)
    assert desk.hear(notice, KNOWN) is not None
    altered = replace(notice, body=notice.body.replace(b"5000", b"5001"))
    with pytest.raises(ForgedWebhook):
        desk.hear(altered, KNOWN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Webhook-Signature": ""},
        {"X-Webhook-Signature": "sha256="},
        {"X-Webhook-Signature": "é\ud800"},
        {"X-Webhook-Signature": "0" * 64},
        {"X-Rwandapay-Signature": "sha256=" + "0" * 64},
        {"Signature": sign(b"{}", "whs", "hex")},
    ],
)
def test_a_webhook_without_a_good_signature_is_forged(desk: Desk, headers: dict[str, str]) -> None:
    with pytest.raises(ForgedWebhook):
        desk.hear(notice_of(b"{}", headers))


def test_with_no_secret_to_check_by_every_webhook_is_forged() -> None:
    desk = Desk(replace(OURS, webhook_secret=""))
    with pytest.raises(ForgedWebhook):
        desk.hear(signed(NESTED, secret=""), APPROVES)


def test_a_signature_is_checked_before_anything_is_parsed(desk: Desk) -> None:
    with pytest.raises(ForgedWebhook):
        desk.hear(notice_of(b"[" * 50_000, {}))


def test_one_good_signature_of_the_two_headers_is_enough(desk: Desk) -> None:
    notice = signed(NESTED)
    headers = {**notice.headers, "x-rwandapay-signature": "wrong"}
    assert desk.hear(replace(notice, headers=headers), APPROVES) is not None


def test_the_nested_webhook_of_another_attempt_replayed_here_says_nothing() -> None:
    assert heard(NESTED) is not None
    assert heard(NESTED, attempt(2)) is None


def test_the_flat_webhook_of_another_transaction_replayed_here_says_nothing() -> None:
    assert heard(FLAT, replace(APPROVES, network_ref="550e8400")) is not None
    assert heard(FLAT, replace(APPROVES, network_ref="650e8400")) is None


def test_the_flat_webhook_of_a_transaction_that_we_were_not_told_of_makes_us_ask() -> None:
    # Of another order of the same sum it would look the same.
    assert heard(FLAT, APPROVES) is None
    assert heard(NESTED, APPROVES) is not None


@pytest.mark.parametrize("shape", SHAPES)
def test_a_webhook_that_comes_twice_says_the_same_twice(desk: Desk, shape: str) -> None:
    desk.till.habits.webhook_shape = shape
    tried = attempt(phone="0788000009")
    desk.charge(tried)
    desk.wait(3)
    first, second = (desk.hear(notice, known(desk, tried)) for notice in desk.notices)
    assert first is not None
    assert first == second


@pytest.mark.parametrize("shape", SHAPES)
def test_an_older_word_that_comes_last_says_nothing(desk: Desk, shape: str) -> None:
    desk.till.habits.webhook_shape = shape
    desk.order(Fault.OUT_OF_ORDER)
    desk.charge(APPROVES)
    desk.wait(5)
    desk.wait(5)
    said = [desk.hear(notice, known(desk, APPROVES)) for notice in desk.notices]
    assert [report and report.outcome for report in said] == [Outcome.PAID, None]


@pytest.mark.parametrize("shape", SHAPES)
def test_another_sum_is_not_believed_and_the_query_says_it_too(desk: Desk, shape: str) -> None:
    desk.till.habits.webhook_shape = shape
    desk.order(Fault.WRONG_AMOUNT)
    desk.charge(APPROVES)
    desk.wait(3)
    assert desk.hear(desk.notices[0], known(desk, APPROVES)) is None
    assert desk.ask(APPROVES).stated == Money(5001, "RWF")


@pytest.mark.parametrize(
    "spoken",
    [
        nested(reference=None),
        nested(reference="SOMEBODYELSES00001"),
        nested(amount=None),
        nested(amount="five thousand"),
        nested(amount=4999),
        nested(currency="USD"),
        nested(currency="XAF"),
        nested(mode="test"),
        nested(status="failed"),
        nested(status="SETTLED"),
        {**NESTED, "event": "payment.failed"},
        {**NESTED, "event": None},
        {**NESTED, "data": []},
        {**NESTED, "data": "x"},
        {**NESTED, **NESTED["data"], "data": None},
        {**FLAT, "amount": 4999},
        {**FLAT, "amount": None},
        {**FLAT, "currency": "USD"},
        {**FLAT, "status": "processing"},
        {**FLAT, "status": None},
        {**FLAT, "event_kind": "transaction:created"},
        {**FLAT, "data": {}},
        {**FLAT, "data": {"reference": "SOMEBODYELSES00001"}},
        {},
        [],
        None,
        "paid",
        b"",
        b"\xff\xfe",
        b"[" * 50_000,
        b'{"data": {"amount": 1e99999999999999999999}}',
    ],
)
def test_what_does_not_agree_in_all_it_says_only_makes_us_ask(spoken: object) -> None:
    assert heard(spoken) is None


@pytest.mark.parametrize(
    ("told", "outcome", "reason"),
    [
        ({"status": "successful"}, Outcome.PAID, None),
        ({"status": "Successful"}, Outcome.PAID, None),
        ({"status": "failed"}, Outcome.DECLINED, Reason.DECLINED),
        (
            {"status": "failed", "message": "Insufficient funds"},
            Outcome.DECLINED,
            Reason.INSUFFICIENT_FUNDS,
        ),
        ({"status": "cancelled"}, Outcome.DECLINED, Reason.CANCELLED),
        ({"status": "expired"}, Outcome.DECLINED, Reason.TIMED_OUT),
    ],
)
def test_plain_words_are_read_alike_in_both_shapes(
    told: dict[str, str], outcome: Outcome, reason: Reason | None
) -> None:
    event = {"event": f"payment.{told['status']}"}
    for said in (heard({**nested(**told), **event}), heard({**FLAT, **told})):
        assert said is not None
        assert (said.outcome, said.reason) == (outcome, reason)


@pytest.mark.parametrize("amount", [12.5, "12.50"])
def test_a_sum_without_a_currency_is_in_that_of_the_payment(desk: Desk, amount: object) -> None:
    order = replace(PAYMENT, money=Money(1250, "USD"))
    notice = signed({**FLAT, "amount": amount})
    said = desk.rwandapay.hear(order, KNOWN, notice)
    assert said is not None
    assert said.stated == Money(1250, "USD")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FACTS = ("reference", "amount", "currency", "status", "paypack_reference", "mode", "message")
FIELDS = ("event", "data", "event_kind", "error", *FACTS)


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON)
    | st.dictionaries(st.sampled_from(FACTS), JSON).map(lambda told: {**FLAT, **told})
    | st.dictionaries(st.sampled_from(FACTS), JSON).map(lambda told: nested(**told))
    | st.binary()
)
def test_whatever_is_signed_is_a_report_about_our_sum_or_nothing(spoken: object) -> None:
    said = heard(spoken)
    assert said is None or (said.attempt_ref, said.stated) == (APPROVES.ref, PAYMENT.money)


@given(st.binary(), st.text() | st.text(alphabet="0123456789abcdef", min_size=64, max_size=64))
def test_whatever_claims_to_be_signed_is_forged(body: bytes, signature: str) -> None:
    with pytest.raises(ForgedWebhook):
        EAR.hear(PAYMENT, APPROVES, Notice(body=body, headers={"x-webhook-signature": signature}))

"""A provider's answer is hostile input: odd forms are read, nonsense is never money."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import ProviderSilent
from payments.money import Money
from payments.report import Outcome, Reason, Report
from providers.rwandapay import Rwandapay
from providers.wire import MOST_ANSWER_BYTES
from tests.contract.rwandapay.desk import ADDRESSES, OURS, URL, attempt
from tests.examples import PAYMENT

OPENED: dict[str, Any] = {
    "success": True,
    "data": {
        "reference": attempt().ref,
        "session_id": "CHK-1",
        "payment_url": "https://rwandapay.example/checkout/CHK-1",
        "status": "pending",
        "amount": 5000,
        "currency": "RWF",
        "mode": "live",
    },
}
PAID: dict[str, Any] = {"status": "successful", "completed": True, "success": True, "amount": 5000}
FAILED: dict[str, Any] = {"status": "failed", "completed": True, "success": False}


def facing(
    initialize: tuple[object, int] = (OPENED, 201),
    process: tuple[object, int] = ({"success": True}, 200),
    verify: tuple[object, int] = (PAID, 200),
) -> Rwandapay:
    """The adapter, facing a RwandaPay that always says the same at each call."""
    said = {"initialize": initialize, "process": process, "verify": verify}

    def answer(request: httpx.Request) -> httpx.Response:
        content, status = said[request.url.path.rsplit("/", 1)[1]]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return httpx.Response(status, content=body)

    return Rwandapay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)


def opened(content: object, status: int = 200) -> Report:
    return facing(initialize=(content, status)).charge(PAYMENT, attempt(), ADDRESSES)


def prompted(content: object, status: int = 200) -> Report:
    return facing(process=(content, status)).charge(PAYMENT, attempt(), ADDRESSES)


def asked(content: object, status: int = 200) -> Report:
    return facing(verify=(content, status)).ask(PAYMENT, attempt())


def error(code: str, message: str = "no") -> dict[str, Any]:
    return {"success": False, "error": {"code": code, "message": message}}


def with_data(**changes: object) -> dict[str, Any]:
    return {**OPENED, "data": {**OPENED["data"], **changes}}


# ------------------------------------------------------------------- initialize
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (error("AUTH_FAILED"), 401),
        (error("IDEMPOTENCY_KEY_REQUIRED"), 400),
        (error("INITIALIZATION_FAILED"), 400),
        (error("AUTH_FAILED"), 200),
        ({"message": "The amount field is required."}, 422),
        ({"message": "Insufficient permissions"}, 403),
        ({"message": "Insufficient balance on your merchant account"}, 403),
        ({"message": "Too Many Requests"}, 429),
        (b"<html>Forbidden</html>", 403),
        ({"success": False}, 200),
        ({"success": "true", "data": OPENED["data"]}, 200),
        ({"success": True}, 200),
        ({"success": True, "data": []}, 200),
        (with_data(session_id=None), 200),
        (with_data(session_id="../../merchant/refund?x="), 200),
        (with_data(session_id="x" * 65), 200),
        (with_data(amount=50), 200),
        (with_data(currency="USD"), 200),
        (with_data(mode="test"), 200),
    ],
)
def test_a_session_that_was_not_opened_as_asked_is_a_refusal(content: object, status: int) -> None:
    said = opened(content, status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_before_anybody_was_prompted_is_a_refusal(status: int) -> None:
    said = opened(error("INITIALIZATION_FAILED"), status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (error("DUPLICATE_REFERENCE"), 409),
        (error("duplicate_reference"), 422),
        ({"message": "tx_ref already used"}, 409),
        (with_data(reference="SOMEBODYELSES00001"), 201),
    ],
)
def test_a_reference_used_before_or_not_ours_is_silence(content: object, status: int) -> None:
    with pytest.raises(ProviderSilent):
        opened(content, status)


# ---------------------------------------------------------------------- process
@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({}, 200),
        ({"success": True, "data": {"status": "pending"}}, 202),
        ({"success": False, "message": "please wait"}, 200),
        ({"status": "FROBNICATED"}, 200),
        (PAID, 200),
        (FAILED, 200),
    ],
)
def test_only_a_known_error_ends_a_prompt_and_nothing_pays_it(content: object, status: int) -> None:
    said = prompted(content, status)
    assert (said.outcome, said.provider_ref) == (Outcome.PENDING, "CHK-1")


@pytest.mark.parametrize(
    ("content", "status", "outcome", "reason"),
    [
        (
            error("INSUFFICIENT_BALANCE"),
            422,
            Outcome.DECLINED,
            Reason.INSUFFICIENT_FUNDS,
        ),
        (
            {"message": "Customer has insufficient funds"},
            422,
            Outcome.DECLINED,
            Reason.INSUFFICIENT_FUNDS,
        ),
        ({"message": "The phone is invalid."}, 422, Outcome.REFUSED, Reason.NOT_ENABLED),
        (error("SESSION_NOT_FOUND"), 404, Outcome.REFUSED, Reason.NOT_ENABLED),
        (error("AUTH_FAILED"), 401, Outcome.REFUSED, Reason.NOT_ENABLED),
        (error("AUTH_FAILED"), 200, Outcome.REFUSED, Reason.NOT_ENABLED),
        (error("IDEMPOTENCY_KEY_REQUIRED"), 400, Outcome.REFUSED, Reason.NOT_ENABLED),
        (b"Too Many Requests", 429, Outcome.REFUSED, Reason.NOT_ENABLED),
    ],
)
def test_a_prompt_that_was_plainly_not_sent_ends_with_its_reason(
    content: object, status: int, outcome: Outcome, reason: Reason
) -> None:
    said = prompted(content, status)
    assert (said.outcome, said.reason) == (outcome, reason)


@pytest.mark.parametrize("content", [{"message": "No such route"}, b"<h1>Not Found</h1>", {}])
def test_a_missing_push_leads_to_their_page(content: object) -> None:
    said = prompted(content, 404)
    assert (said.outcome, said.next_url) == (
        Outcome.PENDING,
        "https://rwandapay.example/checkout/CHK-1",
    )


@pytest.mark.parametrize("url", [None, "", "javascript:alert(1)", "/checkout/CHK-1", 5])
def test_without_push_or_page_nobody_can_pay(url: object) -> None:
    rwandapay = facing((with_data(payment_url=url), 201), (b"Not Found", 404))
    said = rwandapay.charge(PAYMENT, attempt(), ADDRESSES)
    assert (said.outcome, said.next_url) == (Outcome.REFUSED, None)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (error("AUTH_FAILED"), 500),
        (error("INITIALIZATION_FAILED"), 500),
        ({"success": True}, 502),
        (error("DUPLICATE_REFERENCE"), 409),
        ({"message": "already processing"}, 409),
        ({"message": "Moved"}, 302),
        ({"message": "CSRF token mismatch."}, 419),
        (b"", 200),
        (b"<html>OK</html>", 200),
        (b"[]", 200),
        ({"reference": "SOMEBODYELSES00001"}, 200),
        ({"data": {"reference": "SOMEBODYELSES00001"}}, 200),
        ({"amount": "lots"}, 200),
    ],
)
def test_a_prompt_of_which_nobody_can_tell_is_silence(content: object, status: int) -> None:
    with pytest.raises(ProviderSilent):
        prompted(content, status)


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("timed out"),
        httpx.WriteTimeout("timed out"),
        httpx.ReadError("reset"),
        httpx.RemoteProtocolError("server disconnected"),
    ],
)
def test_a_connection_lost_after_the_prompt_was_sent_is_silence(failure: httpx.HTTPError) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("process"):
            raise failure
        return httpx.Response(201, json=OPENED)

    rwandapay = Rwandapay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)
    with pytest.raises(ProviderSilent):
        rwandapay.charge(PAYMENT, attempt(), ADDRESSES)


# ----------------------------------------------------------------------- verify
@pytest.mark.parametrize(
    "changes",
    [
        {"completed": False},
        {"completed": None},
        {"completed": "true"},
        {"completed": 1},
        {"success": False},
        {"success": None},
        {"success": "true"},
        {"success": 1},
        {"status": "failed"},
    ],
)
def test_success_and_completed_pay_only_together_and_as_booleans(
    changes: dict[str, object],
) -> None:
    assert asked(PAID).outcome is Outcome.PAID
    assert asked({**PAID, **changes}).outcome is not Outcome.PAID


def test_success_without_completed_is_pending() -> None:
    said = asked({"status": "successful", "success": True, "message": "Payment successful!"})
    assert said.outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("told", "outcome", "reason"),
    [
        ({"status": "failed"}, Outcome.DECLINED, Reason.DECLINED),
        ({"status": "FAILED"}, Outcome.DECLINED, Reason.DECLINED),
        ({"status": "cancelled"}, Outcome.DECLINED, Reason.CANCELLED),
        ({"status": "expired"}, Outcome.DECLINED, Reason.TIMED_OUT),
        (
            {"status": "failed", "message": "Customer has insufficient funds"},
            Outcome.DECLINED,
            Reason.INSUFFICIENT_FUNDS,
        ),
        (
            {"status": "expired", "message": "Not enough funds"},
            Outcome.DECLINED,
            Reason.TIMED_OUT,
        ),
        ({"status": "failed", "completed": False}, Outcome.PENDING, None),
        ({"status": "refunded"}, Outcome.PENDING, None),
        ({"status": "settled"}, Outcome.PENDING, None),
        ({"status": None}, Outcome.PENDING, None),
        ({"status": ["failed"]}, Outcome.PENDING, None),
    ],
)
def test_only_a_completed_and_plain_no_is_final(
    told: dict[str, object], outcome: Outcome, reason: Reason | None
) -> None:
    said = asked({**FAILED, **told})
    assert (said.outcome, said.reason) == (outcome, reason)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ({"status": "pending", "message": "Transaction not found"}, 200),
        (error("SESSION_NOT_FOUND"), 404),
        (error("SESSION_NOT_FOUND"), 200),
    ],
)
def test_not_found_is_not_found_in_either_form(content: object, status: int) -> None:
    assert asked(content, status).outcome is Outcome.NOT_FOUND


def test_paid_is_paid_whatever_the_message_says() -> None:
    assert asked({**PAID, "message": "Transaction not found"}).outcome is Outcome.PAID


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (error("AUTH_FAILED"), 401),
        (error("AUTH_FAILED"), 200),
        ({"message": "No such route"}, 404),
        (b"<h1>Not Found</h1>", 404),
        ({"message": "Too Many Requests"}, 429),
        (PAID, 429),
        (PAID, 302),
        (PAID, 500),
        (FAILED, 503),
        (b"", 200),
        (b"[]", 200),
        (b"[" * 50_000, 200),
        ({**PAID, "reference": "SOMEBODYELSES00001"}, 200),
        ({**PAID, "mode": "test"}, 200),
        ({**PAID, "amount": "5,000"}, 200),
        ({**PAID, "amount": True}, 200),
        ({**PAID, "amount": 5000.5}, 200),
        ({**PAID, "amount": float("nan")}, 200),
        ({**PAID, "currency": "XAF"}, 200),
        ({**PAID, "padding": "x" * MOST_ANSWER_BYTES}, 200),
    ],
)
def test_an_answer_that_does_not_speak_of_our_money_is_silence(
    content: object, status: int
) -> None:
    with pytest.raises(ProviderSilent):
        asked(content, status)


def test_an_answer_about_another_session_is_silence() -> None:
    ours = replace(attempt(), provider_ref="CHK-1")
    right = facing(verify=({**PAID, "session_id": "CHK-1"}, 200))
    assert right.ask(PAYMENT, ours).outcome is Outcome.PAID
    with pytest.raises(ProviderSilent, match="another transaction"):
        facing(verify=({**PAID, "session_id": "CHK-2"}, 200)).ask(PAYMENT, ours)


@pytest.mark.parametrize(
    ("stated", "money"),
    [
        ({"amount": 5000.0}, Money(5000, "RWF")),
        ({"amount": "5000.00", "currency": "rwf"}, Money(5000, "RWF")),
        ({"amount": 4999}, Money(4999, "RWF")),
        ({"amount": 50, "currency": "USD"}, Money(5000, "USD")),
        ({"amount": None, "currency": "USD"}, Money(500_000, "USD")),
        ({"amount": None}, None),
    ],
)
def test_a_stated_sum_is_passed_on(stated: dict[str, object], money: Money | None) -> None:
    assert asked({**PAID, **stated}).stated == money


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = (
    *("success", "completed", "status", "message", "error", "data", "amount", "currency", "mode"),
    *("reference", "session_id", "payment_url", "transaction_id", "paypack_reference"),
)


# The first text that Hypothesis draws takes it seconds on a fresh clone.
@given(st.dictionaries(st.sampled_from(FIELDS), JSON) | st.binary(), st.integers(200, 599))
def test_whatever_is_answered_is_a_report_or_silence_and_never_pays_a_prompt(
    content: object, status: int
) -> None:
    for put in (opened, prompted, asked):
        try:
            said = put(content, status)
        except ProviderSilent:
            continue
        assert said.attempt_ref == attempt().ref
        assert said.outcome is not Outcome.PAID or put is asked
        for text in (said.provider_ref, said.network_ref, said.next_url):
            assert text is None or text.encode()

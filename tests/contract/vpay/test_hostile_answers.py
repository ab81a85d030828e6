"""A provider's answer is hostile input: odd forms are read, nonsense is silence."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.report import Outcome, Reason, Report
from providers.vpay import Vpay
from providers.wire import LONGEST_TEXT, MOST_ANSWER_BYTES
from tests.contract.vpay.desk import ADDRESSES, facing
from tests.examples import PAYMENT, attempt

PENDING = {"status": "PENNDING", "transaction_id": "VP1"}
STATUS = {"status": "successful", "transaction_id": "VP1", "external_id": attempt().ref}
KNOWN = replace(attempt(), provider_ref="VP1")


def answering(content: object, status: int = 200) -> Vpay:
    """V-Pay's adapter, facing a V-Pay that always says the same."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return facing(lambda _request: httpx.Response(status, content=body))


def charged(content: object, status: int = 200) -> Report:
    return answering(content, status).charge(PAYMENT, attempt(), ADDRESSES)


def asked(content: object, status: int = 200, tried: Attempt | None = None) -> Report:
    return answering(content, status).ask(PAYMENT, tried or attempt())


def error(code: object, **more: object) -> dict[str, object]:
    return {"status": "error", "error_code": code, "message": "…", **more}


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("PENNDING", Outcome.PENDING),
        ("PENDING", Outcome.PENDING),
        ("pending", Outcome.PENDING),
        ("Successful", Outcome.PAID),
        (" SUCCESSFUL ", Outcome.PAID),
        ("failed", Outcome.DECLINED),
        ("CANCELLED", Outcome.DECLINED),
        ("refunded", Outcome.PENDING),
        ("DISPUTED", Outcome.PENDING),
        ("success", Outcome.PENDING),
        ("paid", Outcome.PENDING),
        ("UNSUCCESSFUL", Outcome.PENDING),
        (200, Outcome.PENDING),
    ],
)
def test_only_a_plain_yes_or_no_is_final(word: object, outcome: Outcome, status: int) -> None:
    assert charged({**PENDING, "status": word}, status).outcome is outcome
    assert asked({**STATUS, "status": word}, status).outcome is outcome


@pytest.mark.parametrize("content", [{}, {"status": None}, {"status": True}, {"status": ["x"]}])
def test_an_answer_without_a_word_says_nothing(content: dict[str, object]) -> None:
    with pytest.raises(ProviderSilent):
        charged(content)
    with pytest.raises(ProviderSilent):
        asked({**STATUS, "status": None, **content})


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"error_code": "INSUFFICIENT_FUNDS"}, Reason.INSUFFICIENT_FUNDS),
        ({"error_code": "payment_timeout"}, Reason.TIMED_OUT),
        ({"message": "Insufficient balance"}, Reason.INSUFFICIENT_FUNDS),
        ({"message": "Customer did not respond"}, Reason.TIMED_OUT),
        ({"message": "Request timed out"}, Reason.TIMED_OUT),
        ({"message": "Cancelled by user"}, Reason.CANCELLED),
        ({"status": "cancelled"}, Reason.CANCELLED),
        ({"message": "SUCCESSFUL"}, Reason.DECLINED),
        ({"error_code": "SOMETHING_NEW"}, Reason.DECLINED),
        ({}, Reason.DECLINED),
    ],
)
def test_words_tell_why_and_never_whether(told: dict[str, str], reason: Reason) -> None:
    said = asked({**STATUS, "status": "failed", **told})
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


@pytest.mark.parametrize("status", [200, 400, 402, 404, 409, 422])
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("PAYMENT_TIMEOUT", Reason.TIMED_OUT),
        ("insufficient_funds", Reason.INSUFFICIENT_FUNDS),
    ],
)
def test_a_decline_is_one_at_any_http_status(code: str, reason: Reason, status: int) -> None:
    said = charged(error(code), status)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


@pytest.mark.parametrize("status", [200, 400, 409, 422])
@pytest.mark.parametrize("code", ["INVALID_KEY", "INVALID_PHONE", "INVALID_AMOUNT", "RATE_LIMITED"])
@pytest.mark.parametrize("word", ["error", "ERROR", None])
def test_a_refusal_is_one_at_any_http_status(code: str, status: int, word: str | None) -> None:
    said = charged({**error(code), "status": word}, status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)


@pytest.mark.parametrize("status", [200, 400, 409, 422, 429])
@pytest.mark.parametrize("code", ["DUPLICATE_REFERENCE", "NETWORK_ERROR"])
def test_what_may_have_been_charged_is_silence_at_any_http_status(code: str, status: int) -> None:
    with pytest.raises(ProviderSilent):
        charged(error(code), status)


@pytest.mark.parametrize("code", ["SOMETHING_NEW", None, 17])
def test_an_unknown_error_is_a_refusal_only_where_http_turned_it_away(code: object) -> None:
    assert charged(error(code), 400).outcome is Outcome.REFUSED
    for status in (200, 409):
        with pytest.raises(ProviderSilent):
            charged(error(code), status)


@pytest.mark.parametrize("status", [302, 400, 401, 404, 409, 429, 500, 502])
@pytest.mark.parametrize("word", ["SUCCESSFUL", "PENDING", "queued"])
def test_a_word_that_http_contradicts_is_no_payment(word: str, status: int) -> None:
    content = {**STATUS, "status": word}
    with pytest.raises(ProviderSilent):
        asked(content, status)
    if status == httpx.codes.UNAUTHORIZED:
        assert charged(content, status).outcome is Outcome.REFUSED
        return
    with pytest.raises(ProviderSilent):
        charged(content, status)


@pytest.mark.parametrize("code", ["INSUFFICIENT_FUNDS", "SOMETHING_NEW", 0])
def test_paid_with_an_error_code_is_no_payment(code: object) -> None:
    with pytest.raises(ProviderSilent, match="paid, and an error"):
        asked({**STATUS, "error_code": code})


def test_an_empty_error_code_is_none() -> None:
    for nothing in (None, "", " "):
        assert asked({**STATUS, "error_code": nothing}).outcome is Outcome.PAID


def test_simulated_money_is_no_payment_under_live_credentials() -> None:
    for mode in ("sandbox", "test", "demo"):
        with pytest.raises(ProviderSilent, match="simulated"):
            asked({**STATUS, "mode": mode})
    assert asked({**STATUS, "mode": "LIVE"}).outcome is Outcome.PAID


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (error("TRANSACTION_NOT_FOUND"), 404),
        (error("transaction_not_found"), 200),
        (error("NOT_FOUND"), 400),
        (error("SOMETHING_NEW"), 404),
    ],
)
def test_an_error_object_says_that_nothing_was_found(content: object, status: int) -> None:
    tried = attempt(provider_ref="VP86583387")
    assert asked(content, status, tried).outcome is Outcome.NOT_FOUND
    with pytest.raises(ProviderSilent):
        asked(content, status)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"<html>Not Found</html>", 404),
        ({"detail": "Not found."}, 404),
        ({}, 404),
        (error(None), 404),
        (error("SOMETHING_NEW"), 400),
        (error("INVALID_KEY"), 401),
        (error("RATE_LIMITED"), 429),
        (error("INVALID_PHONE"), 200),
        (error("DUPLICATE_REFERENCE"), 200),
    ],
)
def test_a_question_that_was_not_answered_is_silence(content: object, status: int) -> None:
    with pytest.raises(ProviderSilent):
        asked(content, status)


@pytest.mark.parametrize("word", ["successful", "failed", "pending"])
def test_asked_by_our_reference_an_answer_must_name_it(word: str) -> None:
    nameless = {"status": word, "transaction_id": "VP1"}
    with pytest.raises(ProviderSilent, match="names no transaction"):
        asked(nameless)
    assert asked(nameless, tried=KNOWN).provider_ref == "VP1"


def test_a_decline_by_error_object_needs_no_name() -> None:
    assert asked(error("INSUFFICIENT_FUNDS")).outcome is Outcome.DECLINED


@pytest.mark.parametrize(
    "other", [{"external_id": "SOMEBODYELSES00001"}, {"transaction_id": "VP2"}]
)
def test_an_answer_about_another_transaction_says_nothing(other: dict[str, str]) -> None:
    with pytest.raises(ProviderSilent, match="another transaction"):
        asked({**STATUS, **other}, tried=KNOWN)


def test_a_decline_of_another_reference_says_nothing() -> None:
    with pytest.raises(ProviderSilent, match="another transaction"):
        charged(error("INSUFFICIENT_FUNDS", external_id="SOMEBODYELSES00001"))


@pytest.mark.parametrize(
    ("stated", "money"),
    [
        ({"amount": "5000.00", "currency": "RWF"}, Money(5000, "RWF")),
        ({"amount": 4999}, Money(4999, "RWF")),
        ({"amount": "50", "currency": "usd"}, Money(5000, "USD")),
        ({"amount": ""}, None),
        ({}, None),
    ],
)
def test_a_stated_sum_is_passed_on(stated: dict[str, object], money: Money | None) -> None:
    assert asked({**STATUS, **stated}).stated == money


@pytest.mark.parametrize(
    "stated",
    [
        {"amount": "5,000"},
        {"amount": "5000.5"},
        {"amount": "NaN"},
        {"amount": "1e999999"},
        {"amount": True},
        {"amount": [5000]},
        {"amount": 5000, "currency": "XAF"},
        {"currency": "francs"},
    ],
)
def test_a_sum_that_cannot_be_read_says_nothing(stated: dict[str, object]) -> None:
    with pytest.raises(ProviderSilent, match="sum"):
        asked({**STATUS, **stated})
    with pytest.raises(ProviderSilent, match="sum"):
        charged({**STATUS, **stated})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422, 429])
@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", {"detail": "no"}])
def test_http_that_turns_a_charge_away_is_a_refusal(status: int, content: object) -> None:
    said = charged(content, status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    with pytest.raises(ProviderSilent):
        asked(content, status)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("content", [b"", error("INVALID_PHONE"), error("NETWORK_ERROR"), STATUS])
def test_a_server_error_is_silence_whatever_its_body_says(status: int, content: object) -> None:
    with pytest.raises(ProviderSilent):
        charged(content, status)
    with pytest.raises(ProviderSilent):
        asked(content, status)


@pytest.mark.parametrize("status", [200, 204, 302])
@pytest.mark.parametrize("content", [b"", b"<html>OK", b"[]", b"{", b"\xff\xfe", b"[" * 50_000])
def test_an_answer_without_a_json_object_is_silence(status: int, content: bytes) -> None:
    with pytest.raises(ProviderSilent):
        charged(content, status)
    with pytest.raises(ProviderSilent):
        asked(content, status)


def test_an_oversized_answer_is_silence_however_right_it_is() -> None:
    with pytest.raises(ProviderSilent):
        asked({**STATUS, "padding": "x" * MOST_ANSWER_BYTES})


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ReadTimeout("timed out"),
        httpx.WriteTimeout("timed out"),
        httpx.ReadError("reset"),
        httpx.WriteError("broken pipe"),
        httpx.RemoteProtocolError("server disconnected"),
        httpx.DecodingError("bad gzip"),
    ],
)
def test_a_connection_lost_after_sending_is_silence(failure: httpx.HTTPError) -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise failure

    vpay = facing(fails)
    with pytest.raises(ProviderSilent):
        vpay.charge(PAYMENT, attempt(), ADDRESSES)
    with pytest.raises(ProviderSilent):
        vpay.ask(PAYMENT, attempt())


@pytest.mark.parametrize(
    "url", ["", " ", "javascript:alert(1)", "/checkout/1", "ftp://x/", 1, None]
)
def test_only_a_web_address_is_somewhere_to_send_a_customer(url: object) -> None:
    assert charged({**PENDING, "payment_url": url}).next_url is None


def test_references_are_short_and_fit_to_store() -> None:
    half_a_pair = b'{"status":"PENDING","transaction_id":"\\ud800VP1"}'
    assert charged(half_a_pair).provider_ref == "?VP1"
    endless = "V" * (LONGEST_TEXT + 1)
    assert charged({**PENDING, "transaction_id": endless}).provider_ref is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
VALUES = JSON | st.sampled_from(
    ["SUCCESSFUL", "FAILED", "error", "NOT_FOUND", attempt().ref, "RWF"]
)
FIELDS = (
    *("status", "error_code", "transaction_id", "external_id", "amount", "currency"),
    *("payment_url", "mode", "message"),
)


@given(st.dictionaries(st.sampled_from(FIELDS), VALUES) | st.binary(), st.integers(200, 599))
def test_whatever_is_answered_is_a_report_or_silence(content: object, status: int) -> None:
    for put in (charged, asked):
        try:
            said = put(content, status)
        except ProviderSilent:
            continue
        assert said.attempt_ref == attempt().ref
        for text in (said.provider_ref, said.network_ref, said.next_url):
            assert text is None or text.encode()


@given(JSON | st.binary(), st.integers(200, 599))
def test_whatever_comes_in_place_of_a_token_charges_nobody(content: Any, status: int) -> None:  # noqa: ANN401  # any JSON
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def fails(_request: httpx.Request) -> httpx.Response:
        raise AssertionError("a charge went out without a token")

    vpay = facing(fails, auth=lambda _request: httpx.Response(status, content=body))
    assert vpay.charge(PAYMENT, attempt(), ADDRESSES).outcome is Outcome.REFUSED

"""A provider's answer is hostile input: odd forms are read, nonsense is silence."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import ProviderSilent
from payments.money import Money
from payments.report import Outcome, Reason, Report
from providers.dgspay import Dgspay
from providers.wire import LONGEST_TEXT, MOST_ANSWER_BYTES, TURNED_AWAY
from tests.contract.dgspay.desk import ADDRESSES, OURS, URL
from tests.examples import PAYMENT, attempt, payment

NAMED = attempt(provider_ref="dgs_1")
PENDING = {
    "status": "success",
    "dgs_reference": "dgs_1",
    "amount": 5000,
    "currency": "RWF",
    "transaction_status": "pending",
}
PAID = PENDING | {"transaction_status": "successful"}
FAILED = PENDING | {"status": "failed", "transaction_status": "failed"}


def answering(content: object, status: int = 200) -> Dgspay:
    """DGS-Pay's adapter, facing a DGS-Pay that always says the same."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body)

    return Dgspay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)


def charged(content: object, status: int = 200) -> Report:
    return answering(content, status).charge(PAYMENT, attempt(), ADDRESSES)


def asked(content: object, status: int = 200) -> Report:
    return answering(content, status).ask(payment(NAMED), NAMED)


def without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if key != name}


@pytest.mark.parametrize("word", ["processing", "success", "paid", "reversed", "SUCCESS", "1", 1])
@pytest.mark.parametrize("put", [charged, asked])
def test_an_unknown_word_is_pending(put: Any, word: object) -> None:  # noqa: ANN401  # either question
    assert put(PAID | {"transaction_status": word}).outcome is Outcome.PENDING


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("successful", Outcome.PAID),
        (" Successful ", Outcome.PAID),
        ("FAILED", Outcome.DECLINED),
        ("Pending", Outcome.PENDING),
    ],
)
@pytest.mark.parametrize("status", ["success", "failed", "error", None])
def test_money_is_in_transaction_status_alone(word: str, outcome: Outcome, status: object) -> None:
    content = PENDING | {"status": status, "transaction_status": word}
    assert charged(content).outcome is outcome
    assert asked(content).outcome is outcome


@pytest.mark.parametrize("word", [None, "", " ", True, ["successful"], {"is": "successful"}])
def test_without_transaction_status_nobody_knows(word: object) -> None:
    content = PAID | {"transaction_status": word}
    for put in (charged, asked):
        with pytest.raises(ProviderSilent):
            put(content)
        with pytest.raises(ProviderSilent):
            put(without(content, "transaction_status"))


@pytest.mark.parametrize("code", ["90", "91", 90, 91])
@pytest.mark.parametrize("http", [200, 400, 401, 403, 404, 409, 422])
@pytest.mark.parametrize("rest", [{}, {"status": "failed"}, {"transaction_status": "failed"}])
def test_90_and_91_are_a_plain_refusal_of_a_charge_and_no_answer_to_a_question(
    code: object, http: int, rest: dict[str, object]
) -> None:
    content = {"error_code": code, **rest}
    said = charged(content, http)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    with pytest.raises(ProviderSilent):
        asked(content, http)


def test_a_refusal_may_give_back_what_was_wrong() -> None:
    said = charged({"error_code": "90", "amount": "five thousand", "currency": "francs"}, 400)
    assert said.outcome is Outcome.REFUSED


@pytest.mark.parametrize("code", ["92", "93", "99", 93, 99, "17"])
@pytest.mark.parametrize("http", [200, 400, 404, 409, 422])
def test_no_other_code_refuses_a_charge(code: object, http: int) -> None:
    with pytest.raises(ProviderSilent):
        charged({"error_code": code, "message": "no"}, http)


@pytest.mark.parametrize("code", ["90", "91", "92", "93", "99", "17", 99])
@pytest.mark.parametrize("put", [charged, asked])
def test_a_yes_beside_an_error_is_not_believed(put: Any, code: object) -> None:  # noqa: ANN401  # either question
    try:
        said = put(PAID | {"error_code": code})
    except ProviderSilent:
        return
    assert (put, said.outcome) == (asked, Outcome.NOT_FOUND)
    assert code == "92"


@pytest.mark.parametrize("code", ["92", "93", "99", 99])
def test_a_no_beside_an_error_of_theirs_is_not_believed(code: object) -> None:
    with pytest.raises(ProviderSilent):
        charged(FAILED | {"error_code": code})


@pytest.mark.parametrize("http", [400, 401, 403, 422, 429])
@pytest.mark.parametrize("put", [charged, asked])
def test_a_yes_from_a_layer_that_turned_us_away_is_not_believed(put: Any, http: int) -> None:  # noqa: ANN401  # either question
    with pytest.raises(ProviderSilent):
        put(PAID, http)


@pytest.mark.parametrize("code", [None, "00", 0, "0"])
def test_all_is_well_without_a_code_or_with_00(code: object) -> None:
    assert charged(PAID | {"error_code": code}).outcome is Outcome.PAID


def test_an_issuers_no_may_come_with_any_http_status() -> None:
    said = charged(FAILED | {"processor_response": "Insufficient funds"}, 400)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)


@pytest.mark.parametrize(
    ("content", "http"),
    [
        ({"error_code": "92"}, 200),
        ({"error_code": 92, "message": "Not found"}, 404),
        ({"message": "Not found"}, 404),
        (b"<html>Not found</html>", 404),
        (b"", 404),
    ],
)
def test_92_and_404_answer_a_question_with_not_found(content: object, http: int) -> None:
    assert asked(content, http).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"processor_response": "Insufficient funds"}, Reason.INSUFFICIENT_FUNDS),
        ({"processor_response": "Not enough money"}, Reason.INSUFFICIENT_FUNDS),
        ({"processor_response": "Low BALANCE"}, Reason.INSUFFICIENT_FUNDS),
        ({"processor_response": "Request timed out"}, Reason.TIMED_OUT),
        ({"processor_response": "TIMEOUT"}, Reason.TIMED_OUT),
        ({"processor_response": "Prompt expired"}, Reason.TIMED_OUT),
        ({"processor_response": "Cancelled by user"}, Reason.CANCELLED),
        ({"issuer_response_code": "51"}, Reason.INSUFFICIENT_FUNDS),
        ({"issuer_response_code": 51}, Reason.INSUFFICIENT_FUNDS),
        ({"issuer_response_code": "05", "processor_response": "Do not honor"}, Reason.DECLINED),
        ({"processor_response": ["Insufficient funds"]}, Reason.DECLINED),
        ({}, Reason.DECLINED),
    ],
)
def test_the_issuer_and_the_processor_tell_why_and_never_whether(
    told: dict[str, object], reason: Reason
) -> None:
    said = charged(FAILED | told)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)
    for content, outcome in ((PAID, Outcome.PAID), (PENDING, Outcome.PENDING)):
        other = charged(content | told)
        assert (other.outcome, other.reason) == (outcome, None)


@pytest.mark.parametrize(
    ("stated", "money"),
    [
        ({"amount": 5000}, Money(5000, "RWF")),
        ({"amount": 4999}, Money(4999, "RWF")),
        ({"amount": "5000.00", "currency": "rwf"}, Money(5000, "RWF")),
        ({"amount": 5000.0}, Money(5000, "RWF")),
        ({"amount": 0}, Money(0, "RWF")),
        ({"amount": "50", "currency": "USD"}, Money(5000, "USD")),
        ({"amount": None, "currency": "USD"}, Money(500_000, "USD")),
        ({"amount": None}, None),
        ({"amount": " "}, None),
        ({"amount": "", "currency": None}, None),
    ],
)
def test_a_stated_sum_is_passed_on(stated: dict[str, object], money: Money | None) -> None:
    assert asked(PAID | stated).stated == money
    assert charged(PAID | stated).stated == money


@pytest.mark.parametrize(
    "stated",
    [
        {"amount": "5,000"},
        {"amount": "5000.5"},
        {"amount": "NaN"},
        {"amount": "1e999999"},
        {"amount": True},
        {"amount": [5000]},
        {"amount": float("nan")},
        {"amount": 5000, "currency": "XAF"},
        {"amount": None, "currency": "francs"},
    ],
)
def test_a_sum_that_cannot_be_read_says_nothing(stated: dict[str, object]) -> None:
    for put in (charged, asked):
        with pytest.raises(ProviderSilent, match="sum"):
            put(PAID | stated)


def test_a_reply_that_names_no_charge_is_believed_for_we_asked() -> None:
    said = charged(without(PAID, "dgs_reference"))
    assert (said.outcome, said.provider_ref) == (Outcome.PAID, None)
    assert asked(without(PAID, "dgs_reference")).outcome is Outcome.PAID


def test_a_reply_that_names_an_earlier_attempts_charge_says_nothing() -> None:
    later = attempt(2)
    with pytest.raises(ProviderSilent, match="another charge"):
        answering(PAID).charge(payment(NAMED, later), later, ADDRESSES)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422, 429])
@pytest.mark.parametrize("content", [b"", b"<html>Unauthorized</html>", b'{"message": "No"}'])
def test_http_that_turns_a_charge_away_is_a_refusal(status: int, content: bytes) -> None:
    said = charged(content, status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    if status != httpx.codes.NOT_FOUND:
        with pytest.raises(ProviderSilent):
            asked(content, status)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("content", [PAID, FAILED, {"error_code": "90"}, {"error_code": "99"}])
def test_a_server_error_is_silence_whatever_its_body_says(
    status: int, content: dict[str, object]
) -> None:
    for put in (charged, asked):
        with pytest.raises(ProviderSilent):
            put(content, status)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 307, 409])
@pytest.mark.parametrize(
    "content", [b"", b"<html>OK</html>", b"[]", b'"successful"', b"{", b"\xff\xfe", b"[" * 50_000]
)
def test_an_answer_without_a_json_object_is_silence(status: int, content: bytes) -> None:
    for put in (charged, asked):
        with pytest.raises(ProviderSilent):
            put(content, status)


def test_an_oversized_answer_is_silence_however_right_it_is() -> None:
    for put in (charged, asked):
        with pytest.raises(ProviderSilent):
            put(PAID | {"padding": "x" * MOST_ANSWER_BYTES})


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

    dgspay = Dgspay(httpx.Client(transport=httpx.MockTransport(fails)), URL, OURS)
    with pytest.raises(ProviderSilent):
        dgspay.charge(PAYMENT, attempt(), ADDRESSES)
    with pytest.raises(ProviderSilent):
        dgspay.ask(PAYMENT, NAMED)


@pytest.mark.parametrize(
    "url", ["", " ", "javascript:alert(1)", "/authorize/1", "ftp://dgs.example/", 1, None, ["x"]]
)
def test_only_a_web_address_is_somewhere_to_send_a_customer(url: object) -> None:
    assert charged(PENDING | {"next_action_redirect_url": url}).next_url is None


def test_references_are_short_and_fit_to_store() -> None:
    surrogate = b'{"transaction_status":"pending","dgs_reference":"\\ud800dgs"}'
    assert charged(surrogate).provider_ref == "?dgs"
    longest = "d" * LONGEST_TEXT
    assert charged(PENDING | {"dgs_reference": longest}).provider_ref == longest
    assert charged(PENDING | {"dgs_reference": f"{longest}d"}).provider_ref is None


TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=4,
)
FIELDS = (
    *("status", "transaction_status", "transaction_id", "dgs_reference", "error_code", "message"),
    *("amount", "currency", "next_action_redirect_url", "issuer_response_code"),
    "processor_response",
)


@given(
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5)
    | st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=5).map(lambda odd: PAID | odd)
    | st.binary(),
    st.integers(200, 599),
)
def test_whatever_is_answered_is_a_report_or_silence(content: object, status: int) -> None:
    for put in (charged, asked):
        try:
            said = put(content, status)
        except ProviderSilent:
            continue
        assert said.attempt_ref == attempt().ref
        for text in (said.provider_ref, said.network_ref, said.next_url):
            assert text is None or text.encode()
        if said.outcome is Outcome.PAID:
            assert isinstance(content, dict)
            assert content["transaction_status"] == "successful"
            assert status not in TURNED_AWAY


@given(st.text(max_size=LONGEST_TEXT))
def test_any_reference_that_they_gave_can_be_asked_about(reference: str) -> None:
    told = charged(PENDING | {"dgs_reference": reference}).provider_ref
    if told is not None:
        tried = attempt(provider_ref=told)
        there = answering(without(PAID, "dgs_reference"))
        assert there.ask(payment(tried), tried).outcome is Outcome.PAID

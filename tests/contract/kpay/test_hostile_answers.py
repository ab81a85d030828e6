"""A provider's answer is hostile input: odd forms are read, nonsense is silence."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.errors import ProviderSilent
from payments.money import Money
from payments.report import Outcome, Reason, Report
from providers.kpay import Kpay
from providers.wire import LONGEST_TEXT, MOST_ANSWER_BYTES
from tests.contract.kpay.desk import ADDRESSES, OURS, URL
from tests.examples import PAYMENT, attempt

PAY = {"reply": "PENDING", "url": " ", "success": 1, "tid": "E1", "retcode": 0}
STATUS = {"tid": "E1", "refid": attempt().ref, "momtransactionid": "616", "statusid": "01"}


def answering(content: object, status: int = 200) -> Kpay:
    """K-Pay's adapter, facing a K-Pay that always says the same."""
    body = content if isinstance(content, bytes) else json.dumps(content).encode()

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, content=body)

    return Kpay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)


def charged(content: object, status: int = 200) -> Report:
    return answering(content, status).charge(PAYMENT, attempt(), ADDRESSES)


def asked(content: object, status: int = 200) -> Report:
    return answering(content, status).ask(PAYMENT, attempt())


@pytest.mark.parametrize("retcode", [0, "0", "00", 3, "3", "03", " 03 ", 999, 608, "608", "0608"])
def test_a_code_that_is_no_plain_yes_or_no_is_pending(retcode: object) -> None:
    assert charged({"retcode": retcode, "tid": "E1"}).outcome is Outcome.PENDING


@pytest.mark.parametrize("code", [600, 601, 602, 603, 604, 605, 609, 610, 401, 500])
@pytest.mark.parametrize("form", [int, str, "0{}".format])
def test_a_plain_refusal_is_one_as_a_number_or_padded_text(code: int, form: Any) -> None:  # noqa: ANN401  # how it is written
    said = charged({"reply": "FAILED", "url": " ", "success": "0", "retcode": form(code)})
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert said.next_url is None


@pytest.mark.parametrize("code", [2, "2", "02", 606, "607"])
def test_a_no_from_the_customers_side_is_a_decline(code: object) -> None:
    assert charged({"retcode": code}).outcome is Outcome.DECLINED


@pytest.mark.parametrize(
    ("word", "code", "outcome", "reason"),
    [
        ("PENDING", 602, Outcome.PENDING, None),
        ("pending", "600", Outcome.PENDING, None),
        ("TIMEOUT", 608, Outcome.PENDING, None),
        ("DUPLICATE_REFID", 604, Outcome.PENDING, None),
        ("INVALID_REQUEST", 600, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("INVALID_API_KEY", 601, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("INVALID_AUTH", 602, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("IP_NOT_WHITELISTED", 603, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("AMOUNT_OUT_OF_RANGE", 605, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("TARGET_AUTHORIZATION_ERROR", 606, Outcome.DECLINED, Reason.DECLINED),
        ("INSUFFICIENT_FUNDS", 607, Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
        ("CANCELLED", 609, Outcome.DECLINED, Reason.CANCELLED),
        ("INSUFFICIENT_FUNDS", None, Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
        ("SOMETHING_NEW", 602, Outcome.REFUSED, Reason.NOT_ENABLED),
        ("SOMETHING_NEW", None, Outcome.PENDING, None),
    ],
)
def test_known_words_are_trusted_over_the_number(
    word: str, code: object, outcome: Outcome, reason: Reason | None
) -> None:
    said = charged({"reply": word, "retcode": code})
    assert (said.outcome, said.reason) == (outcome, reason)


def test_a_reply_about_another_reference_says_nothing() -> None:
    with pytest.raises(ProviderSilent, match="another transaction"):
        charged({**PAY, "refid": "SOMEBODYELSES00001", "retcode": 1, "reply": "OK"})


def test_a_reply_that_is_paid_at_once_passes_on_the_sum_it_states() -> None:
    said = charged({"retcode": "01", "refid": attempt().ref, "amount": "4999"})
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(4999, "RWF"))


@pytest.mark.parametrize("statusid", ["01", 1, "1", "001", " 01 "])
def test_paid_is_paid_however_it_is_padded(statusid: object) -> None:
    assert asked({**STATUS, "statusid": statusid}).outcome is Outcome.PAID


@pytest.mark.parametrize("statusid", ["00", 0, "03", 3, "04", "99", "608", 1234])
def test_an_unknown_status_is_pending(statusid: object) -> None:
    assert asked({**STATUS, "statusid": statusid}).outcome is Outcome.PENDING


@pytest.mark.parametrize("statusid", ["611", 611, "0611"])
def test_not_found_is_not_found_however_it_is_written(statusid: object) -> None:
    assert asked({"tid": "", "refid": "", "statusid": statusid}).outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    "statusid",
    [
        None,
        "",
        "paid",
        "SUCCESSFUL",
        True,
        1.0,
        1.5,
        [1],
        {"id": 1},
        "1e0",
        "-1",
        "+1",
        "00001",
        "\u0661",
    ],
)
def test_a_status_that_is_no_code_says_nothing(statusid: object) -> None:
    with pytest.raises(ProviderSilent):
        asked({**STATUS, "statusid": statusid})


@pytest.mark.parametrize("statusid", ["600", 602, "603", "401", "500"])
def test_a_status_that_speaks_of_the_question_says_nothing(statusid: object) -> None:
    with pytest.raises(ProviderSilent):
        asked({**STATUS, "statusid": statusid})


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"statusmsg": "Not enough funds"}, Reason.INSUFFICIENT_FUNDS),
        ({"statusdesc": "Insufficient balance"}, Reason.INSUFFICIENT_FUNDS),
        ({"statusdesc": "Request timed out"}, Reason.TIMED_OUT),
        ({"statusmsg": "TIMEOUT"}, Reason.TIMED_OUT),
        ({"statusdesc": "Cancelled by user"}, Reason.CANCELLED),
        ({"statusdesc": "SUCCESSFUL"}, Reason.DECLINED),
        ({}, Reason.DECLINED),
    ],
)
def test_words_tell_why_and_never_whether(told: dict[str, str], reason: Reason) -> None:
    said = asked({**STATUS, "statusid": "02", **told})
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


@pytest.mark.parametrize(
    ("stated", "money"),
    [
        ({"amount": 5000}, Money(5000, "RWF")),
        ({"amount": "5000.00", "currency": "rwf"}, Money(5000, "RWF")),
        ({"amount": 5000.0}, Money(5000, "RWF")),
        ({"amount": 0}, Money(0, "RWF")),
        ({"amount": "50", "currency": "USD"}, Money(5000, "USD")),
        ({"currency": "USD"}, Money(500_000, "USD")),
        ({"currency": "RWF"}, None),
        ({"amount": ""}, None),
        ({"amount": " "}, None),
        ({"amount": None}, None),
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
        {"amount": {"value": 5000}},
        {"amount": float("nan")},
        {"amount": 5000, "currency": "XAF"},
        {"currency": "francs"},
    ],
)
def test_a_sum_that_cannot_be_read_says_nothing(stated: dict[str, object]) -> None:
    with pytest.raises(ProviderSilent, match="sum"):
        asked({**STATUS, **stated})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 415, 422, 429])
@pytest.mark.parametrize("content", [b"", b"<html>Unauthorized</html>", b"[]", b"null"])
def test_http_that_turns_a_charge_away_unread_is_a_refusal(status: int, content: bytes) -> None:
    said = charged(content, status)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    with pytest.raises(ProviderSilent):
        asked(content, status)


def test_http_that_turns_a_charge_away_with_json_is_a_refusal_too() -> None:
    said = charged({"message": "Unauthorized"}, 401)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_is_silence_whatever_its_body_says(status: int) -> None:
    with pytest.raises(ProviderSilent):
        charged({"retcode": 602}, status)
    with pytest.raises(ProviderSilent):
        asked(STATUS, status)


@pytest.mark.parametrize("status", [200, 201, 204, 302, 307])
@pytest.mark.parametrize(
    "content", [b"", b"<html>OK</html>", b"[]", b'"01"', b"{", b"\xff\xfe", b"[" * 50_000]
)
def test_an_answer_without_a_json_object_is_silence(status: int, content: bytes) -> None:
    with pytest.raises(ProviderSilent):
        charged(content, status)
    with pytest.raises(ProviderSilent):
        asked(content, status)


@pytest.mark.parametrize(
    "content", [b'{"a":1e99999999999999999999}', b'{"a":' + b"9" * 5000 + b"}"]
)
def test_a_number_that_nothing_can_hold_is_silence(content: bytes) -> None:
    with pytest.raises(ProviderSilent):
        charged(content)


def test_an_oversized_answer_is_silence_however_right_it_is() -> None:
    with pytest.raises(ProviderSilent):
        asked({**STATUS, "padding": "x" * MOST_ANSWER_BYTES})


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while read < 100 * MOST_ANSWER_BYTES:
            read += 1024
            yield b" " * 1024

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=endless())

    kpay = Kpay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)
    with pytest.raises(ProviderSilent):
        kpay.charge(PAYMENT, attempt(), ADDRESSES)
    assert read <= MOST_ANSWER_BYTES + 1024


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

    kpay = Kpay(httpx.Client(transport=httpx.MockTransport(fails)), URL, OURS)
    with pytest.raises(ProviderSilent):
        kpay.charge(PAYMENT, attempt(), ADDRESSES)


@pytest.mark.parametrize(
    "url", ["", " ", "javascript:alert(1)", "/checkout/1", "ftp://kpay.example/", 1, None, ["x"]]
)
def test_only_a_web_address_is_somewhere_to_send_a_customer(url: object) -> None:
    assert charged({**PAY, "url": url}).next_url is None


def test_references_are_short_and_fit_to_store() -> None:
    assert charged(b'{"retcode":0,"tid":"\\ud800E1"}').provider_ref == "?E1"
    assert charged({**PAY, "tid": "E" * LONGEST_TEXT}).provider_ref == "E" * LONGEST_TEXT
    assert charged({**PAY, "tid": "E" * (LONGEST_TEXT + 1)}).provider_ref is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
FIELDS = ("reply", "retcode", "statusid", "refid", "tid", "url", "amount", "currency", "statusdesc")


@given(st.dictionaries(st.sampled_from(FIELDS), JSON) | st.binary(), st.integers(200, 599))
def test_whatever_is_answered_is_a_report_or_silence(content: object, status: int) -> None:
    for put in (charged, asked):
        try:
            said = put(content, status)
        except ProviderSilent:
            continue
        assert said.attempt_ref == attempt().ref
        for text in (said.provider_ref, said.network_ref, said.next_url):
            assert text is None or text.encode()

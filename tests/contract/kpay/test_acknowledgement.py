"""What K-Pay hears of its postback: read from the raw bytes, whatever they are called."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.kpay import acknowledgement

HEARD = {"tid": "A441489693051", "refid": "0123456789ABCDEF01", "reply": "OK"}


@pytest.mark.parametrize(
    "body",
    [
        b'{"tid":"A441489693051","refid":"0123456789ABCDEF01","statusid":"01"}',
        b'\n {"refid": "0123456789ABCDEF01", "tid": "A441489693051"} ',
        b"tid=A441489693051&refid=0123456789ABCDEF01&statusid=01&statusdesc=SUCCESSFUL",
        b"refid=0123456789ABCDEF01&tid=A441489693051&statusdesc=Not%20enough+funds",
    ],
)
def test_gives_kpays_own_references_back(body: bytes) -> None:
    assert acknowledgement(body) == HEARD


def test_gives_a_number_back_as_text() -> None:
    assert acknowledgement(b'{"tid": 441489693051, "refid": 1489693046}') == {
        "tid": "441489693051",
        "refid": "1489693046",
        "reply": "OK",
    }


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"[]",
        b"{",
        b"null",
        b'{"tid": null, "refid": ["x"]}',
        b"\xff\xfe\x00",
        b"&" * 60,
        b"a=1&" * 1000,
        b"[" * 50_000,
        b'{"a": 1e99999999999999999999}',
    ],
)
def test_garbage_is_acknowledged_too(body: bytes) -> None:
    assert acknowledgement(body) == {"tid": "", "refid": "", "reply": "OK"}


@given(st.binary() | st.dictionaries(st.text(), st.text()).map(lambda d: json.dumps(d).encode()))
def test_whatever_comes_the_answer_is_short_and_can_be_sent(body: bytes) -> None:
    told = acknowledgement(body)
    assert told["reply"] == "OK"
    assert all(len(value) <= 64 for value in told.values())
    assert json.dumps(told, ensure_ascii=False).encode()


@pytest.mark.parametrize("body", [b'{"tid": "\\ud800"}', b"tid=%ED%A0%80", b"tid=" + b"x" * 9999])
def test_what_could_not_be_sent_is_never_given_back(body: bytes) -> None:
    told = acknowledgement(body)
    assert len(told["tid"].encode()) <= 64

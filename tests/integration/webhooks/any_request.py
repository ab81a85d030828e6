"""Requests of every kind to an address of a webhook, as Hypothesis draws them.

Half are bytes and text that nobody meant; half are what a provider sends, with a part changed.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.integration.rest_events import Request
from tests.integration.webhooks.letters import SIGNATURE_HEADERS, Letter

Event = dict[str, Any]
SEED = 20261121
FUZZING = settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
"""With SEED the same requests in every run, however long each takes."""
METHODS = ("POST", "POST", "POST", "POST", "HEAD", "GET", "PUT", "OPTIONS", "TRACE", "post", "")
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=utf-16",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "text/plain;charset=\x00",
    "text/xml",
    "é",
    "",
)
# Where a parser may stumble: numbers that no float holds, half a surrogate pair, too deep, cut off.
RAW_BODIES = (
    *(b"", b"\x00", b"{", b"}", b"[]", b"null", b"true", b'""', b"{}", b"\xff\xfe{\x00}\x00"),
    *(b"\xef\xbb\xbf{}", b'{"a":NaN}', b'{"a":-Infinity}', b'{"amount":1e999999}'),
    *(b'{"amount":' + b"9" * 5000 + b"}", b'{"amount":1e-999999999}', b'{"amount":-0.0}'),
    *(b'{"status":"\\ud800"}', b'{"\\udfff":1}', b'{"status":"\xed\xa0\x80"}'),
    *(b"[" * 20_000, b'{"a":' * 5_000, b'{"data":' + b"[" * 60 + b"]" * 60 + b"}"),
    *(b"a=1&a=2&tid=&refid=%00&statusid=%ZZ", b"&" * 5000, b"=" * 5000, b"%" * 5000),
    *(b"x" * 65_536, b"x" * 65_537, b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--"),
)
# API Gateway's events are JSON in UTF-8, so half a surrogate pair never stands in one by itself.
TEXT = st.text(max_size=40)
PATH_PARTS = st.one_of(
    TEXT,
    st.sampled_from(
        ("", "%00", "%", "%ZZ", "%ED%A0%80", "..", "../..", "null", "9" * 5000, "é", "\u0660" * 18)
    ),
    st.from_regex(r"\A[0-9A-Z]{16}[0-9]{2}\Z"),
)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.sampled_from((10**400, -(10**400), 5e-324, "1e999999", "\ud800", "5000", 5000)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=8,
)


@dataclass(frozen=True)
class Known:
    """What a stranger could have learnt of a payment, and the letter that they try to forge."""

    provider: str
    reference: str
    token: str
    letter: bytes
    """The body that the provider would sign, or post."""

    @property
    def signature_header(self) -> str:
        return SIGNATURE_HEADERS.get(self.provider, "X-Signature")

    @property
    def resource(self) -> str:
        return f"/webhooks/{self.provider}/{{attempt_ref}}/{{token}}"


def any_body(known: Known) -> st.SearchStrategy[bytes]:
    """Bytes: chance, JSON, a form, or the provider's own letter with something changed."""
    told: dict[str, Any] = json.loads(known.letter)
    names = st.sampled_from([*told, *inner_of(told)]) | TEXT
    return st.one_of(
        st.binary(max_size=200),
        st.sampled_from(RAW_BODIES),
        JSON.map(written),
        st.dictionaries(names, JSON, max_size=6).map(written),
        st.builds(lambda name, value: written(changed(told, name, value)), names, JSON),
        st.builds(cut, st.just(known.letter), st.integers(0, len(known.letter)), st.binary()),
    )


def inner_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = told.get("data")
    return inner if isinstance(inner, dict) else {}


def changed(told: Mapping[str, Any], name: str, value: object) -> dict[str, Any]:
    """A letter with one field another, wherever it stands."""
    inner = inner_of(told)
    if name in inner:
        return {**told, "data": {**inner, name: value}}
    return {**told, name: value}


def cut(letter: bytes, at: int, more: bytes) -> bytes:
    return letter[:at] + more + letter[at:]


def written(spoken: object) -> bytes:
    return json.dumps(spoken).encode()


def any_headers(known: Known, genuine: str) -> st.SearchStrategy[dict[str, list[str]]]:
    """Headers, among them signatures of every kind but one over these very bytes."""
    signature = st.one_of(
        TEXT,
        st.sampled_from(("", " ", "sha256=", "0" * 64, "é" * 32, genuine, genuine.upper())),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.binary(min_size=32, max_size=32).map(lambda raw: base64.b64encode(raw).decode()),
    )
    named = st.sampled_from((known.signature_header, known.signature_header.lower()))
    return st.builds(
        lambda others, name, values, content_type: {
            **others,
            "Content-Type": [content_type],
            name: values,
        },
        st.dictionaries(TEXT, st.lists(TEXT, max_size=2), max_size=3),
        named,
        st.lists(signature, max_size=2),
        st.sampled_from(CONTENT_TYPES),
    )


def any_event(known: Known, genuine: str) -> st.SearchStrategy[Event]:
    """An event as API Gateway hands it over, with any of its parts another."""
    return st.builds(
        event_of,
        st.just(known),
        st.sampled_from(METHODS),
        st.just(known.reference) | PATH_PARTS,
        st.just(known.token) | PATH_PARTS,
        any_headers(known, genuine),
        any_body(known),
        st.sampled_from(ENCODINGS),
    )


def event_of(  # noqa: PLR0913, PLR0917  # a request has so many parts
    known: Known,
    method: str,
    reference: str,
    token: str,
    headers: dict[str, list[str]],
    body: bytes,
    encode: Callable[[bytes], tuple[str | None, object]],
) -> Event:
    named = {"attempt_ref": reference, "token": token}
    event = Request(
        method=method, resource=known.resource, parameters=named, headers=headers
    ).event()
    text, is_encoded = encode(body)
    return event | {"body": text, "isBase64Encoded": is_encoded}


def as_base64(body: bytes) -> tuple[str, bool]:
    return base64.b64encode(body).decode(), True


def as_text(body: bytes) -> tuple[str, bool]:
    return body.decode(errors="replace"), False


def as_base64_that_is_cut(body: bytes) -> tuple[str, bool]:
    return base64.b64encode(body).decode()[:-1], True


def as_text_that_claims_to_be_base64(body: bytes) -> tuple[str, bool]:
    return body.decode("latin-1"), True


def as_urlsafe_base64(body: bytes) -> tuple[str, bool]:
    return base64.urlsafe_b64encode(body).decode(), True


def not_at_all(_body: bytes) -> tuple[None, bool]:
    return None, False


def of_no_known_encoding(body: bytes) -> tuple[str, None]:
    return body.decode("latin-1"), None


ENCODINGS = (
    as_base64,
    as_base64,
    as_text,
    as_text,
    as_base64_that_is_cut,
    as_text_that_claims_to_be_base64,
    as_urlsafe_base64,
    not_at_all,
    of_no_known_encoding,
)


def letter_of_kpay(reference: str) -> bytes:
    """K-Pay's postback, which says that it was paid (seed 003)."""
    told = {
        "tid": "E1",
        "refid": reference,
        "momtransactionid": "1",
        "payaccount": "250788123456",
        "statusid": "01",
        "statusdesc": "Successfully processed transaction.",
    }
    return written(told)


def known_of(letter: Letter) -> Known:
    """What a stranger has who read a genuine letter."""
    reference, token = letter.url.split("/")[-2:]
    return Known(letter.provider, reference, token, letter.body)

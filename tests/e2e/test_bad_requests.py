"""What should never come, over real HTTP and byte for byte: refused, in the documented shape.

Python's own client sends these, since better ones correct a path or a header on its way.
"""

import http.client
import json
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from infra.local.stack_file import StackFile

TWO_MEGABYTES = 2 * 1024 * 1024
INITIALIZE = "/api/v1/checkout/initialize"
NOBODYS_PAGE = "/checkout/CHK-AAAAAAAAAAAAAAAA"
Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def code(self) -> str:
        """The error's code in the documented shape."""
        told = json.loads(self.body)
        assert told["success"] is False
        assert told["message"] == told["error"]["message"]
        code: str = told["error"]["code"]
        return code


def send(
    stack: StackFile, method: str, path: str, body: bytes | None = None, headers: Headers = ()
) -> Answer:
    address = urlsplit(stack["checkout"])
    assert address.hostname
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=30)
    try:
        connection.putrequest(method, address.path + path)
        for name, value in headers:
            connection.putheader(name, value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def signed_in(stack: StackFile) -> list[tuple[str, str]]:
    keys = stack["keys"]["live"]
    return [("X-Public-Key", keys["public"]), ("X-Secret-Key", keys["secret"])]


@pytest.mark.parametrize(
    "reference", ["%00", "%ff%fe", "%25", "%25%30%30", "%2e%2e", "%E2%80%A8", "A" * 5000, "%20"]
)
def test_a_reference_that_cannot_be_one_is_not_found(stack: StackFile, reference: str) -> None:
    answer = send(stack, "GET", f"/api/v1/checkout/{reference}/verify")
    assert (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")


@pytest.mark.parametrize(
    "session", ["%00", "%ff", "CHK-AAAAAAAAAAAAAAAA%00", "CHK-AAAAAAAAAAAAAAAA%2F", "CHK-A"]
)
def test_a_page_that_cannot_be_one_is_not_found(stack: StackFile, session: str) -> None:
    answer = send(stack, "GET", f"/checkout/{session}")
    assert answer.status == 404
    assert b"We know no such payment" in answer.body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nowhere"),
        ("GET", "/%00/%2F"),
        ("GET", "/api/v1/checkout/a%2Fb/verify"),
        ("GET", INITIALIZE),
        ("DELETE", INITIALIZE),
        ("PUT", NOBODYS_PAGE),
        ("POST", "/webhooks/nobody/AAAAAAAAAAAAAAAA01/token"),
        ("GET", "/webhooks/kpay/AAAAAAAAAAAAAAAA01/token"),
    ],
)
def test_an_unknown_route_is_not_found(stack: StackFile, method: str, path: str) -> None:
    answer = send(stack, method, path)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("BREW", "/"), ("BREW", INITIALIZE)])
def test_what_never_reaches_a_function_is_refused_too(
    stack: StackFile, method: str, path: str
) -> None:
    assert 400 <= send(stack, method, path).status < 500


@pytest.mark.parametrize(
    "path",
    [INITIALIZE, f"{NOBODYS_PAGE}/process", "/webhooks/kpay/AAAAAAAAAAAAAAAA01/token"],
)
def test_two_megabytes_are_too_many(stack: StackFile, path: str) -> None:
    answer = send(stack, "POST", path, b"{" * TWO_MEGABYTES, signed_in(stack))
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    "body",
    [
        None,
        b"",
        b'{"amount":',
        b"[" * 50_000,
        b"null",
        b"[]",
        b'{"amount": NaN}',
        b"\xff\xfe\x00",
        b'{"description": "\\ud800"}',
        b"amount=5000&tx_ref=ORDER-1",
    ],
    ids=lambda body: repr(body)[:24],
)
def test_a_body_that_is_no_json_object_is_malformed(stack: StackFile, body: bytes | None) -> None:
    answer = send(stack, "POST", INITIALIZE, body, signed_in(stack))
    assert (answer.status, answer.code) == (400, "MALFORMED_BODY")


def test_every_wrong_field_of_a_request_is_named_at_once(stack: StackFile) -> None:
    customer = {"name": "\x00", "email": "nobody", "phone": "0771234567"}
    order = {
        "amount": 99,
        "currency": "XAF",
        "tx_ref": "a/b",
        "redirect_url": "javascript:alert(1)",
        "customer": customer,
        "surprise": 1,
    }
    answer = send(stack, "POST", INITIALIZE, json.dumps(order).encode(), signed_in(stack))
    assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")
    fields = json.loads(answer.body)["error"]["fields"]
    names = {"amount", "currency", "tx_ref", "redirect_url", "surprise"}
    assert fields.keys() == names | {f"customer.{name}" for name in customer}


@pytest.mark.parametrize(
    "doubled",
    [
        ("X-Secret-Key", "sk_live_another"),
        ("X-Public-Key", "pk_live_another"),
        ("x-public-key", "\xe9"),
    ],
)
def test_a_key_that_comes_twice_and_differs_signs_nobody_in(
    stack: StackFile, doubled: tuple[str, str]
) -> None:
    answer = send(stack, "POST", INITIALIZE, b"{}", [*signed_in(stack), doubled])
    assert (answer.status, answer.code) == (401, "AUTH_FAILED")


def test_two_idempotency_keys_are_none(stack: StackFile) -> None:
    doubled = [("Idempotency-Key", "one"), ("Idempotency-Key", "two words")]
    answer = send(stack, "POST", INITIALIZE, b"{}", [*signed_in(stack), *doubled])
    assert (answer.status, answer.code) == (422, "VALIDATION_ERROR")


@pytest.mark.parametrize("body", [b"\x00\xff", b'{"tid":', b"tid=1&refid=2", b"", b"[[]]"])
@pytest.mark.parametrize("place", ["%00/%00", "AAAAAAAAAAAAAAAA01/guessed", "01/x"])
def test_a_strangers_postback_learns_nothing(stack: StackFile, place: str, body: bytes) -> None:
    answer = send(stack, "POST", f"/webhooks/kpay/{place}", body)
    assert answer.status == 200
    assert json.loads(answer.body)["reply"] == "OK"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("place", ["%00/%00", "AAAAAAAAAAAAAAAA01/guessed"])
def test_a_strangers_test_card_is_not_found(stack: StackFile, method: str, place: str) -> None:
    assert send(stack, method, f"/test-cards/{place}", b"\xff").status == 404


def test_a_form_that_cannot_be_read_is_shown_again(stack: StackFile) -> None:
    assert send(stack, "POST", NOBODYS_PAGE, b"\xff%00&phone").status == 404

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from announcements.signature import signed_headers
from tests.integration.examples.languages import Language

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
BODY = json.dumps(
    {"event": "payment.successful", "data": {"reference": "ORDER-1"}, "note": "Murakoze cyane é"},
    ensure_ascii=False,
).encode()
PATIENCE_SECONDS = 20.0
WAYS = pytest.mark.parametrize("way", ["/webhook", "/webhook-plain"])

Post = Callable[[str, bytes, Mapping[str, str]], int]


@pytest.fixture
def post(language: Language) -> Iterator[Post]:
    """Post to the example, which runs as it is; the status that it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    surroundings = {"PATH": os.environ["PATH"], "ISHYURA_WEBHOOK_SECRET": SECRET}
    running = subprocess.Popen(  # noqa: S603  # our own example
        language.listening(port),
        env=surroundings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(port)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            yield (
                lambda way, body, headers: (
                    client.post(way, content=body, headers=dict(headers)).status_code
                )
            )
    finally:
        running.terminate()
        running.wait()


def wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert time.monotonic() < until, "the example did not start"
            time.sleep(0.05)
        else:
            return


def signed(
    secret: str = SECRET, age: float = 0, previous: str | None = None, body: bytes = BODY
) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=age)
    return signed_headers(secret, "evt_0123456789ABCDEF_2", at, body, previous=previous)


@WAYS
def test_takes_what_is_signed_and_refuses_what_is_forged(post: Post, way: str) -> None:
    assert post(way, BODY, signed()) == 200
    assert post(way, BODY + b" ", signed()) == 401
    assert post(way, BODY, signed(OTHER)) == 401
    assert post(way, BODY, {}) == 401


def test_refuses_what_is_old_or_claims_to_be_of_another_time(post: Post) -> None:
    assert post("/webhook", BODY, signed(age=240)) == 200
    assert post("/webhook", BODY, signed(age=360)) == 401
    assert post("/webhook", BODY, signed(age=-360)) == 401
    assert post("/webhook", BODY, signed(age=360) | {"webhook-timestamp": now()}) == 401
    assert post("/webhook", BODY, signed() | {"webhook-timestamp": "soon"}) == 401
    assert post("/webhook", BODY, signed() | {"webhook-id": "evt_0123456789ABCDEF_3"}) == 401


def test_one_signature_that_fits_is_enough(post: Post) -> None:
    assert post("/webhook", BODY, signed(OTHER, previous=SECRET)) == 200
    assert post("/webhook", BODY, signed(SECRET, previous=OTHER)) == 200


def now() -> str:
    return str(int(datetime.now(UTC).timestamp()))

"""Our signatures under the public library's eyes: ten thousand bodies, seeded.

`standardwebhooks` compares in its own way and lets other errors than its own escape for headers
that are no signature; here it only sees what we signed, altered in one place.
"""

import base64
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from announcements.signature import signed_headers
from tests.figures import publish

BODIES = 10_000
SEED = 20261121
ALPHABETS = (
    "abcXYZ0123456789 -_",
    "éèêçàïôœß",
    "ÿЖщλאعहि中日本語한글",
    "😀👩🏽‍🌾🇷🇼",
    '"\\/\b\f\n\r\t{}[]:,',
    "\x00\x01\x1f\x7f\x85\u2028\u2029\ufeff\u202e",
)
IDS = (
    "evt_0123456789ABCDEF_{}",
    "msg_p5jXN8AQM9LWM0D4loKWxJek{}",
    "{}",
    "a.b.{}",
    "with space {}",
    "é{}",
    "evt_" + "Z" * 200 + "{}",
)


def a_secret(chance: random.Random) -> str:
    """As long as the standard allows: 24 to 64 bytes."""
    return f"whsec_{base64.b64encode(chance.randbytes(chance.randint(24, 64))).decode()}"


def a_text(chance: random.Random) -> str:
    letters = chance.choice(ALPHABETS)
    return "".join(chance.choices(letters, k=chance.choice((0, 1, 5, 40))))


def a_body(chance: random.Random, number: int) -> bytes:
    """JSON as we write it, or any text at all: empty, large, of every script."""
    if number % 1000 == 0:
        return b""
    if number % 500 == 1:
        return json.dumps({"big": a_text(chance) + "x" * 60_000}).encode()
    if number % 10 == 2:
        return a_text(chance).encode()
    facts = {a_text(chance): a_text(chance) for _ in range(chance.randint(0, 6))}
    return json.dumps(facts, ensure_ascii=chance.random() < 0.5).encode()


def verified(secret: str, body: bytes, headers: dict[str, str]) -> bool:
    """Whether the library takes it. It gives the body parsed, so one that is no JSON raises."""
    try:
        Webhook(secret).verify(body, headers)
    except WebhookVerificationError:
        return False
    except json.JSONDecodeError:
        # Raised after the signature was found good.
        return True
    return True


Alteration = Callable[[dict[str, str], bytes], tuple[dict[str, str], bytes]]


def another_body(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers, body + b" "


def a_shorter_body(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers, body[:-1] if body else b"x"


def a_flipped_bit(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    # The lowest bit of a byte below 128: it stays UTF-8, which the library insists on.
    places = [at for at, byte in enumerate(body) if byte < 128]
    if not places:
        return headers, body + b"x"
    at = places[len(places) // 2]
    return headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def another_id(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers | {"webhook-id": headers["webhook-id"] + "0"}, body


def another_second(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) + 1)}, body


def no_signature(headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    return headers | {"webhook-signature": "v1,"}, body


ALTERATIONS: tuple[Alteration, ...] = (
    another_body,
    a_shorter_body,
    a_flipped_bit,
    another_id,
    another_second,
    no_signature,
)


def test_ten_thousand_bodies_are_verified_and_none_that_was_altered() -> None:
    chance = random.Random(SEED)  # noqa: S311  # the same ten thousand every time
    refused = overlapping = 0
    # The library refuses what is five minutes old, by its own clock.
    now = datetime.now(UTC)
    for number in range(BODIES):
        secret, previous, stranger = a_secret(chance), a_secret(chance), a_secret(chance)
        is_rotating = number % 4 == 0
        body = a_body(chance, number)
        event_id = chance.choice(IDS).format(number)
        headers = signed_headers(
            secret, event_id, now, body, previous=previous if is_rotating else None
        )
        assert verified(secret, body, headers), (number, event_id, body)
        # While both count, whoever has only the old secret verifies as well; afterwards no more.
        assert verified(previous, body, headers) is is_rotating, number
        assert not verified(stranger, body, headers), number
        altered = ALTERATIONS[number % len(ALTERATIONS)](headers, body)
        assert not verified(secret, altered[1], altered[0]), number
        refused += 2
        overlapping += is_rotating
    assert refused == 2 * BODIES
    assert overlapping == BODIES / 4
    publish(
        "signatures",
        f"{BODIES:,} bodies verified by standardwebhooks, {overlapping:,} of them "
        f"under a rotation; {refused:,} altered or under another secret, all refused",
    )


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_every_alteration_alters(alteration: Alteration) -> None:
    headers = signed_headers("whsec_" + "A" * 32, "evt_1", datetime.now(UTC), b'{"a":1}')
    assert alteration(headers, b'{"a":1}') != (headers, b'{"a":1}')

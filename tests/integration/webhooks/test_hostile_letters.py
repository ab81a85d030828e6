"""Letters that a provider signed and that say something monstrous: read, and never believed.

Each letter claims that an unpaid charge was paid, and lies at least once in what has to agree
(sum, currency, reference, word); beside the lie every field takes every monstrous value in turn.
The provider's own ledger, in which nobody paid, is the judge.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from tests.figures import publish
from tests.integration.gateway import Gateway
from tests.integration.webhooks.any_request import FUZZING, SEED, any_body, known_of
from tests.integration.webhooks.letters import SIGNING, Letter, arrives
from tests.integration.webhooks.scene import Scene, Told, false_payments, saying

EVERY_SIGNING_PROVIDER = pytest.mark.parametrize("provider", SIGNING)
PAYLOADS = Path(__file__).parents[2] / "payloads"
RECORDED: Mapping[str, str] = {
    "vpay": "vpay/pay_reply_successful.json",
    "dgspay": "dgspay/charge_reply_successful.json",
    "rwandapay": "rwandapay/webhook_paid.json",
}
"""What the providers' own documents show, or the nearest to it."""
EXAMPLES = 1000

# As they stand in JSON, since Python has no words for some of them.
MONSTERS = (
    *("0", "-1", "-0.0", "1e999999", "-1e999999", "1e-999999", "1e9999999999999999999"),
    *("9" * 400, "-" + "9" * 5000, "0.1" + "0" * 400 + "1", "NaN", "Infinity", "-Infinity"),
    *("null", "true", "false", "[]", "{}", "[5000]", '{"value":5000}', "[" * 40 + "]" * 40),
    *('""', '" "', '"\\u0000"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202e5000"', '"0x1388"'),
    *('"NaN"', '"Infinity"', '"-5000"', '"5000.00000001"', '"5,000"', '"1e400"', '"' + "x" * 9999),
    *('"successful\\u0000"', '"\\u0455uccessful"', '"paid"', '"01"', '"\\"}"', '"; DROP TABLE"'),
)
LIES: Mapping[str, tuple[str, ...]] = {
    "amount": ("4999", "5001", '"5000.01"', "-5000", "true", "[5000]", "1e400", '"5000 RWF"'),
    "currency": ('"USD"', '"XXX"', "true", '["RWF"]', '{"code":"RWF"}', "5000"),
    "status": ('"pending"', '"PENNDING"', '"successful?"', '["successful"]', "true", "null"),
    "external_id": ('"SOMEBODYELSES00001"', "null", "true", '["x"]'),
    "transaction_status": ('"pending"', "null", "true", '["successful"]', '"success"'),
    "dgs_reference": ('"dgs_1"',),
    "reference": ('"SOMEBODYELSES00001"', "null", "true", '["x"]'),
}
# DGS-Pay's `status` tells of the call and not of the money (seed 004).
BESIDE_THE_MONEY = {("dgspay", "status")}


def test_a_monster_is_json_for_the_most_part() -> None:
    readable = [monster for monster in MONSTERS if is_json(monster)]
    assert 30 <= len(readable) < len(MONSTERS)


def is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def facts_of(letter: Letter) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(letter.body)
    inner: dict[str, Any] = told.get("data", told)
    return inner


def with_json(letter: Letter, field: str, value: str) -> Letter:
    """A letter with a field of this JSON, or of what is nearly JSON, and its own signature."""
    marked = saying(letter, **{field: "HERE"})
    return replace(letter, body=marked.body.replace(b'"HERE"', value.encode(), 1)).resigned()


def recorded(provider: str, told: Told) -> Letter:
    """The letter that the provider's document shows, about this payment."""
    text = (PAYLOADS / RECORDED[provider]).read_text(encoding="utf-8")
    shown: dict[str, Any] = json.loads(text)
    written = facts_of(told.letter)
    facts = shown.get("data", shown)
    for name in ("amount", "reference", "external_id", "dgs_reference", "transaction_id"):
        if name in facts and name in written:
            facts[name] = written[name]
    if provider == "dgspay":
        shown["event"] = "payment.success"
    return replace(told.letter, body=json.dumps(shown).encode()).resigned()


def lies(provider: str, letter: Letter) -> Iterator[Letter]:
    """The letter with one lie in what has to agree."""
    for field, values in LIES.items():
        if field in facts_of(letter) and (provider, field) not in BESIDE_THE_MONEY:
            for value in values:
                yield with_json(letter, field, value)


def monstrous(provider: str, letter: Letter) -> Iterator[Letter]:
    """A letter that lies in its sum, with each other field a monster, one by one."""
    liar = saying(letter, amount=4999)
    for field in facts_of(letter):
        if field != "amount":
            for monster in MONSTERS:
                yield with_json(liar, field, monster)
    sealed = saying(letter, currency="USD")
    for monster in MONSTERS:
        yield with_json(sealed, "amount", monster)
    yield from lies(provider, letter)


@pytest.fixture(scope="module")
def letters() -> Iterator[Counter[str]]:
    """How many letters were read, by provider."""
    counted: Counter[str] = Counter()
    yield counted
    publish(
        "parser fuzz (bodies, headers, base64) per receiver",
        f"signed letters with monstrous values: {counted.total():,} of {len(counted)} providers, "
        "0 uncaught, 0 false payments",
    )


@EVERY_SIGNING_PROVIDER
@pytest.mark.parametrize("source", ["simulated", "recorded"])
def test_no_monster_is_believed_and_none_is_too_much(
    gateway: Gateway, letters: Counter[str], provider: str, source: str
) -> None:
    scene = Scene(gateway, provider)
    genuine = scene.paid()
    wanted = scene.unpaid(claimed_by=genuine)
    letter = wanted.letter if source == "simulated" else recorded(provider, wanted)
    sent = 0
    for sent, monster in enumerate(monstrous(provider, letter), 1):
        answer = arrives(gateway, monster)
        assert answer.status == 200, (monster.body[:300], answer.text)
        # Money that came stays: looking now and then tells no less, and near what let it in.
        assert sent % 50 or false_payments(gateway) == [], monster.body[:300]
    assert false_payments(gateway) == []
    assert gateway.payment(wanted.session).status == "pending"
    assert sent > len(MONSTERS) * 5
    # The letter itself is one that is believed, were it not for the lies.
    arrives(gateway, letter)
    assert gateway.payment(wanted.session).status == "successful"
    assert false_payments(gateway) == [wanted.reference]
    letters[provider] += sent


@EVERY_SIGNING_PROVIDER
def test_signed_bytes_of_any_kind_are_answered(
    gateway: Gateway, letters: Counter[str], provider: str
) -> None:
    scene = Scene(gateway, provider)
    wanted = scene.unpaid(claimed_by=scene.paid())
    # Two lies, so that no one change makes it true.
    lie = saying(wanted.letter, amount=4999, currency="USD")
    sent = 0

    @seed(SEED)
    @settings(FUZZING, max_examples=EXAMPLES)
    @given(any_body(known_of(lie)) | amended(lie))
    def comes(body: bytes) -> None:
        nonlocal sent
        sent += 1
        answer = arrives_encoded(gateway, replace(lie, body=body).resigned())
        assert answer in {200, 413}, body
        assert sent % 50 or false_payments(gateway) == [], body

    comes()
    assert sent >= EXAMPLES
    assert false_payments(gateway) == []
    assert gateway.payment(wanted.session).status == "pending"
    letters[provider] += sent


def amended(letter: Letter) -> st.SearchStrategy[bytes]:
    """A letter with any of its values any of the monsters."""
    values = [match.span(1) for match in re.finditer(rb': ("[^"]*"|[0-9]+)', letter.body)]

    def swap(where: tuple[int, int], monster: str) -> bytes:
        start, end = where
        return letter.body[:start] + monster.encode() + letter.body[end:]

    return st.builds(swap, st.sampled_from(values), st.sampled_from(MONSTERS))


def arrives_encoded(gateway: Gateway, letter: Letter) -> int:
    """Let any bytes come, in base64 as the gateway sends them."""
    return gateway.webhook(letter.url, letter.body, dict(letter.headers)).status

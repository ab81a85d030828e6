"""Whatever is posted to a receiver is answered, and what proves nothing changes nothing."""

import base64
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given, seed, settings

from providers.registry import REGISTRY
from tests.figures import publish
from tests.integration.gateway import Gateway, route_of
from tests.integration.rest_events import Context, answered
from tests.integration.webhooks.any_request import (
    FUZZING,
    SEED,
    Event,
    Known,
    any_event,
    known_of,
    letter_of_kpay,
)
from tests.integration.webhooks.letters import SIGNING, paid, prompted

EXAMPLES = 2000
# 404 is another method than the route's, 204 the preflight that every function answers.
DOCUMENTED = {200, 204, 400, 401, 404, 413}
PROVING = {"dynamodb.GetItem", "ssm.GetParameter"}
"""All that a receiver of signed letters asks AWS before it believes one."""
ASKING = PROVING | {"dynamodb.UpdateItem"}
"""One that believes none claims the right to ask the provider."""


def test_every_receiver_is_fuzzed() -> None:
    assert set(REGISTRY) == {*SIGNING, "kpay", "sandbox"}


def a_payment(gateway: Gateway, provider: str) -> tuple[str, Known, str]:
    """A payment whose prompt is out: session, what a stranger knows of it, a good signature.

    A signing provider's letter is genuine, and only its own bytes bear its signature; of the
    others a stranger has the whole address, and all that they say is that it was paid.
    """
    if provider in SIGNING:
        session, letter = paid(gateway, provider)
        return session, known_of(letter), letter.signature
    if provider == "kpay":
        session, reference = prompted(gateway, provider)
        address = gateway.callback_of(reference)
        still = {"refid": reference, "statusid": "03"}
        gateway.internet.replacement = httpx.Response(200, json=still)
    else:
        session = gateway.opened(gateway.shop.test)
        gateway.pay(session, attempt="1", method="card")
        reference = gateway.attempt(session).ref
        # No card is chosen: it stays open.
        address = str(gateway.attempt(session).next_url)
    token = address.rsplit("/", 1)[1]
    return session, Known(provider, reference, token, letter_of_kpay(reference)), "0" * 64


@pytest.fixture(scope="module")
def requests() -> Iterator[Counter[str]]:
    """How many requests were answered, by receiver."""
    counted: Counter[str] = Counter()
    yield counted
    publish(
        "parser fuzz (bodies, headers, base64) per receiver",
        f"{min(counted.values(), default=0):,} requests or more at each of {len(counted)} "
        "receivers, 0 uncaught, payments unchanged",
    )


@pytest.mark.parametrize("provider", REGISTRY)
def test_any_request_is_answered_and_moves_no_money(
    gateway: Gateway, requests: Counter[str], provider: str
) -> None:
    session, known, genuine = a_payment(gateway, provider)
    handler, _, _ = route_of(f"/webhooks/{provider}/{known.reference}/{known.token}")
    before = gateway.payment(session)
    others = sorted(map(repr, gateway.events_of(session)))
    statuses: Counter[int] = Counter()
    allowed = PROVING if provider in SIGNING else ASKING

    @seed(SEED)
    @settings(FUZZING, max_examples=EXAMPLES)
    @given(any_event(known, genuine))
    def comes(event: Event) -> None:
        if is_genuine(event, known, genuine):
            return
        gateway.aws_calls.clear()
        answer = answered(handler(event, Context()))
        statuses[answer.status] += 1
        assert answer.status in DOCUMENTED, (event, answer.text)
        assert set(gateway.aws_calls) <= allowed, event
        if "dynamodb.UpdateItem" in gateway.aws_calls:
            assert gateway.payment(session) == before, event
            gateway.clock.move(3)

    comes()
    assert gateway.payment(session) == before
    assert sorted(map(repr, gateway.events_of(session))) == others
    assert statuses.total() >= EXAMPLES * 0.95
    assert {200, 400} <= statuses.keys() or {401, 400} <= statuses.keys()
    requests[provider] = statuses.total()


def is_genuine(event: Event, known: Known, genuine: str) -> bool:
    """Whether chance put the letter and its own signature together again."""
    text = event["body"] or ""
    sent = unbased(text) if event["isBase64Encoded"] else text.encode()
    bears = [value for values in event["multiValueHeaders"].values() for value in values]
    return sent == known.letter and genuine in map(str.lower, bears)


def unbased(text: str) -> bytes | None:
    try:
        return base64.b64decode(text)
    except ValueError:
        return None

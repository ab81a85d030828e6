"""Forged, replayed, reordered, wrong in sum or currency, another's: no letter makes money.

The provider's own ledger is the judge: nobody paid what these letters say was paid.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from providers.registry import REGISTRY
from tests.figures import publish
from tests.integration.gateway import Gateway
from tests.integration.internet import GIVEN
from tests.integration.webhooks.letters import (
    PENDING,
    SIGNATURE_HEADERS,
    SIGNING,
    Letter,
    arrives,
)
from tests.integration.webhooks.scene import Scene, Told, false_payments, saying

EVERY_PROVIDER = tuple(REGISTRY)
ANOTHER = "whsec_another"
WRONG_SUMS = (4999, 5001, 1, 0, -5000, "4999.99", "5000.01", 5e6, 10**30, True, "a lot", [5000])
WRONG_CURRENCIES = ("USD", "EUR", "XXX", "RWFX", "R W F", 646, True, ["USD"], {"code": "USD"})
DECLINED: Mapping[str, dict[str, str]] = {
    "vpay": {"status": "failed"},
    "dgspay": {"event": "payment.failed", "transaction_status": "failed"},
    "rwandapay": {"event": "payment.failed", "status": "failed"},
}


class Forger:
    """One who holds a genuine letter about money that came, and wants more for it."""

    def __init__(self, gateway: Gateway, provider: str) -> None:
        self.scene = Scene(gateway, provider)
        self.gateway, self.provider = gateway, provider
        self.genuine = self.scene.paid()
        """Their own payment: paid, and its letter not sent yet."""
        self.wanted = self.scene.unpaid(claimed_by=self.genuine)
        """What they want to have for nothing."""

    @property
    def lie(self) -> Letter:
        """The provider's letter about what was wanted, were it paid, under its signature."""
        return self.wanted.letter

    @property
    def token(self) -> str:
        return self.lie.url.rsplit("/", 1)[1]

    def at(self, provider: str, reference: str, token: str) -> str:
        return f"https://pay.example/webhooks/{provider}/{reference}/{token}"


Letters = Iterator[Letter]


def forged(forger: Forger) -> Letters:
    """Without a signature of the provider's over these bytes; the unsigned kind, word for word."""
    lie = forger.lie
    bare = replace(lie, headers={"Content-Type": "application/json"})
    yield bare
    if forger.provider not in SIGNING:
        yield replace(lie, body=b'{"status":"successful","amount":5000,"currency":"RWF"}')
        yield replace(lie, body=b"statusid=01&statusdesc=SUCCESSFUL")
        return
    header = SIGNATURE_HEADERS[forger.provider]
    yield lie.resigned(ANOTHER)
    yield lie.resigned("")
    yield lie.resigned(forger.token)
    for signature in (
        *("", " ", "0" * 64, "sha256=", "sha256=" + "0" * 64, lie.signature[:-1], "é" * 64),
        *(lie.signature + "0", lie.signature[::-1], forger.genuine.letter.signature, "null"),
    ):
        yield lie.signed_with(signature)
    for name in ("Signature", "X-Signature", *SIGNATURE_HEADERS.values()):
        if name != header:
            yield replace(bare, headers={**bare.headers, name: lie.signature})
    for changed in (b" " + lie.body, lie.body + b"\n", lie.body.replace(b": ", b":"), b""):
        yield replace(lie, body=changed)


def replayed(forger: Forger) -> Letters:
    """A genuine letter about another payment, at the address of what is wanted."""
    genuine = forger.genuine.letter
    for url in (
        forger.lie.url,
        forger.at(forger.provider, forger.wanted.reference, genuine.url.rsplit("/", 1)[1]),
        forger.at(forger.provider, forger.genuine.reference, forger.token),
        forger.at(forger.provider, forger.wanted.reference[:-2] + "02", forger.token),
        forger.at(forger.provider, forger.wanted.reference.lower(), forger.token),
    ):
        yield replace(genuine, url=url)
        yield replace(genuine, url=url, body=forger.lie.body)
    for _ in range(5):
        # Where it belongs: its own money came, and once.
        yield genuine


def reordered(forger: Forger) -> Letters:
    """Genuine words out of their order, the last of them first."""
    genuine = forger.genuine.letter
    yield genuine
    if forger.provider in SIGNING:
        yield saying(genuine, **PENDING[forger.provider]).resigned()
        yield saying(genuine, **DECLINED[forger.provider]).resigned()
        yield saying(forger.lie, **PENDING[forger.provider]).resigned()
    yield genuine


def of_another_sum(forger: Forger) -> Letters:
    """What the provider signs, with another sum in it than was asked."""
    for amount in WRONG_SUMS:
        yield forger.scene.signed(saying(forger.lie, amount=amount))


def of_another_currency(forger: Forger) -> Letters:
    """What the provider signs, with another currency in it, or one that nobody can read."""
    for currency in WRONG_CURRENCIES:
        yield forger.scene.signed(saying(forger.lie, currency=currency))


def of_two_minds(forger: Forger) -> Letters:
    """What the provider signs, with a right sum and a wrong one under the same name."""
    for name, right, wrong in (
        ("amount", b"5000", b"1"),
        ("amount", b"5000", b'"5000.01"'),
        ("currency", b'"RWF"', b'"USD"'),
        ("status", b'"successful"', b'"failed"'),
    ):
        for first, last in ((right, wrong), (wrong, right)):
            both = b'"%s": %s, "%s": %s' % (name.encode(), first, name.encode(), last)
            one = re.compile(rb'"%s": ("[^"]*"|[0-9]+)' % name.encode())
            body, times = one.subn(both, forger.lie.body, count=1)
            yield forger.scene.signed(replace(forger.lie, body=body))
            assert times or forger.provider not in SIGNING


def another_merchants(forger: Forger) -> Letters:
    """Another merchant of the same provider, with everything that is theirs."""
    stranger = forger.scene.another_shop()
    theirs = stranger.paid()
    token = theirs.letter.url.rsplit("/", 1)[1]
    if forger.provider in SIGNING:
        theirs_given = {**GIVEN[forger.provider], "webhook_secret": ANOTHER}
        forger.gateway.store_credentials(stranger.shop.merchant, forger.provider, theirs_given)
        yield forger.lie.resigned(ANOTHER)
        yield replace(theirs.letter, url=forger.lie.url).resigned(ANOTHER)
    yield replace(theirs.letter, url=forger.lie.url)
    yield replace(theirs.letter, url=forger.at(forger.provider, forger.wanted.reference, token))
    yield replace(
        forger.lie, url=forger.at(forger.provider, forger.wanted.reference, token), headers={}
    )


def another_providers(forger: Forger) -> Letters:
    """Another provider's genuine letter at this address, and this one's at every other's."""
    for other in EVERY_PROVIDER:
        if other == forger.provider:
            continue
        theirs = Scene(forger.gateway, other).paid()
        yield replace(theirs.letter, url=forger.lie.url)
        yield replace(theirs.letter, url=forger.lie.url, body=forger.lie.body)
        if other in SIGNING:
            yield replace(
                replace(theirs.letter, body=forger.lie.body).resigned(), url=forger.lie.url
            )
        for reference in (forger.wanted.reference, theirs.reference):
            yield replace(forger.lie, url=forger.at(other, reference, forger.token))


CASES: tuple[Callable[[Forger], Letters], ...] = (
    forged,
    replayed,
    reordered,
    of_another_sum,
    of_another_currency,
    of_two_minds,
    another_merchants,
    another_providers,
)


@pytest.fixture(scope="module")
def letters() -> Iterator[Counter[tuple[str, str]]]:
    """How many letters came to nothing, by provider and kind."""
    counted: Counter[tuple[str, str]] = Counter()
    yield counted
    publish(
        "forged, replayed, reordered, wrong-amount webhooks",
        f"{counted.total():,} letters of {len({kind for _, kind in counted})} kinds, "
        f"{len({provider for provider, _ in counted})} providers: 0 false payments",
    )


@pytest.mark.parametrize("provider", EVERY_PROVIDER)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_no_letter_makes_money(
    gateway: Gateway,
    letters: Counter[tuple[str, str]],
    provider: str,
    case: Callable[[Forger], Letters],
) -> None:
    forger = Forger(gateway, provider)
    sent = 0
    for letter in case(forger):
        gateway.clock.move(3)
        answer = arrives(gateway, letter)
        sent += 1
        assert answer.status in {200, 401}, (letter, answer.text)
        assert false_payments(gateway) == [], letter
        assert gateway.payment(forger.wanted.session).status == "pending", letter
    assert sent > 1
    assert_the_judge_sees(gateway, forger.genuine)
    letters[provider, case.__name__] += sent


def assert_the_judge_sees(gateway: Gateway, genuine: Told) -> None:
    """What was paid is, by its own letter.and the judge calls it false once the ledger differs."""
    gateway.clock.move(3)
    arrives(gateway, genuine.letter)
    payment = gateway.payment(genuine.session)
    assert payment.status == "successful"
    assert false_payments(gateway) == []

"""What every provider is held to, the same for all: each adapter against its own simulator.

What is peculiar to one stands in the folder with its name.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import httpx
import pytest

from payments.errors import ProviderSilent
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason, Report
from providers.port import Addresses, Opening, Provider, Token
from providers.registry import REGISTRY
from settlement.judge import agrees
from tests.examples import PAYMENT, attempt
from tests.integration.internet import BASE_URLS, GIVEN, Internet, MovedClock
from tests.integration.rest_events import Answer, Headers

PROVIDERS = sorted(BASE_URLS)
# DGS-Pay takes nothing of ours into a charge, so it can know no duplicate (seed 004).
KNOWING_OUR_REFERENCE = [name for name in PROVIDERS if name != "dgspay"]
REF = attempt().ref

# An answer to a question, in each provider's own fields, whose word nobody has ever heard.
UNHEARD: Mapping[str, Mapping[str, object]] = {
    "kpay": {"tid": "", "refid": REF, "statusid": "77", "statusdesc": "On its way"},
    "vpay": {"status": "on its way", "external_id": REF, "amount": "5000.00", "currency": "RWF"},
    "dgspay": {"status": "success", "transaction_status": "on its way", "amount": 5000},
    "rwandapay": {"status": "on its way", "completed": False, "success": False},
}


def nobody(method: str, path: str, body: str | bytes, headers: Headers | None = None) -> Answer:
    """Our own address: nobody is at home, so that only questions tell."""
    del method, path, body, headers
    return Answer(status=200, headers={}, text="{}")


class Counter:
    """Us at one provider's counter."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.clock = MovedClock()
        self.internet = Internet(self.clock, nobody)
        self.tokens: dict[str, Token] = {}

    @property
    def adapter(self) -> Provider:
        """The adapter, opened as for each request."""
        opening = Opening(
            http=httpx.Client(transport=self.internet),
            base_url=BASE_URLS[self.provider],
            credentials=GIVEN[self.provider],
            clock=self.clock,
            tokens=self.tokens,
        )
        return REGISTRY[self.provider].open(opening)

    def charge(self, tried: Attempt) -> Report:
        addresses = Addresses(
            callback_url=f"https://pay.example/webhooks/{self.provider}/{tried.ref}/token",
            return_url="https://pay.example/checkout/CHK-0123456789ABCDEF",
        )
        return self.adapter.charge(PAYMENT, tried, addresses)

    def ask(self, tried: Attempt, said: Report | None = None) -> Report:
        known = replace(tried, provider_ref=said.provider_ref) if said else tried
        return self.adapter.ask(PAYMENT, known)

    def charges(self) -> int:
        """How many charges the provider made: its own ledger is the judge."""
        return len(self.internet.charges(self.provider))


@pytest.fixture
def counter(provider: str) -> Counter:
    return Counter(provider)


def by(phone: str) -> Attempt:
    return attempt(phone=phone, network=Network.MTN)


HANDSET = by("0788123456")
ALL = pytest.mark.parametrize("provider", PROVIDERS)


@ALL
def test_accepts_a_charge_once_and_waits(counter: Counter) -> None:
    said = counter.charge(HANDSET)
    assert said.outcome is Outcome.PENDING
    assert counter.charges() == 1
    assert counter.ask(HANDSET, said).outcome is Outcome.PENDING


@ALL
def test_says_paid_when_the_customer_approved(counter: Counter) -> None:
    said = counter.charge(HANDSET)
    counter.internet.approve(HANDSET.ref)
    found = counter.ask(HANDSET, said)
    assert found.outcome is Outcome.PAID
    assert agrees(PAYMENT, found)


@ALL
def test_says_declined_when_the_customer_declined(counter: Counter) -> None:
    said = counter.charge(HANDSET)
    counter.internet.decline(HANDSET.ref)
    assert counter.ask(HANDSET, said).outcome is Outcome.DECLINED


@ALL
def test_says_that_there_were_no_funds(counter: Counter) -> None:
    poor = by("0788000004")
    said = counter.charge(poor)
    if said.outcome is Outcome.PENDING:
        counter.clock.move(10)
        said = counter.ask(poor, said)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)


@ALL
@pytest.mark.parametrize("fault", ["lost_reply", "error_500"])
def test_silence_after_charging_is_unknown_and_charged_once(counter: Counter, fault: str) -> None:
    counter.internet.misbehave(counter.provider, fault)
    with pytest.raises(ProviderSilent):
        counter.charge(HANDSET)
    assert counter.charges() == 1


@ALL
def test_one_that_cannot_be_reached_has_refused_and_charged_nobody(counter: Counter) -> None:
    counter.internet.failures[counter.provider] = httpx.ConnectError("no route")
    said = counter.charge(HANDSET)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)
    assert counter.charges() == 0


@ALL
def test_a_plain_refusal_charges_nobody(counter: Counter) -> None:
    counter.internet.misbehave(counter.provider, "refused")
    assert counter.charge(HANDSET).outcome is Outcome.REFUSED
    assert counter.charges() == 0


@ALL
def test_a_word_that_nobody_has_heard_is_pending(counter: Counter) -> None:
    said = counter.charge(HANDSET)
    answer = {**UNHEARD[counter.provider]}
    if counter.provider == "dgspay":
        answer["dgs_reference"] = said.provider_ref
    counter.internet.replacement = httpx.Response(200, text=json.dumps(answer))
    assert counter.ask(HANDSET, said).outcome is Outcome.PENDING


@ALL
def test_a_sum_that_nobody_asked_for_is_never_agreed_with(counter: Counter) -> None:
    counter.internet.misbehave(counter.provider, "wrong_amount")
    said = counter.charge(HANDSET)
    counter.internet.approve(HANDSET.ref)
    found = counter.ask(HANDSET, said)
    assert found.stated is not None
    assert not agrees(PAYMENT, found)


@pytest.mark.parametrize("provider", KNOWING_OUR_REFERENCE)
def test_a_reference_that_was_used_is_unknown_and_charged_once(counter: Counter) -> None:
    counter.charge(HANDSET)
    with suppress(ProviderSilent):
        assert counter.charge(HANDSET).outcome is Outcome.PENDING
    assert counter.charges() == 1


@ALL
@pytest.mark.parametrize("status", [301, 418, 500, 502, 503])
@pytest.mark.parametrize("text", ["", "<html>", "[]", "{", "null"])
def test_an_answer_that_says_nothing_settles_nothing(
    counter: Counter, status: int, text: str
) -> None:
    said = counter.charge(HANDSET)
    counter.internet.replacement = httpx.Response(status, text=text)
    with pytest.raises(ProviderSilent):
        counter.ask(HANDSET, said)

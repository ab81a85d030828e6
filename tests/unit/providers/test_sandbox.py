"""Every row of the table in providers/sandbox.py, and every test card."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx
import pytest

from payments.errors import ProviderSilent
from payments.payment import Attempt, Method
from payments.phone import parse_phone
from payments.report import Outcome, Reason
from providers.port import Addresses
from providers.sandbox import TEST_CARDS, Sandbox
from tests.examples import NOW, PAYMENT, attempt

CALLBACK = "https://us.example/webhooks/sandbox/0123456789ABCDEF01/token"
ADDRESSES = Addresses(callback_url=CALLBACK, return_url="https://us.example/checkout/x")
PREFIXES = ["078", "079", "072", "073"]

# Seeds 001 and 003.
KPAY_TEST_CARDS = [
    "4111 1111 1111 1111",
    "4444 3333 2222 1111",
    "4035 5010 0000 0008",
    "4988 4388 4388 4305",
    "4000 1600 0000 0004",
    "5555 4444 3333 1111",
    "2222 4107 4036 0010",
    "5555 5555 5555 4444",
    "5101 1800 0000 0007",
    "2222 4000 6000 0007",
]


@dataclass
class World:
    """Test mode's provider, a clock that is moved, and the webhooks that reached us."""

    now: datetime = NOW
    heard: list[str] = field(default_factory=list)
    is_webhook_lost: bool = False

    def __post_init__(self) -> None:
        http = httpx.Client(transport=httpx.MockTransport(self._hear))
        self.sandbox = Sandbox(http, lambda: self.now)

    def _hear(self, request: httpx.Request) -> httpx.Response:
        self.heard.append(str(request.url))
        if self.is_webhook_lost:
            raise httpx.ConnectError("lost")
        return httpx.Response(200)

    def after(self, seconds: float) -> "World":
        self.now = NOW + timedelta(seconds=seconds)
        return self


@pytest.fixture
def world() -> World:
    return World()


def calling(ending: str, prefix: str = "078") -> Attempt:
    phone = parse_phone(prefix + ending)
    return attempt(phone=phone.national, network=phone.network, provider="sandbox")


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("ending", "outcome", "reason"),
    [
        ("0000000", Outcome.PAID, None),
        ("0000001", Outcome.DECLINED, Reason.DECLINED),
        ("0000002", Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
        ("8123456", Outcome.PAID, None),
        ("1000001", Outcome.PAID, None),
    ],
)
def test_a_webhook_makes_us_ask_and_the_answer_is_ready(
    world: World, prefix: str, ending: str, outcome: Outcome, reason: Reason | None
) -> None:
    tried = calling(ending, prefix)
    assert world.sandbox.charge(PAYMENT, tried, ADDRESSES).outcome is Outcome.PENDING
    assert world.heard == [CALLBACK]
    said = world.sandbox.ask(PAYMENT, tried)
    assert (said.outcome, said.reason, said.attempt_ref) == (outcome, reason, tried.ref)


@pytest.mark.parametrize(
    ("ending", "seconds", "outcome", "reason"),
    [
        ("0000003", 40, Outcome.DECLINED, Reason.TIMED_OUT),
        ("0000005", 20, Outcome.PAID, None),
    ],
)
def test_some_endings_take_their_time_and_no_webhook_comes(
    world: World, ending: str, seconds: int, outcome: Outcome, reason: Reason | None
) -> None:
    tried = calling(ending)
    assert world.sandbox.charge(PAYMENT, tried, ADDRESSES).outcome is Outcome.PENDING
    assert world.after(seconds - 1).sandbox.ask(PAYMENT, tried).outcome is Outcome.PENDING
    said = world.after(seconds).sandbox.ask(PAYMENT, tried)
    assert (said.outcome, said.reason) == (outcome, reason)
    assert world.heard == []


def test_0000004_never_says_a_word(world: World) -> None:
    with pytest.raises(ProviderSilent):
        world.sandbox.charge(PAYMENT, calling("0000004"), ADDRESSES)
    with pytest.raises(ProviderSilent):
        world.after(2 * 24 * 3600).sandbox.ask(PAYMENT, calling("0000004"))
    assert world.heard == []


def test_0000006_is_paid_at_once_and_nobody_is_told(world: World) -> None:
    tried = calling("0000006")
    assert world.sandbox.charge(PAYMENT, tried, ADDRESSES).outcome is Outcome.PENDING
    assert world.sandbox.ask(PAYMENT, tried).outcome is Outcome.PAID
    assert world.heard == []


def test_0000007_is_paid_though_its_reply_is_lost(world: World) -> None:
    tried = calling("0000007")
    with pytest.raises(ProviderSilent):
        world.sandbox.charge(PAYMENT, tried, ADDRESSES)
    assert world.sandbox.ask(PAYMENT, tried).outcome is Outcome.PAID
    assert world.heard == []


@pytest.mark.parametrize(
    ("ending", "outcome", "reason"),
    [
        ("0000008", Outcome.DECLINED, Reason.DECLINED),
        ("0000009", Outcome.REFUSED, Reason.NOT_ENABLED),
    ],
)
def test_some_endings_are_in_the_reply(
    world: World, ending: str, outcome: Outcome, reason: Reason
) -> None:
    said = world.sandbox.charge(PAYMENT, calling(ending), ADDRESSES)
    assert (said.outcome, said.reason) == (outcome, reason)
    assert world.heard == []


def test_a_webhook_that_does_not_arrive_breaks_nothing(world: World) -> None:
    world.is_webhook_lost = True
    said = world.sandbox.charge(PAYMENT, calling("0000000"), ADDRESSES)
    assert said.outcome is Outcome.PENDING
    assert world.heard == [CALLBACK]


def test_a_card_is_chosen_on_a_page_of_our_own(world: World) -> None:
    card = attempt(method=Method.CARD, phone=None, network=None)
    said = world.sandbox.charge(PAYMENT, card, ADDRESSES)
    assert said.outcome is Outcome.PENDING
    assert said.next_url == "https://us.example/test-cards/0123456789ABCDEF01/token"
    assert world.sandbox.ask(PAYMENT, card).outcome is Outcome.PENDING
    assert world.heard == []


@pytest.mark.parametrize(
    ("number", "outcome", "reason"),
    [
        *((number, Outcome.PAID, None) for number in KPAY_TEST_CARDS),
        ("4000 0000 0000 0002", Outcome.DECLINED, Reason.DECLINED),
        ("4000 0000 0000 9995", Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS),
    ],
)
def test_a_test_card_ends_as_the_table_says(
    world: World, number: str, outcome: Outcome, reason: Reason | None
) -> None:
    card = attempt(method=Method.CARD, phone=None, network=None)
    chosen = replace(card, test_card=number.replace(" ", ""))
    said = world.sandbox.ask(PAYMENT, chosen)
    assert (said.outcome, said.reason) == (outcome, reason)


def test_there_are_no_other_test_cards() -> None:
    assert len(TEST_CARDS) == len(KPAY_TEST_CARDS) + 2

"""The providers: their simulators behind a line with trouble of its own, and the letters they send.

Their ledgers are the truth that we are judged by.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import httpx

from infra.local.simulators.charges import Outcome
from tests.integration.gateway import route_of
from tests.integration.internet import HOSTS, NOW, Internet
from tests.integration.rest_events import Answer, Headers, Request, answered
from tests.simulation.conduct import PAUSE, Letter
from tests.simulation.faults import Fate
from tests.simulation.sandboxes import API_SECONDS, Died, Sandboxes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tests.simulation.scheduler import Scheduler

STALE_FOR = 240.0
LONG_GIVEN_UP = 400.0
"""A request that arrives so late was rightly taken for one that never would: five minutes."""
LIES = frozenset({"wrong_amount", "wrong_refid", "wrong_reference"})
"""Faults of a simulator's that make it speak of another sum or another charge."""
GOOD_NEWS = frozenset({"successful", "success", "payment.successful", "payment.success", "01"})
SIGNING = frozenset({"vpay", "dgspay", "rwandapay"})
QUIET = (0.0, 3.0, 45.0, 65.0, 125.0, 1_805.0)
"""When, after a charge, a provider may have something to tell: its own paces."""


@dataclass(frozen=True)
class Charged:
    """A line of a provider's ledger."""

    provider: str
    reference: str
    outcome: Outcome
    amount: int
    currency: str


@dataclass(kw_only=True)
class Habits:
    """How often the providers and the line to them misbehave while faults are on."""

    arrives_late: float = 0.0
    """Charges that take so long to arrive that we give them up."""
    stale: float = 0.0
    """Status queries that are answered with what was said before."""
    letter_lost: float = 0.0
    letter_twice: float = 0.0
    letter_late: float = 0.0
    letter_altered: float = 0.0
    letter_to_another: float = 0.0
    letter_from_stranger: float = 0.0
    """To an address that is nearly ours."""
    letter_in_a_row: float = 0.0
    """Three of the same, within a second or two."""
    has_flat_letters: bool = False
    """RwandaPay's name nothing of ours."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A letter on its way to us."""

    after: float
    """Seconds until it is here."""
    path: str
    body: str | bytes
    headers: Headers
    is_strangers: bool = False
    says_paid: bool = False
    """As its provider sent it, which had the money then."""


class Clock:
    """The virtual clock, as the simulators and the functions ask for the time."""

    def __init__(self) -> None:
        self.scheduler: Scheduler | None = None

    def __call__(self) -> "datetime":
        return self.scheduler.now() if self.scheduler else NOW

    def move(self, seconds: float) -> None:
        """A simulator takes its time."""
        assert self.scheduler is not None
        self.scheduler.sleep(seconds)


class ProvidersSide(httpx.BaseTransport):
    """The way to the providers and back. One for all schedules, since the apps are slow to make."""

    def __init__(self) -> None:
        self.clock = Clock()
        # Its type asks for no more than the clock is.
        self.internet = Internet(self.clock, self._letter)  # type: ignore[arg-type]
        self.tills: dict[str, Any] = {
            "kpay": self.internet.till,
            "vpay": self.internet.vpay,
            "dgspay": self.internet.dgspay,
            "rwandapay": self.internet.rwandapay,
        }

    def begin(
        self,
        scheduler: "Scheduler",
        sandboxes: Sandboxes,
        random: Random,
        habits: Habits,
        prompted: Callable[[str, str], None],
    ) -> None:
        """Begin a schedule with empty ledgers. `prompted` hears of provider and charge."""
        self.clock.scheduler = scheduler
        self._scheduler, self._sandboxes, self._random = scheduler, sandboxes, random
        self._habits, self._prompted = habits, prompted
        self._said: dict[tuple[str, str, bytes], list[tuple[float, httpx.Response]]] = {}
        self._letters: list[Post] = []
        self.is_named: Callable[[str], bool] = lambda _: True
        """Whether anything but its address tells a letter to this one from another's. Where a
        provider names nothing of ours, and we never heard its name for either of two charges,
        nothing could (infra/decisions/0016-a-letter-must-name-its-charge.md)."""
        self.on_believed: Callable[[str], None] = lambda _: None
        """Called with an attempt whose good news was sent by a provider that signs, and taken."""
        self._seen: set[str] = set()
        self.arrived_late: set[str] = set()
        """Attempts whose charge came when we had every reason to think that it never would."""
        self.is_calm = False
        self.unheard = 0
        """Requests to charge that were taken, and whose reply never came."""
        for provider in self.tills:
            self.internet._steer(provider, "POST", "reset")  # noqa: SLF001  # the tests' own
        if habits.has_flat_letters:
            self.internet.rwandapay.habits.webhook_shape = "flat"

    # ------------------------------------------------------------ what they are asked
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Take a request of a function's."""
        request.read()
        provider = HOSTS.get(request.url.host, "ourselves")
        return self._sandboxes.line(
            provider, lambda: self._taken(provider, request), lambda f: self._trouble(f, request)
        )

    def _taken(self, provider: str, request: httpx.Request) -> httpx.Response:
        is_charge = provider in self.tills and not is_question(request)
        if is_charge and not self.is_calm and self._chance(self._habits.arrives_late):
            after = self._random.choice([2.0, 40.0, LONG_GIVEN_UP])
            self._scheduler.spawn("late charge", lambda: self._late(request, after), after)
            self.unheard += 1
            raise httpx.ReadTimeout("still on the way", request=request)
        return self._answer(provider, request)

    def _answer(self, provider: str, request: httpx.Request) -> httpx.Response:
        question = (request.method, str(request.url), request.content)
        said = self._said.setdefault(question, [])
        if said and is_question(request) and self._is_stale(said[0][0]):
            return again(said[0][1])
        try:
            answer = self.internet.handle_request(request)
            answer.read()
        except httpx.HTTPError:
            self.unheard += not is_question(request)
            raise
        finally:
            self._look(provider)
        said.append((self._scheduler.seconds, answer))
        return again(answer)

    def _is_stale(self, first_said: float) -> bool:
        """Whether a provider repeats what it first said: for minutes, not for ever."""
        is_recent = self._scheduler.seconds < first_said + STALE_FOR
        return is_recent and not self.is_calm and self._chance(self._habits.stale)

    def _trouble(self, fate: Fate, request: httpx.Request) -> httpx.Response:
        if fate is Fate.REPLY_LOST:
            self.unheard += not is_question(request)
            raise httpx.ReadTimeout("the reply was lost", request=request)
        if fate is Fate.THROTTLED:
            return httpx.Response(429, json={"message": "Too many requests"})
        match self._random.choice(["unreachable", "lost on the way", "error 500"]):
            case "unreachable":
                raise httpx.ConnectError("unreachable", request=request)
            case "error 500":
                return httpx.Response(500, text="oops")
        raise httpx.ReadTimeout("lost on the way", request=request)

    def _late(self, request: httpx.Request, after: float) -> None:
        before = {charge.reference for charge in self.ledger()}
        # The simulator may lose the reply, too, that nobody waits for any more.
        with contextlib.suppress(httpx.HTTPError):
            self._answer(HOSTS.get(request.url.host, "ourselves"), request)
        if after == LONG_GIVEN_UP:
            self.arrived_late |= {charge.reference for charge in self.ledger()} - before

    def _look(self, provider: str) -> None:
        """See what is new at a provider: its prompts, and what it may tell in a while."""
        if provider not in self.tills:
            return
        for charge in self._made(provider):
            if charge.tid not in self._seen:
                self._seen.add(charge.tid)
                self._prompted(provider, charge.tid)
                for seconds in QUIET:
                    self._scheduler.spawn("tick", self.tick, seconds)

    def _made(self, provider: str) -> list[Any]:
        made: Any = self.tills[provider].charges
        return list(made if isinstance(made, list) else made.made)

    def tick(self) -> None:
        """Let the providers tell what they have to tell."""
        for till in self.tills.values():
            till.tick()

    def order_fault(self, provider: str, fault: str) -> None:
        """Let the provider's next charge go wrong so."""
        self.internet.misbehave(provider, fault)

    def reference_of(self, provider: str, tid: str) -> str:
        """Our reference in a charge."""
        return next(str(c.refid) for c in self._made(provider) if c.tid == tid)

    def decide(self, provider: str, tid: str, answer: str) -> None:
        """Let the customer approve or decline, or a failed charge be paid after all."""
        act: Callable[[str], bool] = getattr(self.tills[provider], answer)
        act(tid)
        self.tick()

    # ------------------------------------------------------------ what they tell us
    def _letter(
        self, method: str, path: str, body: str | bytes, headers: Headers | None = None
    ) -> Answer:
        """Post a provider's letter to us, through a line that loses, doubles and delays."""
        if method != "HEAD":
            own = Post(
                after=0.05,
                path=path,
                body=body,
                headers=dict(headers or {}),
                says_paid=is_good_news(body) and self._is_paid(attempt_in(path)),
            )
            for post in [own] if self.is_calm else self._posted(own):
                self._scheduler.spawn("letter", partial(self._delivered, method, post), post.after)
            self._letters.append(own)
        return Answer(200, {}, "{}")

    def _posted(self, own: Post) -> Iterator[Post]:
        """When, where and what: as it was sent, and as it should not have been."""
        habits = self._habits
        if not self._chance(habits.letter_lost):
            is_late = self._chance(habits.letter_late)
            yield replace(own, after=self._random.expovariate(1 / 600 if is_late else 10))
        if self._chance(habits.letter_twice):
            yield replace(own, after=self._random.expovariate(1 / 30))
        if self._chance(habits.letter_in_a_row):
            for _ in range(3):
                yield replace(own, after=self._random.uniform(0, PAUSE.total_seconds()))
        lie = replace(own, after=self._random.expovariate(1 / 5), says_paid=False)
        if self._chance(habits.letter_altered):
            yield replace(lie, body=altered(own.body, self._random))
        if self._letters and self._chance(habits.letter_to_another):
            another = self._random.choice(self._letters).path
            if self.is_named(own.path) or self.is_named(another):
                yield replace(lie, path=another)
        if self._chance(habits.letter_from_stranger):
            yield replace(lie, path=with_another_token(own.path), is_strangers=True)

    def _delivered(self, method: str, post: Post) -> None:
        handler, resource, named = route_of(post.path)
        request = Request(
            method=method,
            resource=resource,
            parameters=named,
            headers=post.headers,
            body=post.body,
        )
        provider = post.path.split("/")[2]
        reference = attempt_in(post.path)
        letter = Letter(attempt_ref=reference, is_strangers=post.is_strangers)
        function = f"{provider.capitalize()}Webhook"
        try:
            answer = answered(
                self._sandboxes.invoke(function, handler, request.event(), API_SECONDS, letter)
            )
        except Died:
            # Nobody promised that a provider writes again.
            return
        if post.says_paid and provider in SIGNING and answer.status == httpx.codes.OK:
            self.on_believed(reference)

    def _is_paid(self, reference: str) -> bool:
        """Whether a provider has the money of an attempt, and says so as it should."""
        return any(
            charge.refid == reference
            and charge.outcome is Outcome.PAID
            and not LIES.intersection(charge.faults)
            for provider in self.tills
            for charge in self._made(provider)
        )

    # ------------------------------------------------------------ the truth
    def ledger(self) -> list[Charged]:
        """Every charge that any provider made."""
        return [
            Charged(provider, charge.refid, charge.outcome, *sum_of(charge))
            for provider in self.tills
            for charge in self._made(provider)
        ]

    def _chance(self, probability: float) -> bool:
        return self._random.random() < probability


def sum_of(charge: Any) -> tuple[int, str]:  # noqa: ANN401  # the simulators' charges have no type in common
    """What a charge took, in major units as the wires have it: what it states, be it wrong."""
    sale = getattr(charge, "order", charge)
    is_wrong = "wrong_amount" in charge.faults
    return int(sale.amount) + is_wrong, sale.currency


def attempt_in(path: str) -> str:
    """The attempt that a receiver's address names."""
    return path.split("/")[3]


def with_another_token(path: str) -> str:
    """An address that is nearly ours: the last character of its token is another."""
    return path[:-1] + ("A" if path[-1] != "A" else "B")


def is_good_news(body: str | bytes) -> bool:
    """Whether a letter says who paid, in any of the providers' words; a flat one does not."""
    told = json.loads(body)
    if "event_kind" in told:
        return False
    said = {str(fact) for facts in (told, told.get("data")) for fact in values(facts)}
    # DGS-Pay's `status` is only how the call went (PROVIDERS.md).
    is_early = bool(said & {"pending", "payment.pending"})
    return not is_early and bool(said & GOOD_NEWS)


def values(facts: object) -> "Iterable[object]":
    """What an object of JSON says; nothing where it is none."""
    return facts.values() if isinstance(facts, dict) else ()


def is_question(request: httpx.Request) -> bool:
    """Whether a request asks for a status, and so charges nobody."""
    return request.method == "GET" or b'"checkstatus"' in request.content


def again(answer: httpx.Response) -> httpx.Response:
    """The same answer anew, since one that was read cannot be read again."""
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def altered(body: str | bytes, random: Random) -> str | bytes:
    """A letter as somebody on the way, or at its end, would like it."""
    text = body.decode() if isinstance(body, bytes) else body
    told = json.loads(text)
    lies: dict[str, object] = {
        "status": "successful",
        "transaction_status": "successful",
        "statusid": "01",
        "event": "payment.successful" if "data" in told else "payment.success",
    }
    if random.random() < 0.3:
        lies["amount"] = random.choice([1, 100, 4_999, 50_000])
    for facts in (told, told.get("data")):
        if isinstance(facts, dict):
            facts.update({name: lie for name, lie in lies.items() if name in facts})
    lied = json.dumps(told)
    return lied.encode() if isinstance(body, bytes) else lied

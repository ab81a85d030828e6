"""The merchants of a load run and their customers: one payment's whole life over HTTP."""

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Lock
from typing import Any

import httpx

from infra.local.demo.customer import Customer, NotAsDocumented
from infra.local.stack_file import MerchantTold, StackFile
from payments.references import attempt_ref
from tests.load.arrivals import LIVE_THROUGH, SANDBOX, Hand, Life, Way
from tests.load.evidence import Order

CUSTOMER = {"name": "Aline Uwase", "email": "aline@example.rw"}
# Many of them, so that nobody's prompt is taken for another's.
ORDINARY_NUMBER = "07881{:05}"
LONGEST = 300
RETRIES = 3
SECONDS_BEFORE_A_RETRY = 2.0
SECONDS_FOR_A_DECLINE = 60.0
SECONDS_BETWEEN_LOOKS = 2.0

INITIALIZE = "initialize, from its planned arrival"
CHARGED = "opened and charged, from its planned arrival"
PAGE, CHARGE, VERIFY = "hosted page", "charge", "verify"
SLOW_CHARGE = "charge, where the provider is slow by order"


class Stopped(Exception):
    """The run is over before this payment is."""


@dataclass
class Clock:
    """How long things took, in seconds, by their names."""

    taken: dict[str, list[float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def note(self, what: str, seconds: float) -> None:
        """Keep one figure."""
        with self._lock:
            self.taken.setdefault(what, []).append(seconds)

    @contextmanager
    def timing(self, what: str) -> Iterator[None]:
        """Keep how long the block took."""
        began = time.monotonic()
        yield
        self.note(what, time.monotonic() - began)


def merchants_of(stack: StackFile) -> Mapping[str, MerchantTold]:
    """Whose keys are used, by way through."""
    every: MerchantTold = {
        "merchant_id": stack["merchant_id"],
        "keys": stack["keys"],
        "webhook_secret": stack["webhook_secret"],
    }
    return {SANDBOX: every} | {name: stack["merchants"][name] for name in LIVE_THROUGH}


@dataclass(frozen=True, kw_only=True)
class Merchants:
    """Everyone who asks something of the gateway. `http` follows redirects."""

    stack: StackFile
    http: httpx.Client
    receiver_url: str
    run: str
    """What the tx_refs of this run begin with."""
    clock: Clock
    over: Event
    """Set when the run is to stop."""
    orders: list[Order] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    """A tx_ref for each time that a merchant asked again, since no answer came."""

    def live(self, life: Life, planned_at: float) -> None:
        """Live a payment's life, begun at its planned moment (monotonic) or as soon as possible."""
        try:
            self._live(life, planned_at)
        except (httpx.HTTPError, NotAsDocumented) as trouble:
            self._note(life, f"{type(trouble).__name__}: {trouble}")

    def _live(self, life: Life, planned_at: float) -> None:
        session_id = self._open(life)
        self.clock.note(INITIALIZE, time.monotonic() - planned_at)
        match life.kind.way:
            case Way.HOSTED_PAGE:
                self._pay_on_page(life, session_id)
            case Way.OWN_PAGE:
                self._pay_by_process(life, session_id)
        if not life.kind.is_slow:
            self.clock.note(CHARGED, time.monotonic() - planned_at)
        self._order_again(life, session_id)
        if life.kind.second_number:
            self._try_again(life, session_id)
        with self.clock.timing(VERIFY):
            self._ask("GET", f"{self.stack['api']}/checkout/{session_id}/verify", life)

    def _open(self, life: Life) -> str:
        answer = self._initialize_until_answered(life)
        if answer.status_code != HTTPStatus.CREATED:
            raise NotAsDocumented(f"initialize: {answer.status_code} {answer.text}")
        session_id = str(answer.json()["data"]["session_id"])
        self.orders.append(
            Order(
                tx_ref=self._tx_ref(life),
                session_id=session_id,
                amount=life.amount,
                ends=life.kind.ends,
                what=f"{life.through}, {life.kind.name}",
                is_live=life.through != SANDBOX,
            )
        )
        return session_id

    def _initialize_until_answered(self, life: Life) -> httpx.Response:
        """As a merchant should: silence and our own failures are asked again, under one key."""
        for _ in range(RETRIES):
            try:
                answer = self._initialize(life, self._key(life))
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                return answer
            self.retried.append(self._tx_ref(life))
            if self.over.wait(SECONDS_BEFORE_A_RETRY):
                raise Stopped
        return self._initialize(life, self._key(life))

    def _order_again(self, life: Life, session_id: str) -> None:
        if life.asks_again:
            answer = self._initialize(life, self._key(life))
            told = answer.json().get("data", {}).get("session_id")
            if (answer.status_code, told) != (HTTPStatus.CREATED, session_id):
                self._note(life, f"the same order again: {answer.status_code} {answer.text}")
        if life.orders_twice:
            answer = self._initialize(life, None)
            if answer.status_code != HTTPStatus.CONFLICT:
                self._note(life, f"a second order: {answer.status_code} {answer.text}")

    def _initialize(self, life: Life, key: str | None) -> httpx.Response:
        keys = merchants_of(self.stack)[life.through]["keys"][life.mode.value]
        headers = {"X-Public-Key": keys["public"], "X-Secret-Key": keys["secret"]}
        order = {
            "amount": life.amount,
            "tx_ref": self._tx_ref(life),
            "customer": CUSTOMER | {"phone": phone_of(life)},
            "webhook_url": f"{self.receiver_url}{life.through}",
        }
        return self.http.post(
            f"{self.stack['api']}/checkout/initialize",
            headers=headers | ({"Idempotency-Key": key} if key else {}),
            json=order,
        )

    def _pay_by_process(self, life: Life, session_id: str) -> None:
        with ThreadPoolExecutor(2) as clicks:
            clicked = [
                clicks.submit(self._click, life, session_id)
                for _ in range(2 if life.clicks_twice else 1)
            ]
        for click in clicked:
            click.result()
        if life.kind.hand is not None:
            self._answer_prompt(life, session_id, life.kind.hand)

    def _click(self, life: Life, session_id: str) -> None:
        with self.clock.timing(SLOW_CHARGE if life.kind.is_slow else CHARGE):
            self._ask(
                "POST", f"{self._page(session_id)}/process", life, json={"phone": phone_of(life)}
            )

    def _pay_on_page(self, life: Life, session_id: str) -> None:
        with self.clock.timing(PAGE):
            self._ask("GET", self._page(session_id), life)
        with self.clock.timing(CHARGE):
            self._customer.pay_on_page(session_id, phone_of(life))

    def _try_again(self, life: Life, session_id: str) -> None:
        give_up = time.monotonic() + SECONDS_FOR_A_DECLINE
        while not self._customer.may_choose(session_id):
            if time.monotonic() > give_up:
                raise NotAsDocumented("the page offers no second try")
            if self.over.wait(SECONDS_BETWEEN_LOOKS):
                raise Stopped
        self._customer.pay_on_page(session_id, life.kind.second_number)

    def _answer_prompt(self, life: Life, session_id: str, hand: Hand) -> None:
        simulator = f"{self.stack['providers'][life.through].rstrip('/')}/_simulator"
        refid = attempt_ref(session_id, 1)
        told = self.http.get(f"{simulator}/charges", params={"refid": refid}).json()
        for charge in told["charges"]:
            self.http.post(f"{simulator}/prompts/{charge['tid']}/{hand}")

    @property
    def _customer(self) -> Customer:
        return Customer(self.stack, self.http)

    def _ask(self, method: str, url: str, life: Life, **sent: Any) -> None:  # noqa: ANN401  # httpx's
        answer = self.http.request(method, url, **sent)
        is_broken = answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR
        is_plain = life.kind.is_refused and answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        if is_broken and not is_plain:
            self._note(life, f"{method} {url}: {answer.status_code} {answer.text}")

    def _note(self, life: Life, what: str) -> None:
        self.troubles.append(f"{self._tx_ref(life)} ({life.kind.name}): {what[:LONGEST]}")

    def _tx_ref(self, life: Life) -> str:
        return f"{self.run}-{life.number}"

    def _key(self, life: Life) -> str:
        return f"key-{self._tx_ref(life)}"

    def _page(self, session_id: str) -> str:
        return f"{self.stack['checkout']}/checkout/{session_id}"


def phone_of(life: Life) -> str:
    """The wallet that pays."""
    return life.kind.number or ORDINARY_NUMBER.format(life.number % 100_000)

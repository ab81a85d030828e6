"""Plays the scenarios: begun one after the other, waited for all at the same time."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event

import httpx

from infra.local.demo.books import Books
from infra.local.demo.control import Control
from infra.local.demo.customer import Customer, NotAsDocumented
from infra.local.demo.scenarios import REPLY_LOST, Scenario, Way
from infra.local.demo.ticker import Ticker
from infra.local.demo.warm import TooSlow, until
from infra.local.shop_gateway import Refused, Unreachable
from payments.status import Status

# Apart enough for each to be served by workers that are warm: new ones take seconds to start.
SECONDS_BETWEEN_CUSTOMERS = 0.5
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_DRAWS = 3.0  # the page's own refresh
MOST_SECONDS = 80.0
# V-Pay documents no address to send the customer back to: its page tells the ending itself.
WITHOUT_WAY_BACK = frozenset({"vpay"})
TROUBLES = (httpx.HTTPError, Refused, Unreachable, NotAsDocumented, TooSlow)


class Stopped(Exception):
    """The demo is over before this payment is."""


@dataclass(slots=True, kw_only=True)
class Played:
    """A payment under way. `status` and `seconds`, from charge to the end, are verify's."""

    scenario: Scenario
    session_id: str = ""
    tx_ref: str = ""
    charged_at: float = 0.0
    status: str = ""
    seconds: float | None = None
    trouble: str | None = None


class Play:
    """One run of some scenarios."""

    def __init__(self, customer: Customer, control: Control, books: Books, ticker: Ticker) -> None:
        self._customer = customer
        self._control = control
        self._books = books
        self._ticker = ticker
        self._over = Event()

    def run(self, scenarios: Sequence[Scenario]) -> list[Played]:
        """Play all, and answer in the order given."""
        played = {scenario: Played(scenario=scenario) for scenario in scenarios}
        with self._crew(len(scenarios)) as crew:
            futures = []
            for scenario in sorted(scenarios, key=lambda scenario: scenario.turn):
                self._ticker.show(named(scenario))
                self._guarded(played[scenario], self._begin)
                futures.append(crew.submit(self._guarded, played[scenario], self._finish))
                time.sleep(SECONDS_BETWEEN_CUSTOMERS)
            self._await(futures, len(scenarios))
        return list(played.values())

    @contextmanager
    def _crew(self, size: int) -> Iterator[ThreadPoolExecutor]:
        crew = ThreadPoolExecutor(max_workers=size, thread_name_prefix="demo")
        try:
            yield crew
        finally:
            # Ctrl-C comes out here: whoever sleeps on wakes, and nobody asks any more.
            self._over.set()
            crew.shutdown(cancel_futures=True)

    def _await(self, futures: list["Future[None]"], total: int) -> None:
        began = time.monotonic()
        while waiting := wait(futures, timeout=0.5).not_done:
            passed = time.monotonic() - began
            self._ticker.show(f"{total - len(waiting)} of {total} have ended, {passed:.0f} s")
        for future in futures:
            future.result()

    def _guarded(self, played: Played, act: Callable[[Played], None]) -> None:
        if played.trouble:
            return
        try:
            act(played)
        except TROUBLES as trouble:
            played.trouble = f"{type(trouble).__name__}: {trouble}".partition("\n")[0]
        except Stopped:
            return
        finally:
            if played.seconds is not None or played.trouble:
                self._ticker.tell(ending(played))

    def _begin(self, played: Played) -> None:
        scenario = played.scenario
        played.session_id, played.tx_ref = self._customer.open(scenario)
        for fault in scenario.faults:
            self._control.order_fault(scenario.tried[0], fault)
        if scenario.merchant_fails_once:
            self._control.fail_next_webhook()
        played.charged_at = time.monotonic()
        if scenario.prompt_seconds is None:
            self._pay(played)
        else:
            provider = scenario.tried[0]
            with self._control.prompts_lapse_after(provider, scenario.prompt_seconds):
                self._pay(played)
        if scenario.merchant_fails_once:
            until(lambda: self._was_heard_of(played.tx_ref))

    def _pay(self, played: Played) -> None:
        scenario = played.scenario
        if scenario.way is Way.HOSTED_PAGE:
            self._customer.pay_on_page(played.session_id, scenario.phone)
            return
        address = self._customer.pay(played.session_id, scenario)
        if scenario.phone == REPLY_LOST and scenario.way is Way.PROVIDERS_PAGE:
            # Nobody told us the address: the customer comes to the page that was made all the same.
            address = self._control.page_of(self._last_attempt(played))
        if scenario.way is not Way.OWN_PAGE:
            self._pay_elsewhere(played, address)

    def _pay_elsewhere(self, played: Played, address: str | None) -> None:
        if address is None:
            raise NotAsDocumented("process names no page to pay on")
        scenario = played.scenario
        match scenario.way:
            case Way.PROVIDERS_PAGE:
                home = None if scenario.through in WITHOUT_WAY_BACK else played.session_id
                self._customer.pay_by_card(address, scenario.card, home)
            case Way.PROVIDERS_PAGE_BY_WALLET:
                self._customer.pay_by_wallet(address)
            case Way.TEST_CARD:
                self._customer.choose_test_card(address, played.session_id)

    def _last_attempt(self, played: Played) -> str:
        return self._books.payment(played.session_id).attempts[-1].ref

    def _was_heard_of(self, tx_ref: str) -> bool:
        return any(message["reference"] == tx_ref for message in self._control.messages())

    def _finish(self, played: Played) -> None:
        scenario = played.scenario
        if scenario.second_phone:
            while not self._customer.may_choose(played.session_id):
                self._sleep(SECONDS_BETWEEN_DRAWS)
            self._customer.pay_on_page(played.session_id, scenario.second_phone)
        if scenario.approved_after is not None:
            self._sleep(played.charged_at + scenario.approved_after - time.monotonic())
            self._control.approve(self._last_attempt(played))
        self._watch(played, scenario.watched_for or MOST_SECONDS)

    def _watch(self, played: Played, seconds: float) -> None:
        while True:
            passed = time.monotonic() - played.charged_at
            # Verify is asked when it has news: twenty customers asking every second would keep
            # a small machine from everything else.
            if passed > seconds or self._is_over(played.session_id):
                told = self._customer.verify(played.session_id)
                played.status = str(told.get("status"))
                played.seconds = time.monotonic() - played.charged_at
                return
            self._sleep(SECONDS_BETWEEN_LOOKS)

    def _is_over(self, session_id: str) -> bool:
        return self._books.payment(session_id).status is not Status.PENDING

    def _sleep(self, seconds: float) -> None:
        if self._over.wait(max(0.0, seconds)):
            raise Stopped


def named(scenario: Scenario) -> str:
    """Name a scenario in a line of its own."""
    providers = ", ".join(dict.fromkeys(scenario.tried))
    return f"{providers} {scenario.method.value}: {scenario.what}"


def ending(played: Played) -> str:
    """Tell of one payment in a line."""
    how = played.trouble or played.status
    return f"{named(played.scenario)}: {how} ({played.seconds or 0:.1f} s)"

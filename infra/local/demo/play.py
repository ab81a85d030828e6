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
from infra.local.demo.scenarios import Mishap, Scenario, Way
from infra.local.demo.ticker import Ticker
from infra.local.demo.warm import TooSlow, until
from infra.local.shop_gateway import Refused, Unreachable
from payments.status import Status

# Apart enough for each to be served by workers that are warm: new ones take seconds to start.
SECONDS_BETWEEN_CUSTOMERS = 0.5
SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_DRAWS = 3.0  # the page's own refresh
MOST_SECONDS = 80.0
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
                self._ticker.show(f"{scenario.mode.value}: {scenario.what}")
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
        played.session_id, played.tx_ref = self._customer.open(scenario.mode)
        if scenario.mishap is Mishap.POSTBACK_WITHHELD:
            self._control.withhold_next_postback()
        if scenario.mishap is Mishap.MERCHANT_FAILS_ONCE:
            self._control.fail_next_webhook()
        played.charged_at = time.monotonic()
        if scenario.prompt_seconds is None:
            self._pay(played)
        else:
            with self._control.prompts_lapse_after(scenario.prompt_seconds):
                self._pay(played)
        if scenario.mishap is Mishap.MERCHANT_FAILS_ONCE:
            until(lambda: self._was_heard_of(played.tx_ref))

    def _pay(self, played: Played) -> None:
        scenario = played.scenario
        match scenario.way:
            case Way.OWN_PAGE:
                self._customer.pay(played.session_id, scenario.phone, scenario.error)
            case Way.CARD:
                self._customer.pay_by_card(played.session_id, scenario.mode)
            case Way.HOSTED_PAGE:
                self._customer.pay_on_page(played.session_id, scenario.phone)

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
            self._control.approve(self._books.payment(played.session_id).attempts[-1].ref)
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


def ending(played: Played) -> str:
    """Tell of one payment in a line."""
    named = f"{played.scenario.mode.value}: {played.scenario.what}"
    return f"{named}: {played.trouble or played.status} ({played.seconds or 0:.1f} s)"

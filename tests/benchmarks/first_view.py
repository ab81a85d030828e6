"""`make first-view`: how soon a phone on a slow network sees a page, and what it weighs.

Every page is asked for by a browser that has kept nothing, of functions that are warm, over Chrome
DevTools' slow 3G (Network.emulateNetworkConditions). ISHYURA_STACK names the stack.json of a
running stack; without it, one of our own is started.
"""

import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from playwright.sync_api import Browser, Page

from infra.local.interruption import Interrupted, interruptible
from infra.local.refusals import LocalStackRefused
from payments.clock import utc_now
from tests.e2e import chromium
from tests.e2e.a_stack import a_stack
from tests.e2e.aws_clients import ADMINISTRATOR, clients_with
from tests.e2e.ledger_shop import ledger_shop
from tests.page_states import NAMES, sight

RUNS = 7
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
"""Milliseconds, and bytes a second."""
MOST_SECONDS = 2.0
MOST_BYTES = 30_000
STOPPED = 130  # a shell's code for a program that Ctrl-C ended
# Since the moment that the browser set out (developer.mozilla.org, PerformanceNavigationTiming).
SEEN_AFTER = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
HEADINGS = f"  {'page':<18}{'bytes':>8}{'median':>10}{'fastest':>10}{'slowest':>10}"


@dataclass(frozen=True, slots=True)
class View:
    """One first look at a page."""

    seconds: float
    """Until the page is whole (DOMContentLoaded)."""
    weight: int
    """Bytes that came in, headers and pictures included."""


@dataclass(frozen=True, slots=True)
class Row:
    """What every look at a page found."""

    name: str
    views: Sequence[View]

    @property
    def seconds(self) -> list[float]:
        """Of every look."""
        return [view.seconds for view in self.views]

    @property
    def weight(self) -> int:
        """Of the heaviest."""
        return max(view.weight for view in self.views)

    @property
    def is_good(self) -> bool:
        """Whether the page keeps its limits: the median's time, and every look's bytes."""
        return statistics.median(self.seconds) < MOST_SECONDS and self.weight < MOST_BYTES

    def __str__(self) -> str:
        middle, spread = statistics.median(self.seconds), (min(self.seconds), max(self.seconds))
        times = "".join(f"{seconds:>8.2f} s" for seconds in (middle, *spread))
        return f"{' ' if self.is_good else '!'} {self.name:<18}{self.weight:>8,}{times}"


def main() -> int:
    """Look at every page and print what it took.

    0 when all keep the limits, 1 when one does not or no stack could be had, 130 when stopped.
    """
    try:
        with interruptible():
            rows = all_rows()
    except Interrupted:
        typer.echo("\nStopped.", err=True)
        return STOPPED
    except LocalStackRefused as refused:
        typer.echo(f"\n{refused}", err=True)
        return 1
    good = all(row.is_good for row in rows)
    verdict = "kept" if good else "not kept (!)"
    typer.echo(f"\nUnder {MOST_BYTES:,} bytes and {MOST_SECONDS:.0f} s in the median: {verdict}.")
    return 0 if good else 1


def all_rows() -> list[Row]:
    """Every page, looked at RUNS times. Raises LocalStackRefused."""
    with (
        tempfile.TemporaryDirectory() as folder,
        a_stack(Path(folder)) as stack,
        clients_with(stack, ADMINISTRATOR) as administrator,
        chromium.running() as browser,
    ):
        shop = ledger_shop(stack, administrator)
        typer.echo(f"First view on slow 3G, {RUNS} times each\n\n{HEADINGS}")

        def row_of(name: str) -> Row:
            address = stack["checkout"] + sight(name, shop, utc_now()).path
            # Starts the function's worker, which is no business of the network's.
            first_view(browser, address, at_full_speed)
            row = Row(name, [first_view(browser, address, slowed_down) for _ in range(RUNS)])
            typer.echo(str(row))
            return row

        return [row_of(name) for name in NAMES]


def at_full_speed(_session: Any) -> None:  # noqa: ANN401  # DevTools' own
    """Leave the network as it is."""


def slowed_down(session: Any) -> None:  # noqa: ANN401  # DevTools' own
    """Make the network slow 3G."""
    session.send("Network.emulateNetworkConditions", SLOW_3G)


def first_view(browser: Browser, address: str, prepare: Callable[[Any], None]) -> View:
    """Open a page in a browser that has kept nothing."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    came: list[int] = []
    session.on("Network.loadingFinished", lambda told: came.append(told["encodedDataLength"]))
    prepare(session)
    page.goto(address, wait_until="load")
    seen = View(seconds=seconds_of(page), weight=int(sum(came)))
    context.close()
    return seen


def seconds_of(page: Page) -> float:
    """How long the page took, as the browser measured it."""
    milliseconds: float = page.evaluate(SEEN_AFTER)
    return milliseconds / 1000


if __name__ == "__main__":
    sys.exit(main())

"""From a stack to the printed table and the exit code."""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import typer

from infra.local import stack_file
from infra.local.demo.books import Books
from infra.local.demo.calls import Trail
from infra.local.demo.control import Control
from infra.local.demo.customer import Customer
from infra.local.demo.play import TROUBLES, Play, Played
from infra.local.demo.row import Row, Witnesses
from infra.local.demo.scenarios import SCENARIOS, SILENT, Scenario
from infra.local.demo.table import LEGEND, measures, table
from infra.local.demo.ticker import Ticker
from infra.local.demo.warm import Measurement, TooSlow, Warm, misses, until
from infra.local.interruption import Interrupted, interruptible
from infra.local.ports import Ports
from infra.local.refusals import LocalStackRefused
from infra.local.settings import ROOT, Settings
from infra.local.stack import running_stack
from infra.local.stack_file import StackFile

VARIABLE = "ISHYURA_STACK"
RESULT = "demo.json"
MORE_CALLS = "{} more AWS calls name no payment: merchants and secrets, read anew by new workers."
STOPPED = 130  # a shell's code for a program that Ctrl-C ended
# Every request at once is another Lambda worker to start, and small machines start few.
AT_ONCE = httpx.Limits(max_connections=4)
PATIENCE = httpx.Timeout(30, pool=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that a run of the demo found out."""

    rows: list[Row]
    warm: Warm
    silent_transitions: int
    problems: list[str]
    """What differs from DESIGN.md's numbers; a row's own problems are the row's."""
    other_calls: int
    """AWS calls of the functions that belong to no row: secrets and merchants read anew."""

    @property
    def is_good(self) -> bool:
        """Whether everything ended as expected."""
        return not self.problems and not any(row.problems for row in self.rows)


def main() -> int:
    """Play every scenario and print what came of it.

    0 when everything ended as expected, 1 when something did not or no stack could be had,
    130 when stopped by Ctrl-C or SIGTERM.
    """
    began = time.monotonic()
    try:
        with interruptible(), a_stack(os.environ) as (stack, folder):
            shown = show(stack)
            (folder / RESULT).write_text(as_json(shown), encoding="utf-8")
    except Interrupted:
        typer.echo("\nStopped.", err=True)
        return STOPPED
    except (LocalStackRefused, *TROUBLES) as refused:
        typer.echo(f"\n{refused}", err=True)
        return 1
    typer.echo(as_text(shown))
    typer.echo(f"\n{time.monotonic() - began:.0f} s in all. For scripts: {folder / RESULT}")
    return 0 if shown.is_good else 1


@contextmanager
def a_stack(environ: Mapping[str, str]) -> Iterator[tuple[StackFile, Path]]:
    """A running stack and the folder for results: the one that is named, or one of our own.

    Raises LocalStackRefused.
    """
    if environ.get(VARIABLE):
        folder = (ROOT / environ[VARIABLE]).parent
        yield stack_file.read(folder), folder
        return
    folder = Settings.from_environment(environ).folder
    typer.echo("Starting a stack for the demo", err=True)
    # In a folder and on ports of its own, beside a `make run`.
    with running_stack(Settings(ports=Ports.free_ones(), folder=folder / "demo")) as stack:
        yield stack, folder


def show(stack: StackFile, scenarios: Sequence[Scenario] = SCENARIOS) -> Shown:
    """Measure, play, and gather what came of it. Raises LocalStackRefused and TROUBLES."""
    ticker = Ticker()
    with (
        httpx.Client(
            trust_env=False, follow_redirects=True, limits=AT_ONCE, timeout=PATIENCE
        ) as browser,
        httpx.Client(trust_env=False, timeout=PATIENCE) as backstage,
    ):
        customer, control = Customer(stack, browser), Control(stack, backstage)
        books, trail = Books(stack), Trail(stack, backstage)
        control.require_simulators()
        ticker.tell("measuring single requests")
        warm = Measurement(customer, control, books, trail).take()
        began = time.time()
        played = Play(customer, control, books, ticker).run(scenarios)
        ticker.show("waiting for the last webhooks")
        settle_down(played, control, books)
        ticker.clear()
        calls = trail.since(began)
        witnesses = Witnesses(
            books=books,
            ledger=control.ledger(),
            messages=control.messages(),
            calls=calls,
            warm=warm,
        )
        rows = [witnesses.row_of(each) for each in played]
    silent = next((row.watch_transitions for row in rows if row.what == SILENT.what), 0)
    counted = sum(row.aws_calls for row in rows)
    return Shown(
        rows=rows,
        warm=warm,
        silent_transitions=silent,
        problems=misses(warm, silent),
        other_calls=sum(call.function != warm.verify for call in calls) - counted,
    )


def settle_down(played: Sequence[Played], control: Control, books: Books) -> None:
    """Wait until nothing is on its way to the shop any more; a row that lacks one will say so."""
    loud = list(played)

    def is_quiet() -> bool:
        messages = control.messages()
        loud[:] = [each for each in loud if not _is_quiet(each, messages, books)]
        return not loud

    try:
        until(is_quiet)
    except TooSlow:
        return


def _is_quiet(played: Played, messages: list[dict[str, Any]], books: Books) -> bool:
    expected = played.scenario.expected
    if played.trouble or expected.settled_by is None:
        return True
    heard = (message for message in messages if message["reference"] == played.tx_ref)
    deliveries = sum(message["deliveries"] for message in heard)
    return deliveries >= len(expected.answers) and not (
        books.watches(books.payment(played.session_id)).running
        or books.deliveries(played.session_id).running
    )


def as_text(shown: Shown) -> str:
    """Everything that a person is told."""
    problems = [
        f"{', '.join(row.tried)} {row.method}: {row.what}: {why}"
        for row in shown.rows
        for why in row.problems
    ]
    problems += shown.problems
    verdict = "Everything ended as expected." if shown.is_good else "Not as expected:"
    return "\n".join(
        [
            table(shown.rows),
            "",
            LEGEND,
            MORE_CALLS.format(shown.other_calls),
            "",
            measures(shown.warm, shown.silent_transitions),
            "",
            verdict,
            *(f"  {problem}" for problem in problems),
        ]
    )


def as_json(shown: Shown) -> str:
    """Everything that a script is told."""
    return json.dumps(asdict(shown) | {"is_good": shown.is_good}, indent=2) + "\n"

"""`python -m tests.simulation …`: many schedules, every crash point, every guard removed."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from dataclasses import asdict
from multiprocessing import get_context
from statistics import median
from typing import TYPE_CHECKING, Annotated

import typer

from tests.simulation.batches import Tally, run_batch
from tests.simulation.crash_points import WAYS, explore
from tests.simulation.guards import GUARDS
from tests.simulation.world import deployed

if TYPE_CHECKING:
    from tests.simulation.crash_points import Found

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

AT_A_TIME = 50
MOST_SCHEDULES = 1_000
"""So many schedules may a guard's absence go unnoticed before we say that nobody misses it."""


@app.command()
def simulate(
    n: Annotated[int, typer.Option(help="How many schedules")] = 2_000,
    seed: Annotated[int, typer.Option(help="The first seed; each schedule has the next")] = 0,
    processes: Annotated[int, typer.Option(help="How many at once")] = os.cpu_count() or 1,
) -> None:
    """Run random schedules. Ends with 1 when one of them breaks an invariant, naming its seed."""
    began, whole = time.monotonic(), Tally()
    starts = range(seed, seed + n, AT_A_TIME)
    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    try:
        batches = [
            pool.submit(run_batch, first, min(AT_A_TIME, seed + n - first)) for first in starts
        ]
        for batch in as_completed(batches):
            tally = batch.result()
            whole.join(tally)
            tell_violations(tally)
            show_progress(whole, n, time.monotonic() - began)
    except KeyboardInterrupt:
        typer.echo("\nStopped: this is what ran until then.", err=True)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    typer.echo(f"\n{whole}; seeds {seed} to {seed + whole.schedules - 1}")
    tell_violations(whole)
    raise typer.Exit(1 if whole.violations or whole.schedules < n else 0)


def tell_violations(tally: "Tally") -> None:
    """A line for each seed that broke something: as soon as it is known, and again at the end."""
    for broken, violation in sorted(tally.violations.items()):
        typer.echo(f"\nseed {broken}: {violation}")


def show_progress(whole: "Tally", n: int, seconds: float) -> None:
    """One line that is written over and over."""
    left = (n - whole.schedules) * seconds / whole.schedules
    typer.echo(
        f"\r{whole.schedules} of {n} schedules, {len(whole.violations)} violations,"
        f" {left / 60:.0f} min left ",
        nl=False,
        err=True,
    )


@app.command()
def crash_points(
    providers: Annotated[list[str] | None, typer.Argument(help="All when none is named")] = None,
) -> None:
    """Crash at every point of one good payment, and at every pair of points."""
    is_broken = False
    for provider in providers or WAYS:

        def told(found: "Found", provider: str = provider) -> None:
            line = f"\r{provider}: {found.singles} single crashes, {found.pairs} pairs "
            typer.echo(line, nl=False, err=True)

        with deployed() as deployment:
            found = explore(deployment, provider, told)
        typer.echo("", err=True)
        typer.echo(json.dumps({"provider": provider, **asdict(found)}))
        is_broken = is_broken or bool(found.violations)
    raise typer.Exit(1 if is_broken else 0)


@app.command()
def guards(
    processes: Annotated[int, typer.Option(help="How many at once")] = os.cpu_count() or 1,
    most: Annotated[int, typer.Option(help="How many schedules at most")] = MOST_SCHEDULES,
) -> None:
    """Take each guard away by itself. Ends with 1 when one of them is missed by no schedule."""
    tries: list[int] = []
    with ThreadPoolExecutor(processes) as pool:
        for one, (tried, violation) in zip(
            GUARDS,
            pool.map(lambda guard: missed(guard.name, most), GUARDS),
            strict=True,
        ):
            if violation is not None:
                tries.append(tried)
            told = f"after {tried}: {violation[:90]}" if violation else "MISSED BY NOBODY"
            typer.echo(f"| {one.name} | {told} |")
    typer.echo(
        f"\n{len(tries)} of {len(GUARDS)} guards are missed; median {median(tries):.0f} schedules"
        f" until then, at most {max(tries)}"
    )
    raise typer.Exit(0 if len(tries) == len(GUARDS) else 1)


def missed(guard: str, most: int) -> tuple[int, str | None]:
    """How many schedules ran without a guard, and the violation that ended them."""
    said = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-m", "tests.simulation.without", guard, "--most", str(most)],
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        # Code that cannot even run without its guard misses it.
        last = said.stderr.strip().splitlines()[-1]
        return 1, last
    told = json.loads(said.stdout.splitlines()[-1])
    return told["schedules"], told["violation"]


if __name__ == "__main__":
    app()

"""`payments export`."""

import io
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from infra.operator.export import Wanted, payments_wanted, whole_file, write_csv
from infra.operator.refused import UnusableInput
from infra.operator.terminal import STOPPED, deployment_of, passing_line, read_moment
from payments.clock import utc_now
from payments.mode import Mode
from payments.period import first_moment, last_moment
from payments.status import Status
from providers.registry import REGISTRY

if TYPE_CHECKING:
    from payments.payment import Payment

commands = typer.Typer(no_args_is_help=True)

STEP = 100


@commands.callback()
def group() -> None:
    """Look at what was paid."""


@commands.command()
def export(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    merchant_id: Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")],
    mode: Annotated[Mode, typer.Option("--mode", help="Rehearsal or money.")],
    since: Annotated[
        str,
        typer.Option(
            "--from", metavar="DAY", help="2026-11-01, or 2026-11-01T00:00+02:00; else in UTC."
        ),
    ],
    until: Annotated[str, typer.Option("--to", metavar="DAY", help="This day counts too.")],
    status: Annotated[Status | None, typer.Option(help="Only those that stand so now.")] = None,
    provider: Annotated[
        str | None, typer.Option(help="Only those whose last attempt was at this provider.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Left out: the standard output.")
    ] = None,
) -> None:
    """Write a merchant's payments as CSV, newest first, by when they were opened."""
    if provider is not None and provider not in REGISTRY:
        raise UnusableInput(f"There is no provider {provider!r}: {', '.join(sorted(REGISTRY))}")
    wanted = Wanted(
        merchant_id=merchant_id,
        mode=mode,
        since=read_moment(first_moment, since),
        until=read_moment(last_moment, until),
        status=status,
        provider=provider,
    )
    if wanted.until < wanted.since:
        raise UnusableInput("--to lies before --from")
    now = utc_now()
    found = payments_wanted(deployment_of(context), wanted, now)
    try:
        with (
            whole_file(output) if output else standard_output() as out,
            # Rows that a terminal shows tell enough by themselves.
            closing(counted(found, io.StringIO() if out.isatty() else sys.stderr)) as told,
        ):
            count = write_csv(out, told, now)
    except KeyboardInterrupt:
        typer.echo("Stopped" + (f"; {output} was not written" if output else ""), err=True)
        raise typer.Exit(STOPPED) from None
    typer.echo(f"{count} payments", err=True)


@contextmanager
def standard_output() -> Iterator[TextIO]:
    """The standard output, in UTF-8 wherever it goes, its line ends left as they are written."""
    out = io.TextIOWrapper(
        typer.get_binary_stream("stdout"), encoding="utf-8", newline="", write_through=True
    )
    try:
        yield out
    finally:
        # Or it would close what is not its own.
        out.detach()


def counted(payments: "Iterable[Payment]", log: TextIO) -> "Generator[Payment, None, None]":
    """The same payments; a terminal is told how many there were so far, until it is over."""
    say = passing_line(log)
    try:
        for count, payment in enumerate(payments):
            if count % STEP == 0:
                say(f"{count} payments so far")
            yield payment
    finally:
        say("")

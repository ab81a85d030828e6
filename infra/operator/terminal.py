"""What the commands share: which deployment they mean, and how they answer."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TextIO

import typer
from botocore.exceptions import BotoCoreError, ClientError
from typer.core import TyperGroup

from infra.operator.deployment import Deployment, on_aws, on_this_machine
from infra.operator.refused import UnusableInput
from payments.errors import PaymentError

STOPPED = 130
"""What a shell calls a program that Ctrl-C ended."""
CLEAR_LINE = "\r\x1b[K"

AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON, for scripts.")]


class PlainErrors(TyperGroup):
    """Ends a command with a sentence and exit code 1 where a traceback would help nobody."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # typer keeps its context's type private
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (PaymentError, BotoCoreError, ClientError) as problem:
            typer.echo(f"Error: {problem}", err=True)
            raise typer.Exit(1) from None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deployment was named. Looked for only when a command needs it, so help needs none."""

    stack: str | None
    local: bool


def deployment_of(context: typer.Context) -> Deployment:
    """Find the deployment that the command line names."""
    wanted: Wanted = context.obj
    if (wanted.stack is None) != wanted.local:
        raise typer.BadParameter("say which deployment: either --stack NAME or --local")
    return on_aws(wanted.stack) if wanted.stack is not None else on_this_machine()


def read_moment(read: Callable[[str], datetime], text: str) -> datetime:
    """The moment that a person typed. Raises UnusableInput."""
    try:
        return read(text)
    except ValueError as unreadable:
        raise UnusableInput(f"{text!r} is no time. {unreadable}") from None


def passing_line(log: TextIO) -> Callable[[str], None]:
    """What puts one line in the place of the one before, where somebody watches; "" takes it away.

    A file or a pipe gets nothing.
    """
    shows = log.isatty()

    def say(text: str) -> None:
        if shows:
            log.write(f"{CLEAR_LINE}{text}")
            log.flush()

    return say


def tell(record: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one record: a line per field, or JSON."""
    if as_json:
        typer.echo(json.dumps(record, ensure_ascii=False, indent=2))
        return
    width = max(map(len, record))
    for name, value in record.items():
        typer.echo(f"{name:<{width}}  {_text(value)}")


def tell_all(records: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print records of one shape: a table, or a JSON list."""
    if as_json:
        typer.echo(json.dumps(records, ensure_ascii=False, indent=2))
        return
    if not records:
        typer.echo("none")
        return
    rows = [list(records[0]), *([_text(value) for value in record.values()] for record in records)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case dict():
            return " ".join(f"{name}={_text(inner)}" for name, inner in value.items())
        case list() | tuple():
            return ",".join(map(str, value))
        case _:
            return str(value)

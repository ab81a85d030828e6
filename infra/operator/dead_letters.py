"""`dead-letters list` and `dead-letters redrive`."""

import sys
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.operator.dead_letter_queue import (
    LOOKING_SECONDS,
    WORKING_SECONDS,
    DeadLetter,
    DeadLetterQueue,
    Outcome,
)
from infra.operator.terminal import STOPPED, AsJson, deployment_of, passing_line, tell_all
from payments.clock import iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator

commands = typer.Typer(no_args_is_help=True)

KEPT = {
    Outcome.FAILED: "its function failed again; see its log, mend it, and redrive once more",
    Outcome.UNREAD: "the stream did not show all of its changes; redrive once more",
    Outcome.EXPIRED: (
        "the stream has forgotten some of its changes. The sweep finds what those payments still"
        " owe, but a receipt by e-mail is not sent any more. Remove it with --drop-expired"
    ),
}


@commands.command("list")
def show_all(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the changes that a function could not take, oldest first. Changes nothing."""
    queue = DeadLetterQueue(deployment_of(context))
    with queue.letters(LOOKING_SECONDS) as letters:
        found = sorted(letters, key=lambda letter: letter.since)
    tell_all([shown(letter) for letter in found], as_json=as_json)
    tell_foreign(queue)


@commands.command()
def redrive(
    context: typer.Context,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    drop_expired: Annotated[
        bool,
        typer.Option(help="Remove the letters of which the stream has forgotten changes, too."),
    ] = False,
) -> None:
    """Hand the changes to their functions once more; repeating that does no harm.

    A letter is removed only when its function has taken all of its changes. Exit code 1 when one
    stays.
    """
    queue = DeadLetterQueue(deployment_of(context))
    if not yes:
        typer.confirm("Mend what broke first. Hand the changes over now?", abort=True)
    say = passing_line(sys.stderr)
    outcomes: Counter[str] = Counter()
    try:
        with queue.letters(WORKING_SECONDS) as letters:
            for line in handed_over(queue, letters, outcomes, drop_expired=drop_expired):
                say("")
                typer.echo(line)
                say(f"{outcomes.total()} letters so far")
    except KeyboardInterrupt:
        say("")
        typer.echo(f"Stopped: {counted(outcomes)}", err=True)
        raise typer.Exit(STOPPED) from None
    say("")
    typer.echo(counted(outcomes))
    tell_foreign(queue)
    if outcomes["stay"]:
        raise typer.Exit(1)


def handed_over(
    queue: DeadLetterQueue,
    letters: "Iterator[DeadLetter]",
    outcomes: "Counter[str]",
    *,
    drop_expired: bool,
) -> "Iterator[str]":
    """Hand each over, count what came of it, and tell a line of each."""
    for letter in letters:
        named = f"{letter.message_id}  {letter.function}, {letter.changes} changes"
        outcome = queue.hand_over(letter)
        if outcome is Outcome.EXPIRED and drop_expired:
            queue.remove(letter)
            outcomes["dropped"] += 1
            yield f"{named}: dropped, the stream has forgotten some of its changes"
        elif outcome is Outcome.TAKEN:
            outcomes["taken"] += 1
            yield f"{named}: taken"
        else:
            outcomes["stay"] += 1
            yield f"{named}: stays, {KEPT[outcome]}"


def tell_foreign(queue: DeadLetterQueue) -> None:
    """Tell of messages that are none of ours."""
    if queue.foreign:
        named = ", ".join(queue.foreign)
        typer.echo(f"Left alone, since Lambda did not write them: {named}", err=True)


def counted(outcomes: "Counter[str]") -> str:
    """How many were taken, and how many not."""
    told = [f"{outcomes['taken']} letters taken"]
    if outcomes["dropped"]:
        told.append(f"{outcomes['dropped']} dropped")
    if outcomes["stay"]:
        told.append(f"{outcomes['stay']} stay")
    return ", ".join(told)


def shown(letter: DeadLetter) -> dict[str, Any]:
    """A letter as it is listed."""
    return {
        "message_id": letter.message_id,
        "function": letter.function,
        "changes": letter.changes,
        "since": iso(letter.since),
        "why": letter.why,
        "readable": letter.readable_until > utc_now(),
        "readable_until": iso(letter.readable_until),
    }

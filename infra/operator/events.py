"""`events list` and `events resend`."""

import sys
from itertools import islice
from typing import TYPE_CHECKING, Annotated

import typer

from infra.operator.deployment import Deployment
from infra.operator.past_events import Wanted, event_named, events_wanted, resend, whole_events
from infra.operator.refused import UnusableInput
from infra.operator.terminal import (
    STOPPED,
    AsJson,
    deployment_of,
    passing_line,
    read_moment,
    tell_all,
)
from ledger.events import MOST_RESENDS, DeliveryState
from payments.clock import utc_now
from payments.event_types import EventType
from payments.mode import Mode
from payments.period import first_moment, last_moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.events import Event

TOLD = ("event_id", "type", "reference", "state", "created_at")
STEP = 10

commands = typer.Typer(no_args_is_help=True)
MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")]
EventState = Annotated[DeliveryState | None, typer.Option(help="Only those that stand so.")]
SINCE = "2026-11-01, or 2026-11-01T00:00+02:00; else in UTC. Events are kept for 30 days."


@commands.command("list")
def show_all(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    merchant_id: MerchantId,
    mode: Annotated[Mode, typer.Option("--mode", help="Rehearsal or money.")],
    state: EventState = None,
    since: Annotated[str | None, typer.Option(metavar="DAY", help=SINCE)] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """List what a merchant was to hear, newest first."""
    wanted = Wanted(
        merchant_id=merchant_id,
        mode=mode,
        since=read_moment(first_moment, since) if since else None,
        state=state,
    )
    found = events_wanted(deployment_of(context), wanted, utc_now())
    records = [{name: record[name] for name in TOLD} for record in islice(found, limit)]
    tell_all(records, as_json=as_json)
    if next(found, None) is not None:
        typer.echo(f"There are more than these {limit}: say --limit", err=True)


@commands.command("resend")
def send_anew(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    merchant_id: MerchantId,
    event_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[EVENT]...", help="evt_…; or a range instead.")
    ] = None,
    mode: Annotated[Mode | None, typer.Option("--mode", help="Of a range.")] = None,
    since: Annotated[str | None, typer.Option("--from", metavar="DAY", help=SINCE)] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="This day counts too.")
    ] = None,
    kind: Annotated[EventType | None, typer.Option("--type", help="Only of this type.")] = None,
    state: EventState = None,
) -> None:
    """Let a merchant hear again, of single events or of all in a range, newest first.

    Each goes out under the id that it had, also those that were delivered.
    """
    now = utc_now()
    narrowing = (mode, since, until, kind, state)
    if event_ids:
        if any(narrowing):
            raise UnusableInput("Name events or a range, not both")
        deployment = deployment_of(context)
        # All are looked for before any is sent.
        found = [event_named(deployment, merchant_id, name, now) for name in event_ids]
        tell_progress(deployment, found)
        return
    if mode is None or since is None or until is None:
        raise UnusableInput("Name events, or a range by --mode, --from and --to")
    wanted = Wanted(
        merchant_id=merchant_id,
        mode=mode,
        since=read_moment(first_moment, since),
        until=read_moment(last_moment, until),
        type=kind,
        state=state,
    )
    deployment = deployment_of(context)
    tell_progress(deployment, whole_events(deployment, wanted, now))


def tell_progress(deployment: Deployment, events: "Iterable[Event]") -> None:
    """Send them anew, tell how many so far, and in the end how many there were."""
    say = passing_line(sys.stderr)
    outcomes: list[bool] = []
    try:
        for outcome in resend(deployment, events, utc_now()):
            outcomes.append(outcome)
            if len(outcomes) % STEP == 0:
                say(f"{len(outcomes)} events so far")
    except KeyboardInterrupt:
        say("")
        typer.echo(f"Stopped: {counted(outcomes)}", err=True)
        raise typer.Exit(STOPPED) from None
    say("")
    typer.echo(counted(outcomes))


def counted(outcomes: list[bool]) -> str:
    """How many were sent, and how many not."""
    passed_over = outcomes.count(False)
    told = f"{outcomes.count(True)} sent anew"
    if passed_over:
        told += f", {passed_over} passed over: {MOST_RESENDS} times anew is enough"
    return told

"""The command line itself: which deployment, and the groups of commands."""

from typing import Annotated

import typer

from infra.operator import (
    dead_letters,
    events,
    keys,
    links,
    merchants,
    payments,
    plans,
    provider,
    routes,
    unresolved,
    webhook,
)
from infra.operator.doctor.command import doctor
from infra.operator.terminal import PlainErrors, Wanted

app = typer.Typer(
    cls=PlainErrors,
    help="Run a deployment of the gateway: merchants, keys, credentials, addresses.",
    no_args_is_help=True,
    add_completion=False,
    # A pretty traceback prints local variables, and ours hold secrets.
    pretty_exceptions_enable=False,
)
app.add_typer(merchants.commands, name="merchants", help="Who is paid.")
app.add_typer(keys.commands, name="keys", help="What merchants sign in with.")
app.add_typer(plans.commands, name="plans", help="How many requests they may make.")
app.add_typer(provider.commands, name="provider", help="What we sign in to providers with.")
app.add_typer(routes.commands, name="routes", help="Which provider takes which method.")
app.add_typer(payments.commands, name="payments", help="What was paid.")
app.add_typer(
    unresolved.commands, name="unresolved", help="What has no final word from its provider."
)
app.add_typer(webhook.commands, name="webhook", help="Where merchants hear of payments.")
app.add_typer(events.commands, name="events", help="What they were to hear.")
app.add_typer(dead_letters.commands, name="dead-letters", help="What got stuck on its way.")
app.add_typer(links.commands, name="links", help="What people pay by without a shop.")
app.command()(doctor)


@app.callback()
def choose(
    context: typer.Context,
    stack: Annotated[
        str | None, typer.Option(help="The CloudFormation stack, on AWS.", metavar="NAME")
    ] = None,
    *,
    local: Annotated[
        bool, typer.Option("--local", help="The local stack that runs from here.")
    ] = False,
) -> None:
    """Run a deployment of the gateway: merchants, keys, credentials, addresses."""
    context.obj = Wanted(stack, local)

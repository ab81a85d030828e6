"""`webhook set`, `webhook secret` and `webhook new-secret`."""

from typing import Annotated

import typer

from infra.operator import parameters
from infra.operator.enrolment import checked
from infra.operator.terminal import deployment_of
from payments import webhook_secrets
from payments.mode import Mode

commands = typer.Typer(no_args_is_help=True)
MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")]


@commands.command("set")
def put(
    context: typer.Context,
    merchant_id: MerchantId,
    url: Annotated[str, typer.Argument(help="https://…")],
    mode: Annotated[Mode | None, typer.Option(help="One mode; both without it.")] = None,
) -> None:
    """Say where a merchant hears of payments; an endpoint that was disabled is called again."""
    deployment = deployment_of(context)
    modes = [mode] if mode else [*Mode]
    address = checked(deployment, url, modes)
    deployment.merchants.known(merchant_id)
    changed = [deployment.endpoints.set_url(merchant_id, each, address) for each in modes]
    typer.echo("Changed" if any(changed) else "It is so already")


@commands.command()
def secret(
    context: typer.Context,
    merchant_id: MerchantId,
    mode: Annotated[Mode, typer.Option(help="Each mode has its own, once it was rotated.")],
) -> None:
    """Show the secret that a merchant checks our signatures with."""
    typer.echo(parameters.webhook_secret(deployment_of(context), merchant_id, mode))


@commands.command()
def new_secret(
    context: typer.Context,
    merchant_id: MerchantId,
    mode: Annotated[Mode, typer.Option(help="Each mode has its own.")],
) -> None:
    """Give a merchant a fresh secret at once, where the one that was is lost.

    One that is known is better rotated by the API, where the old one signs on for a while.
    """
    deployment = deployment_of(context)
    deployment.merchants.known(merchant_id)
    secret = webhook_secrets.new_secret()
    parameters.replace_webhook_secret(deployment, merchant_id, mode, secret)
    # After the secret itself: who signs by the new number finds the new secret.
    deployment.endpoints.note_rotation(merchant_id, mode)
    typer.echo(secret)

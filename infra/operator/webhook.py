"""`webhook set` and `webhook secret`."""

from typing import Annotated

import typer

from infra.operator import parameters, webhook_url
from infra.operator.terminal import deployment_of

commands = typer.Typer(no_args_is_help=True)
MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")]


@commands.command("set")
def put(
    context: typer.Context,
    merchant_id: MerchantId,
    url: Annotated[str, typer.Argument(help="https://…")],
) -> None:
    """Say where a merchant hears of payments."""
    deployment = deployment_of(context)
    address = webhook_url.checked(url, loopback_allowed=deployment.loopback_allowed)
    changed = deployment.merchants.set_webhook_url(merchant_id, address)
    typer.echo("Changed" if changed else "It is so already")


@commands.command()
def secret(context: typer.Context, merchant_id: MerchantId) -> None:
    """Show the secret that a merchant checks our signatures with."""
    typer.echo(parameters.webhook_secret(deployment_of(context), merchant_id))

"""`merchants enrol`, `merchants list`, and `merchants logo` (infra/operator/logo.py)."""

from typing import Annotated

import typer

from infra.operator import enrolment
from infra.operator.logo import logo
from infra.operator.terminal import AsJson, deployment_of, tell, tell_all
from payments.clock import iso, utc_now

commands = typer.Typer(no_args_is_help=True)
commands.command()(logo)


@commands.command()
def enrol(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The shop's name, as customers know it.")],
    webhook_url: Annotated[
        str | None, typer.Option(help="Where it hears of payments: https://…")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Enrol a merchant. Its secret key is shown this once and kept nowhere."""
    enrolled = enrolment.enrol(deployment_of(context), name, webhook_url, utc_now())
    tell(
        {
            "merchant_id": enrolled.merchant.merchant_id,
            "name": enrolled.merchant.name,
            "mode": enrolled.test_keys.mode,
            "public_key": enrolled.test_keys.public_key,
            "secret_key": enrolled.test_keys.secret_key,
            "webhook_secret": enrolled.webhook_secret,
            "webhook_url": enrolled.webhook_url,
        },
        as_json=as_json,
    )


@commands.command("list")
def show_all(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List the merchants, oldest first."""
    found = sorted(deployment_of(context).merchants.merchants(), key=lambda m: m.created_at)
    tell_all(
        [
            {
                "merchant_id": merchant.merchant_id,
                "name": merchant.name,
                "created_at": iso(merchant.created_at),
                "routes": dict(merchant.routes),
            }
            for merchant in found
        ],
        as_json=as_json,
    )

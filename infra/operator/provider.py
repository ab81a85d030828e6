"""`provider set` and `provider show`."""

from typing import Annotated

import typer

from infra.operator import credentials, parameters
from infra.operator.terminal import AsJson, deployment_of, tell_all
from providers.port import Credential

commands = typer.Typer(no_args_is_help=True)


@commands.command("set")
def put(
    context: typer.Context,
    provider: Annotated[str, typer.Argument(help=f"One of: {', '.join(credentials.PROVIDERS)}.")],
    merchant_id: Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")],
    from_file: Annotated[
        typer.FileText | None,
        typer.Option(help="Read them from a JSON file; - is the standard input."),
    ] = None,
) -> None:
    """Store the credentials that a provider gave to a merchant; asks for them, unseen."""
    deployment = deployment_of(context)
    # Before anybody types four credentials for nobody.
    deployment.merchants.known(merchant_id)
    if from_file is None:
        given = credentials.from_answers(provider, _ask)
    else:
        given = credentials.from_file(provider, from_file)
    name = parameters.keep_credentials(deployment, provider, merchant_id, given)
    typer.echo(f"Stored {name}")


@commands.command()
def show(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List whose credentials are stored, for which provider. Never shows what they are."""
    names = parameters.credential_names(deployment_of(context))
    tell_all([_named(name) for name in names], as_json=as_json)


def _ask(field: Credential) -> str:
    default = None if field.is_needed else ""
    answer: str = typer.prompt(
        field.asked_as, hide_input=field.is_secret, default=default, show_default=False
    )
    return answer


def _named(name: str) -> dict[str, str]:
    provider, merchant_id, mode = name.split("/")[-3:]
    return {"provider": provider, "merchant_id": merchant_id, "mode": mode, "parameter": name}

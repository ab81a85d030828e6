"""`routes set`."""

from collections.abc import Iterable
from typing import Annotated

import typer

from infra.operator.credentials import fields_of
from infra.operator.refused import UnusableInput
from infra.operator.terminal import deployment_of
from payments.payment import Method

commands = typer.Typer(no_args_is_help=True)


@commands.callback()
def group() -> None:
    """Say which provider takes which method."""


@commands.command("set")
def put(
    context: typer.Context,
    merchant_id: Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")],
    routes: Annotated[
        list[str],
        typer.Argument(metavar="METHOD=PROVIDER[,PROVIDER]", help="In order of preference."),
    ],
) -> None:
    """Say which providers take which method, in place of what was said before.

    A method that is not named is not offered any more. Test mode always goes to the sandbox.
    """
    wanted = read_routes(routes)
    changed = deployment_of(context).merchants.set_routes(merchant_id, wanted)
    typer.echo("Changed" if changed else "It is so already")


def read_routes(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read "mobile_money=kpay" and the like. Raises UnusableInput."""
    routes: dict[str, tuple[str, ...]] = {}
    for word in words:
        method, _, listed = word.partition("=")
        providers = tuple(listed.split(","))
        if method not in set(Method) or method in routes or len(set(providers)) < len(providers):
            raise UnusableInput(
                f"{word!r}: write each method once, as {'=… '.join(Method)}=…, "
                "and each provider once in it",
            )
        for provider in providers:
            fields_of(provider)
        routes[method] = providers
    return routes

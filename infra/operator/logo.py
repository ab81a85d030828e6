"""`merchants logo`: the picture that a merchant's customers see on the pages."""

from pathlib import Path
from typing import Annotated

import httpx
import typer

from infra.operator.refused import UnusableInput
from infra.operator.terminal import deployment_of
from ledger.logos import Logos
from payments.logo import MOST_BYTES, Logo

# Of a page that somebody named instead of a picture, no more is fetched than tells so.
MOST_FETCHED = MOST_BYTES + 1


def logo(
    context: typer.Context,
    merchant_id: Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")],
    source: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A PNG, JPEG or WebP, or its https://…")
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Show none any more.")] = False,
) -> None:
    """Show a picture of at most 16 KB above a merchant's payments, within a minute."""
    if remove == (source is not None):
        raise UnusableInput("Name a file or an https address, or say --remove")
    merchants = deployment_of(context).merchants
    logos = Logos(merchants.client, merchants.table)
    if source is None:
        logos.remove(merchant_id)
        typer.echo("Removed")
        return
    logos.put(merchant_id, Logo.of(fetched(source) if "://" in source else read(Path(source))))
    typer.echo("Changed")


def read(file: Path) -> bytes:
    """A file's bytes. Raises UnusableInput."""
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_FETCHED)
    except OSError as missing:
        raise UnusableInput(f"{file} cannot be read: {missing.strerror}") from missing


def fetched(url: str, transport: httpx.BaseTransport | None = None) -> bytes:
    """What lies at an https address. Raises UnusableInput."""
    if not url.startswith("https://"):
        raise UnusableInput("The address begins with https://")
    content = b""
    try:
        with (
            httpx.Client(transport=transport, timeout=10) as client,
            client.stream("GET", url) as answer,
        ):
            if not answer.is_success:
                raise UnusableInput(f"{url} answered {answer.status_code}")
            for part in answer.iter_bytes():
                content += part
                if len(content) >= MOST_FETCHED:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as broken:
        raise UnusableInput(f"{url} cannot be fetched: {broken}") from broken
    return content

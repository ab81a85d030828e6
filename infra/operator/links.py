"""`links create`, `links list`, `links deactivate` and `links qr`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from infra.operator.deployment import Deployment
from infra.operator.refused import UnusableInput
from infra.operator.speaking_for import speaking_for
from infra.operator.terminal import AsJson, deployment_of, tell, tell_all
from ledger.links import Links
from links.asked_link import AskedLink
from links.draw_qr import Drawing, Format, drawn
from links.shown_link import link_url, shown
from payments.clock import utc_now
from payments.errors import InvalidRequest, LinkNotFound, SlugTaken
from payments.link import Link, LinkType
from payments.mode import Mode
from plumbing.terms import Terms
from providers.registry import REGISTRY
from providers.routing import currencies_of, routes_in

PAGE_SIZE = 100
IN_A_TABLE = ("link_id", "name", "type", "amount", "currency", "standing", "uses", "url")

commands = typer.Typer(no_args_is_help=True)
MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")]
LinkId = Annotated[str, typer.Argument(metavar="LINK", help="lnk_…")]
LinkMode = Annotated[Mode, typer.Option("--mode", help="Rehearsal or money.")]


@commands.command()
def create(  # noqa: PLR0913, PLR0917  # each is an option of the command
    context: typer.Context,
    merchant_id: MerchantId,
    name: Annotated[str, typer.Argument(help="What is paid for.")],
    mode: LinkMode,
    amount: Annotated[
        str | None, typer.Option(help="In major units; the payer says it without.")
    ] = None,
    currency: Annotated[str, typer.Option(help="RWF, USD or EUR.")] = "RWF",
    kind: Annotated[
        LinkType, typer.Option("--type", help="Paid once, or by many.")
    ] = LinkType.ONE_OFF,
    description: Annotated[str | None, typer.Option()] = None,
    redirect_url: Annotated[str | None, typer.Option(help="Where payers go on.")] = None,
    slug: Annotated[str | None, typer.Option(help="Its name in its address.")] = None,
    max_uses: Annotated[int | None, typer.Option(help="After so many payments it closes.")] = None,
    expires_at: Annotated[
        str | None, typer.Option(help="2026-11-21, which counts too, or 2026-11-21T14:30:00Z.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a payment link, as a merchant does by the API and by the same rules."""
    deployment, now = deployment_of(context), utc_now()
    asked = {
        "name": name,
        "amount": amount,
        "currency": currency,
        "type": kind.value,
        "description": description,
        "redirect_url": redirect_url,
        "slug": slug,
        "max_uses": max_uses,
        "expires_at": expires_at,
    }
    terms = terms_of(deployment, merchant_id, mode)
    try:
        read = AskedLink.read({k: v for k, v in asked.items() if v is not None}, terms)
        link = links_of(deployment).create(
            read.link(speaking_for(merchant_id, mode, now), now, None)
        )
    except InvalidRequest as invalid:
        wrong = (f"{field}: {', '.join(told)}" for field, told in invalid.fields.items())
        raise UnusableInput("; ".join(wrong)) from None
    except SlugTaken as taken:
        raise UnusableInput(f"slug: another link is called {taken}") from None
    tell(shown(link, now, deployment.public_url), as_json=as_json)


@commands.command("list")
def show_all(
    context: typer.Context, merchant_id: MerchantId, mode: LinkMode, *, as_json: AsJson = False
) -> None:
    """List a merchant's links, newest first; a new one is in the list within moments."""
    deployment, now = deployment_of(context), utc_now()
    deployment.merchants.known(merchant_id)
    records = [
        shown(link, now, deployment.public_url) for link in links_in(deployment, merchant_id, mode)
    ]
    if as_json:
        tell_all(records, as_json=True)
        return
    # The names are those of a ShownLink.
    tell_all(
        [{name: dict(record)[name] for name in IN_A_TABLE} for record in records], as_json=False
    )


@commands.command()
def deactivate(context: typer.Context, merchant_id: MerchantId, link_id: LinkId) -> None:
    """Close a link for good. Payments that are open go on."""
    deployment = deployment_of(context)
    link = link_of(deployment, merchant_id, link_id)
    if link.active:
        links_of(deployment).deactivate(link_id, merchant_id, link.mode)
    typer.echo("Closed" if link.active else "It is so already")


@commands.command()
def qr(
    context: typer.Context,
    link_id: LinkId,
    output: Annotated[Path, typer.Option(metavar="FILE", help="….svg or ….png")],
) -> None:
    """Draw a link's address, for paper."""
    deployment = deployment_of(context)
    suffix = output.suffix.removeprefix(".").lower()
    if suffix not in set(Format):
        raise UnusableInput(f"{output.name!r}: the file's name ends in .{' or .'.join(Format)}")
    address = link_url(link_of(deployment, None, link_id), deployment.public_url)
    try:
        output.write_bytes(drawn(address, Drawing(format=Format(suffix))))
    except OSError as broken:
        raise UnusableInput(f"{output} cannot be written: {broken}") from None
    typer.echo(f"{output} leads to {address}")


def links_of(deployment: Deployment) -> Links:
    """The links of a deployment."""
    return Links(deployment.merchants.client, deployment.merchants.table)


def links_in(deployment: Deployment, merchant_id: str, mode: Mode) -> Iterator[Link]:
    """All of a merchant's links in a mode, newest first."""
    place = None
    while True:
        links, place = links_of(deployment).page(merchant_id, mode, after=place, size=PAGE_SIZE)
        yield from links
        if place is None:
            return


def link_of(deployment: Deployment, merchant_id: str | None, link_id: str) -> Link:
    """A link, of this merchant if one is named. Raises LinkNotFound."""
    link = links_of(deployment).get(link_id)
    if link is None or merchant_id not in (None, link.merchant_id):
        whose = f" of {merchant_id}" if merchant_id else ""
        raise LinkNotFound(f"There is no link {link_id}{whose}")
    return link


def terms_of(deployment: Deployment, merchant_id: str, mode: Mode) -> Terms:
    """What this merchant may ask for. Raises UnknownMerchant."""
    merchant = deployment.merchants.known(merchant_id)
    return Terms(
        mode=mode,
        currencies=currencies_of(routes_in(mode, merchant.routes), REGISTRY),
        rates=deployment.rates,
        loopback_allowed=deployment.loopback_allowed,
    )

"""`keys issue`, `keys list`, `keys rotate` and `keys revoke`."""

from typing import Annotated

import typer

from infra.operator import issuing
from infra.operator.terminal import AsJson, deployment_of, tell, tell_all
from payments.clock import iso, utc_now
from payments.keys import KeyPair
from payments.mode import Mode

commands = typer.Typer(no_args_is_help=True)
MerchantId = Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")]
KeyMode = Annotated[Mode, typer.Option("--mode", help="Rehearsal or money.")]


@commands.command()
def issue(
    context: typer.Context, merchant_id: MerchantId, mode: KeyMode, *, as_json: AsJson = False
) -> None:
    """Issue one more pair. The secret is shown this once and kept nowhere."""
    pair = issuing.issue(deployment_of(context), merchant_id, mode, utc_now())
    tell(_fresh(merchant_id, pair), as_json=as_json)


@commands.command("list")
def show_all(
    context: typer.Context,
    merchant_id: Annotated[
        str | None, typer.Argument(metavar="[MERCHANT]", help="Leave out for all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List issued pairs, revoked ones too, by their public keys."""
    merchants = deployment_of(context).merchants
    asked_for = [merchant_id] if merchant_id else [m.merchant_id for m in merchants.merchants()]
    now = utc_now()
    tell_all(
        [
            {
                "public_key": key.public_key,
                "merchant_id": key.merchant_id,
                "mode": key.mode,
                "active": key.is_active(now),
                "created_at": iso(key.created_at),
                "revoked_at": iso(key.revoked_at) if key.revoked_at else None,
            }
            for one in sorted(asked_for)
            for key in merchants.keys(one)
        ],
        as_json=as_json,
    )


@commands.command()
def rotate(
    context: typer.Context,
    merchant_id: MerchantId,
    mode: KeyMode,
    overlap: Annotated[
        str, typer.Option(help="How long the old pair goes on working: 24h, 90m, 7d or 0.")
    ] = "24h",
    *,
    as_json: AsJson = False,
) -> None:
    """Issue a new pair now and end the old one after the overlap."""
    now, length = utc_now(), issuing.read_duration(overlap)
    pair = issuing.rotate(deployment_of(context), merchant_id, mode, now, length)
    tell(_fresh(merchant_id, pair) | {"old_until": iso(now + length)}, as_json=as_json)


@commands.command()
def revoke(
    context: typer.Context,
    public_key: Annotated[str, typer.Argument(metavar="PUBLIC_KEY", help="pk_…")],
) -> None:
    """End a pair at once."""
    ended = issuing.revoke(deployment_of(context), public_key, utc_now())
    typer.echo(f"{public_key} {'is revoked' if ended else 'was revoked already'}")


def _fresh(merchant_id: str, pair: KeyPair) -> dict[str, str]:
    return {
        "merchant_id": merchant_id,
        "mode": pair.mode,
        "public_key": pair.public_key,
        "secret_key": pair.secret_key,
    }

"""`unresolved`, `unresolved ask` and `unresolved settle`."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.operator import open_attempts
from infra.operator.refused import UnusableInput
from infra.operator.terminal import AsJson, deployment_of, tell, tell_all
from payments.clock import iso, utc_now
from payments.mode import Mode
from settlement.judge import Decision

if TYPE_CHECKING:
    from infra.operator.open_attempts import OpenAttempt

LONGEST_BECAUSE = 500

commands = typer.Typer(invoke_without_command=True)
Reference = Annotated[str, typer.Argument(metavar="ATTEMPT", help="As the list shows it.")]


@commands.callback()
def show_all(
    context: typer.Context,
    mode: Annotated[Mode, typer.Option("--mode", help="Rehearsal or money.")] = Mode.LIVE,
    *,
    as_json: AsJson = False,
) -> None:
    """List the attempts that a person has to look at, by when their payments were opened."""
    if context.invoked_subcommand is None:
        found = open_attempts.waiting(deployment_of(context), mode)
        tell_all([shown(one) for one in found], as_json=as_json)


@commands.command()
def ask(context: typer.Context, reference: Reference, *, as_json: AsJson = False) -> None:
    """Ask the provider now, from where it lets us in, and settle by what it answers."""
    asked = open_attempts.ask(deployment_of(context), reference)
    tell(standing(asked), as_json=as_json)


@commands.command()
def settle(  # noqa: PLR0913  # each is an option of the command
    context: typer.Context,
    reference: Reference,
    because: Annotated[
        str, typer.Option(help="What shows it: the statement, the case number, who said so.")
    ],
    *,
    paid: Annotated[
        bool | None, typer.Option("--paid/--not-paid", help="What the provider's own books say.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say how an attempt ended, when its provider's own books show it and nothing else does.

    The merchant hears of it as of any ending. It is kept who said so, and because of what.
    """
    if paid is None:
        raise UnusableInput("Say --paid or --not-paid")
    if not because.strip() or len(because) > LONGEST_BECAUSE:
        raise UnusableInput(f"Say --because in 1 to {LONGEST_BECAUSE} characters")
    deployment = deployment_of(context)
    found = open_attempts.to_be_settled(deployment, reference)
    if not yes:
        tell(shown(found), as_json=False)
        typer.confirm(f"Was this {'paid' if paid else 'not paid'}, by its books?", abort=True)
    decision = Decision(is_paid=paid, by=open_attempts.who(deployment), because=because.strip())
    settled = open_attempts.settle(deployment, found, decision, utc_now())
    tell(standing(settled), as_json=as_json)


def shown(one: "OpenAttempt") -> dict[str, Any]:
    """An attempt as it is listed."""
    payment, attempt = one.payment, one.attempt
    return {
        "merchant": payment.merchant_id,
        "tx_ref": payment.tx_ref,
        "amount": f"{payment.money.major} {payment.money.currency}",
        "attempt": attempt.ref,
        "provider": attempt.provider,
        "provider_ref": attempt.provider_ref,
        "since": iso(attempt.started_at),
        "why": attempt.needs_review,
    }


def standing(one: "OpenAttempt") -> dict[str, Any]:
    """How an attempt and its payment stand."""
    payment, attempt = one.payment, one.attempt
    return {
        "attempt": attempt.ref,
        "status": attempt.status,
        "reason": attempt.reason,
        "settled_by": attempt.settled_by,
        "why": attempt.needs_review,
        "payment": payment.tx_ref,
        "payment_status": payment.status,
    }

"""`plans list` and `plans set`."""

from typing import Annotated

import typer

from infra.operator.refused import UnusableInput
from infra.operator.terminal import AsJson, deployment_of, tell_all
from payments.clock import utc_now
from payments.plan import ENTERPRISE, PLANS, Plan

# A minute's requests in whole microseconds each; more than that nobody's gateway passes.
MOST_A_MINUTE = 1_000_000
MOST_A_DAY = 1_000_000_000

commands = typer.Typer(no_args_is_help=True)
Figure = Annotated[int | None, typer.Option(min=1, max=MOST_A_MINUTE)]


@commands.command("list")
def show_all(*, as_json: AsJson = False) -> None:
    """List the plans that have a name. Enterprise is whatever was agreed with a merchant."""
    tell_all([figures(plan) for plan in PLANS.values()], as_json=as_json)


@commands.command("set")
def put(  # noqa: PLR0913, PLR0917  # a command's options are its parameters
    context: typer.Context,
    merchant_id: Annotated[str, typer.Argument(metavar="MERCHANT", help="mer_…")],
    name: Annotated[str, typer.Argument(metavar="PLAN", help=f"{', '.join(PLANS)}, {ENTERPRISE}")],
    per_minute: Figure = None,
    burst: Figure = None,
    per_day: Annotated[int | None, typer.Option(min=1, max=MOST_A_DAY)] = None,
) -> None:
    """Put a merchant's keys under a plan, from their next request on, with nothing used up.

    Each key may make so many requests: --per-minute of them come back each minute, evenly; up to
    --burst may come at once (as many as --per-minute if not given); the day ends at 00:00 UTC.
    """
    plan = chosen(name, per_minute, burst, per_day)
    changed = deployment_of(context).merchants.set_plan(merchant_id, plan, utc_now())
    typer.echo("Changed" if changed else "It is so already")


def chosen(name: str, per_minute: int | None, burst: int | None, per_day: int | None) -> Plan:
    """The plan of this name, or an agreed one by its figures. Raises UnusableInput."""
    if name == ENTERPRISE:
        if per_minute is None or per_day is None:
            raise UnusableInput("Say what was agreed: --per-minute and --per-day, maybe --burst")
        return Plan(name=name, per_minute=per_minute, burst=burst or per_minute, per_day=per_day)
    if name not in PLANS:
        raise UnusableInput(f"There is no plan {name!r}: {', '.join(PLANS)}, {ENTERPRISE}")
    if (per_minute, burst, per_day) != (None, None, None):
        raise UnusableInput(f"The figures of {name} are its own: for others set {ENTERPRISE}")
    return PLANS[name]


def figures(plan: Plan) -> dict[str, object]:
    """A plan as it is shown."""
    return {
        "plan": plan.name,
        "per_minute": plan.per_minute,
        "burst": plan.burst,
        "per_day": plan.per_day,
    }

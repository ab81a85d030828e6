"""`python -m tests.simulation.without "<guard>"`: run schedules without it until one is broken.

A process of its own, since what was imported with the guard cannot be had without it any more.
"""

import json
from typing import Annotated

import typer

from tests.simulation.guards import GUARDS, remove


def without(
    guard: Annotated[str, typer.Argument(help="The guard's name, as `make guards` prints it")],
    seed: Annotated[int, typer.Option(help="The first seed")] = 0,
    most: Annotated[int, typer.Option(help="How many schedules at most")] = 400,
) -> None:
    """Print as JSON how many schedules ran, and the violation that ended them, if any."""
    (chosen,) = [one for one in GUARDS if one.name == guard]
    remove(chosen)
    # Not before: what they import is to be imported without the guard.
    from tests.simulation.batches import run_seeds  # noqa: PLC0415  # as said
    from tests.simulation.world import deployed  # noqa: PLC0415  # as said

    with deployed() as deployment:
        tally = run_seeds(deployment, range(seed, seed + most), until_one_breaks=True)
    violation = next(iter(tally.violations.values()), None)
    typer.echo(json.dumps({"schedules": tally.schedules, "violation": violation}))


if __name__ == "__main__":
    typer.run(without)

"""Random schedules of everything that can go wrong: RELIABILITY.md's six invariants hold."""

from dataclasses import replace
from random import Random

import pytest

from tests.simulation.batches import run_batch
from tests.simulation.merchants_side import Endpoint
from tests.simulation.schedules import USUAL_PHONES, weather, with_everything
from tests.simulation.world import HOUR, deployed, run

SCHEDULES = 2_000
AT_A_TIME = 100


@pytest.mark.parametrize("first", range(0, SCHEDULES, AT_A_TIME))
def test_no_invariant_breaks_in_random_schedules(first: int) -> None:
    tally = run_batch(first, AT_A_TIME)
    assert tally.violations == {}
    # What was simulated is no idle run.
    assert tally.schedules == AT_A_TIME
    assert tally.paid > AT_A_TIME / 4
    assert tally.faults > AT_A_TIME
    assert tally.crashes > AT_A_TIME / 2


@pytest.mark.parametrize("seed", range(8))
def test_an_endpoint_that_was_down_for_72_hours_is_told_in_the_roughest_weather(seed: int) -> None:
    """What the simulation found first: tries that were repeated after a function had died used up
    the plan of a delivery, which was given up after 69 hours."""
    schedule = with_everything(Random(seed), seed)  # noqa: S311  # chance that repeats itself
    schedule.orders = [
        replace(schedule.orders[0], way="direct", shop="kpay", phone=USUAL_PHONES[0])
    ]
    schedule.faults = weather(seed, 0.25)
    schedule.rough_for = 71 * HOUR
    schedule.endpoint = Endpoint(down_until=72 * HOUR)
    with deployed() as deployment:
        world = run(deployment, schedule)
    assert world.sandboxes.died
    assert {session: set(told) for session, told in world.judge.told.items()} == world.judge.due


def test_a_seed_is_a_schedule() -> None:
    first, again = run_batch(17, 3), run_batch(17, 3)
    assert vars(first) == vars(again)
    assert vars(first) != vars(run_batch(20, 3))

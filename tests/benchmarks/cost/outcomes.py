"""The endings that are priced, each played once more with the real functions and machines."""

from dataclasses import dataclass

from tests.benchmarks.quiet_world import Play

DAY = 86_400.0


@dataclass(frozen=True)
class Outcome:
    """One ending of a payment."""

    name: str
    play: Play
    status: str
    """How it ends."""


SETTLED = Outcome("settled by webhook", Play(), "successful")
SILENT = Outcome("silent, paid at 25 s", Play(fault="no_postback", after=25.0), "successful")
DECLINED = Outcome("declined", Play(answer="decline"), "failed")
ABANDONED = Outcome("abandoned", Play(pays=False), "expired")
DOWN = Outcome("merchant's endpoint down for a day", Play(down_for=DAY), "successful")
OUTCOMES = (SETTLED, SILENT, DECLINED, ABANDONED, DOWN)

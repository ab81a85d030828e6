"""Every point at which a function of one good payment can crash, alone and in pairs, by provider.

A function can crash before its first I/O, or after any. A crash after one is the same as one before
the next, and one after a read the same as one before it, since nothing has changed for anybody; of
such twins one is tried. The second crash of a pair falls into the run in which the first has
happened: what comes after it is other work than in the happy run.

The run is not begun anew for each second crash: at every point the process forks, and the child
crashes there and goes on to the end. So this runs in a process of its own, by itself:
`python -m tests.simulation crash-points kpay`.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.faults import Fate, FaultsAt, Point
from tests.simulation.schedules import happy
from tests.simulation.world import Deployment, World, run

WAYS = ("kpay", "vpay", "dgspay", "rwandapay", "test")


@dataclass(frozen=True)
class Crash:
    """One point, and whether the I/O happened."""

    point: int
    fate: Fate

    def __str__(self) -> str:
        return f"{self.point} {self.fate}"


@dataclass
class Found:
    """What the crashes of one provider came to."""

    singles: int = 0
    pairs: int = 0
    violations: list[str] = field(default_factory=list)


@dataclass
class ForkingFaults(FaultsAt):
    """The first crash as ordered; from then on a child that crashes at each point, both ways."""

    crashed: Callable[[Crash, int], None] = lambda _, __: None
    """Called in the parent, with the second crash and how the child ended."""
    is_child: bool = False

    def fate(self, point: Point) -> Fate:
        fate = super().fate(point)
        if self.is_child or fate is not Fate.FINE or point.number <= max(self.fates):
            return fate
        for second in crashes_at(point):
            child = os.fork()
            if child == 0:
                self.is_child = True
                return second
            _, ended = os.waitpid(child, 0)
            self.crashed(Crash(point.number, second), os.waitstatus_to_exitcode(ended))
        return Fate.FINE


def explore(deployment: Deployment, provider: str, progress: Callable[[Found], None]) -> Found:
    """Try every crash and every pair of them. Progress is told after each first crash."""
    found = Found()
    for point in judged(deployment, provider, FaultsAt({})):
        for fate in crashes_at(point):
            first = Crash(point.number, fate)
            explore_after(deployment, provider, first, found)
            progress(found)
    return found


def explore_after(deployment: Deployment, provider: str, first: Crash, found: Found) -> None:
    """Try one crash, and every other that can follow it."""

    def crashed(second: Crash, ended: int) -> None:
        found.pairs += 1
        if ended:
            found.violations.append(f"{provider}: {first}, then {second}")

    faults = ForkingFaults({first.point: first.fate}, crashed=crashed)
    found.singles += 1
    try:
        judged(deployment, provider, faults)
    except AssertionError as violation:
        if faults.is_child:
            told = f"{provider}: {first}, then {faults.drawn[-1][0]}: {violation}\n"
            sys.stderr.write(told)
            sys.stderr.flush()
            os._exit(1)
        found.violations.append(f"{provider}: {first}: {violation}")
    except BaseException:
        if faults.is_child:
            # Whatever it is: the parent's work is not the child's to go on with.
            sys.excepthook(*sys.exc_info())
            os._exit(2)
        raise
    if faults.is_child:
        os._exit(0)


def crashes_at(point: Point) -> list[Fate]:
    """How a function can crash here and leave something behind that no other crash leaves."""
    before = [Fate.CRASH_BEFORE] if point.is_first else []
    return before + ([Fate.CRASH_AFTER] if point.changes_something else [])


def judged(deployment: Deployment, provider: str, faults: FaultsAt) -> list[Point]:
    """Run one good payment so; every I/O that its functions came to. Raises Violation."""
    world = run(deployment, happy(provider, faults))
    assert len(faults.drawn) >= len(faults.fates), "a crash did not happen"
    assert_it_was_paid(world)
    return faults.seen


def assert_it_was_paid(world: World) -> None:
    """Whoever means well and tries again ends with a paid payment, or one that a person sees."""
    for session, payment in world.judge.payments.items():
        is_flagged = any("needs_review" in a for a in payment["attempts"].values())
        is_paid = payment["status"] == "successful"
        # The customer of a page that kept failing may have given up before anything was charged.
        is_untouched = not world.providers.ledger()
        assert is_paid or is_flagged or is_untouched, f"{session}: {payment}"

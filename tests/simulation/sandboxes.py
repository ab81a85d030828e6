"""Lambda: functions that are called, run out of time, and die in the middle."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from plumbing import authentication, provider_desk, wiring
from tests.integration.rest_events import Context, Handler
from tests.simulation.conduct import Conduct, Invocation, Letter
from tests.simulation.faults import Fate, Faults, Point
from tests.simulation.scheduler import Killed, Scheduler

API_SECONDS = 28.0
"""template.yaml, Globals: the time-out of the functions that answer requests."""
BEHIND_SECONDS = 30.0
"""template.yaml: the time-out of those that run behind."""
FOREVER = 1e9

T = TypeVar("T")


class Died(Exception):
    """The function ended without an answer."""


@dataclass(frozen=True)
class LambdaContext(Context):
    """What Lambda hands over, with the time that is left."""

    left: Callable[[], float] = lambda: API_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """As Lambda's own context has it."""
        return int(self.left() * 1000)


class Sandboxes:
    """Where the functions run. Counts every I/O of theirs, and lets faults happen at it."""

    def __init__(self, scheduler: Scheduler, faults: Faults, conduct: Conduct) -> None:
        self.scheduler = scheduler
        self.faults = faults
        self.conduct = conduct
        self.points = 0
        self.died = 0
        self._running: dict[int, list[Invocation]] = {}

    @property
    def running(self) -> Invocation | None:
        """The function whose turn it is; None while somebody else's it is."""
        running = self._running.get(id(self.scheduler.task))
        return running[-1] if running else None

    def invoke(
        self,
        function: str,
        handler: Handler,
        event: Mapping[str, Any],
        seconds: float,
        letter: Letter | None = None,
    ) -> Any:  # noqa: ANN401  # whatever the function answers
        """Call a function. Raises Died, and what the function raises."""
        task = self.scheduler.task
        ends_at = self.scheduler.seconds + seconds
        task.deadlines.append(ends_at)
        invocation = Invocation(function, letter)
        self._running.setdefault(id(task), []).append(invocation)
        context = LambdaContext(left=lambda: ends_at - self.scheduler.seconds)
        try:
            # As it travels: what a function is given shares nothing with who gave it.
            answer = handler(json.loads(json.dumps(event, default=str)), context)
        except Killed as killed:
            forget_what_the_sandbox_knew()
            self.died += 1
            raise Died(function) from killed
        else:
            self.conduct.answered(invocation, answer)
            return answer
        finally:
            task.deadlines.remove(ends_at)
            self._running[id(task)].pop()

    def line(self, what: str, act: Callable[[], T], trouble: Callable[[Fate], T]) -> T:
        """One I/O: there, done, and back; what the trouble of a fate is, the line knows.

        `trouble` raises or answers for a fate that is no crash.
        """
        fate = self._fate(what)
        self.scheduler.sleep(self.faults.latency())
        match fate:
            case Fate.CRASH_BEFORE:
                raise Killed
            case Fate.FAILS_BEFORE | Fate.THROTTLED:
                return trouble(fate)
        answer = act()
        self.scheduler.sleep(self.faults.latency())
        match fate:
            case Fate.CRASH_AFTER:
                raise Killed
            case Fate.TOO_SLOW:
                self.scheduler.sleep(FOREVER)
            case Fate.REPLY_LOST:
                return trouble(fate)
        return answer

    def _fate(self, what: str) -> Fate:
        invocation = self.running
        if invocation is None:
            # Not a function's: the state machines' own calls, whose trouble is drawn elsewhere.
            return Fate.FINE
        self.conduct.comes_to(invocation, what)
        self.points += 1
        invocation.lines += 1
        is_first = invocation.lines == 1
        return self.faults.fate(Point(self.points, invocation.function, what, is_first))


def forget_what_the_sandbox_knew() -> None:
    """What was kept in memory dies with the sandbox; connections to the fakes need not."""
    wiring._merchants_kept.clear()  # noqa: SLF001  # the sandbox's memory is its own
    wiring.secrets.cache_clear()
    authentication.first_seen.cache_clear()
    provider_desk.tokens.clear()
    provider_desk.health.forget()

"""Virtual time, and whose turn it is: greenlets that pass a baton at every I/O.

Time passes only when everybody sleeps. Whoever is due first runs next; those that are due together
run in the order in which they lay down. So one seed is one schedule, whatever the machine does.
"""

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from greenlet import greenlet


class Killed(BaseException):  # no Exception: nothing in a function may survive its own end
    """The sandbox ended here: it crashed, or ran past its time-out."""


class Task(greenlet):
    """Somebody with things to do."""

    def __init__(self, name: str, act: Callable[[], object], hub: greenlet) -> None:
        super().__init__(act, hub)
        self.name = name
        self.deadlines: list[float] = []
        """When the functions that it runs are ended, the innermost last."""


class Signal:
    """Something to wait for."""

    def __init__(self) -> None:
        self.is_given = False
        self.sleepers: list[Task] = []


class Scheduler:
    """Runs tasks in virtual time."""

    def __init__(self, started: datetime) -> None:
        self.started = started
        self.seconds = 0.0
        self._hub = greenlet.getcurrent()
        self._due: list[tuple[float, int, Task]] = []
        self._order = itertools.count()
        self._woken: set[Task] = set()

    def now(self) -> datetime:
        """The virtual moment."""
        return self.started + timedelta(seconds=self.seconds)

    def spawn(self, name: str, act: Callable[[], object], after: float = 0.0) -> None:
        """Let somebody else begin, at once or later."""
        self._push(self.seconds + after, Task(name, act, self._hub))

    def run(self, until: float) -> None:
        """Let everybody run until nobody has anything to do, or until that second.

        What a task raises is raised here.
        """
        while self._due and self._due[0][0] <= until:
            at, _, task = heapq.heappop(self._due)
            if task.dead:
                continue
            self.seconds = max(self.seconds, at)
            task.switch()

    @property
    def is_quiet(self) -> bool:
        """Whether nobody has anything to do any more."""
        return not any(not task.dead for _, _, task in self._due)

    @property
    def task(self) -> Task:
        """Whose turn it is."""
        task = greenlet.getcurrent()
        assert isinstance(task, Task)
        return task

    def sleep(self, seconds: float) -> None:
        """Let the others run. Raises Killed where the function does not live so long."""
        task = self.task
        deadline = min(task.deadlines, default=None)
        until = self.seconds + seconds
        if deadline is None or until < deadline:
            self._give_up_baton(until, task)
            return
        self._give_up_baton(deadline, task)
        raise Killed

    def wait(self, signal: Signal, seconds: float) -> bool:
        """Sleep until a signal, or so long at most; whether it was given."""
        if not signal.is_given:
            task = self.task
            signal.sleepers.append(task)
            self._give_up_baton(self.seconds + seconds, task)
            if task in signal.sleepers:
                signal.sleepers.remove(task)
        return signal.is_given

    def give(self, signal: Signal) -> None:
        """Wake whoever waits for a signal."""
        signal.is_given = True
        for task in signal.sleepers:
            # What it slept for is in the queue still, and must not wake it a second time.
            self._due = [entry for entry in self._due if entry[2] is not task]
            heapq.heapify(self._due)
            self._push(self.seconds, task)
        signal.sleepers.clear()

    def _push(self, at: float, task: Task) -> None:
        heapq.heappush(self._due, (at, next(self._order), task))

    def _give_up_baton(self, until: float, task: Task) -> None:
        self._push(until, task)
        self._hub.switch()

"""Arrivals at their planned moments, whatever becomes of those before (an open loop).

At most IN_FLIGHT lives at a time: whoever finds no room begins late, is counted as late, and its
latency still runs from the planned arrival, so that a slow stack cannot hide behind its own queue.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from tests.load.arrivals import Life
from tests.load.merchants import Stopped

IN_FLIGHT = 24
LATE_SECONDS = 0.1
SECONDS_BETWEEN_LOOKS = 0.5

Living = Callable[[Life, float], None]
"""Lives a life that was planned to begin at this moment (monotonic)."""


@dataclass
class Crowd:
    """How the arrivals went."""

    began: float = 0.0
    """Monotonic."""
    lateness: list[float] = field(default_factory=list)
    """Seconds after its planned moment at which each life began."""
    lived: list[int] = field(default_factory=list)
    """The numbers of those that came to their end."""

    @property
    def ended(self) -> int:
        """How many came to their end."""
        return len(self.lived)

    @property
    def late(self) -> int:
        """How many began later than planned."""
        return sum(seconds > LATE_SECONDS for seconds in self.lateness)


def arrive(
    lives: Sequence[Life], living: Living, over: Event, show: Callable[[str], None]
) -> Crowd:
    """Let all arrive and come to the end of what they do."""
    crowd = Crowd(began=time.monotonic())

    def begin(life: Life) -> None:
        planned_at = crowd.began + life.at
        crowd.lateness.append(time.monotonic() - planned_at)
        try:
            living(life, planned_at)
        finally:
            crowd.lived.append(life.number)

    with _room(over) as room:
        futures: list[Future[None]] = []
        for life in lives:
            if over.wait(max(0.0, crowd.began + life.at - time.monotonic())):
                raise Stopped
            futures.append(room.submit(begin, life))
            show(f"{len(futures)} of {len(lives)} arrived, {crowd.ended} done, {crowd.late} late")
        while wait(futures, timeout=SECONDS_BETWEEN_LOOKS).not_done:
            show(f"all arrived, {crowd.ended} of {len(lives)} done, {crowd.late} late")
        for future in futures:
            future.result()
    return crowd


@contextmanager
def _room(over: Event) -> Iterator[ThreadPoolExecutor]:
    room = ThreadPoolExecutor(max_workers=IN_FLIGHT, thread_name_prefix="load")
    try:
        yield room
    except BaseException:
        # Ctrl-C comes out here: whoever waits goes on at once, nobody new begins, and those who ask
        # at this moment hear no answer once the stack is gone.
        over.set()
        room.shutdown(wait=False, cancel_futures=True)
        raise
    room.shutdown()

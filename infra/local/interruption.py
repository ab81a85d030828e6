"""Ctrl-C and SIGTERM, heard alike."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may mistake it for one."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Turn the first request to stop into Interrupted, and let nothing disturb the stopping.

    Handlers are set even where a signal was ignored, as a shell does for what it starts with `&`.
    """
    before = {number: signal.getsignal(number) for number in SIGNALS}

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise Interrupted

    for number in SIGNALS:
        signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

"""Everything that a function says where a log could keep it: lines, prints, tracebacks."""

import io
import logging
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field

from plumbing.observability import logger


@dataclass
class Overheard:
    """What was said so far."""

    said: io.StringIO = field(default_factory=io.StringIO)

    @property
    def text(self) -> str:
        return self.said.getvalue()

    def tell(self, act: Callable[[], object]) -> object:
        """Do something; what escapes it is told as Lambda's runtime tells it, and goes no further.

        The runtime writes the whole traceback, with the messages of every cause.
        """
        try:
            return act()
        except Exception:  # noqa: BLE001  # whatever it is, the runtime writes it down
            self.said.write(traceback.format_exc())
            return None


@contextmanager
def overheard(level: int) -> Iterator[Overheard]:
    """Listen as CloudWatch does, with the functions' log level as an operator may set it."""
    heard = Overheard()
    listener = logging.StreamHandler(heard.said)
    listener.setFormatter(logger.registered_formatter)
    root = logging.getLogger()
    before = root.level, logger.log_level
    root.addHandler(listener)
    root.setLevel(level)
    logger.setLevel(level)
    try:
        with redirect_stdout(heard.said), redirect_stderr(heard.said):
            yield heard
    finally:
        root.removeHandler(listener)
        root.setLevel(before[0])
        logger.setLevel(before[1])

"""Progress: one line that is rewritten on a terminal, plain lines elsewhere."""

import sys
import threading
from typing import TextIO

CLEAR_LINE = "\r\x1b[K"
WIDTH = 78


class Ticker:
    """Says what goes on, from any thread, on standard error unless told otherwise."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._rewrites = self._out.isatty()
        self._lock = threading.Lock()

    def show(self, now: str) -> None:
        """Say what is being done: in the one line of a terminal, nowhere else."""
        if self._rewrites:
            self._write(f"{CLEAR_LINE}  {now[:WIDTH]}")

    def tell(self, done: str) -> None:
        """Say what was done: in the one line of a terminal, elsewhere in a line of its own."""
        if self._rewrites:
            self.show(done)
        else:
            self._write(f"  {done}\n")

    def clear(self) -> None:
        """Take the line away, for what is to stay."""
        if self._rewrites:
            self._write(CLEAR_LINE)

    def _write(self, text: str) -> None:
        with self._lock:
            self._out.write(text)
            self._out.flush()

"""What a person sees while the stack starts: a line per step, with the seconds it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

WIDTH = 58


@contextmanager
def step(title: str) -> Iterator[None]:
    """Say what is being done, then how long it took; "not done" if it raised."""
    sys.stderr.write(f"  {title} ".ljust(WIDTH, "."))
    sys.stderr.flush()
    started = time.monotonic()
    try:
        yield
    except BaseException:
        sys.stderr.write(" not done\n")
        raise
    sys.stderr.write(f"{time.monotonic() - started:6.1f} s\n")

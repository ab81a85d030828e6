"""MiniStack on a leash: it ends when its standard input closes.

Whoever starts the local stack holds the other end of that pipe, so MiniStack and its Lambda
workers never outlive them, not even when they are killed and can clean nothing up.
"""

import os
import runpy
import signal
import sys
import threading

STDIN = 0


def end_when_let_go() -> None:
    """Wait for the end of standard input, then ask this process to end."""
    # Not sys.stdin: its lock, held by a thread that waits, breaks the interpreter's shutdown.
    while os.read(STDIN, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=end_when_let_go, daemon=True).start()
    sys.argv[1:] = []
    runpy.run_module("ministack", run_name="__main__")

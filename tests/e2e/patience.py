"""Waiting for what happens by itself, with an end to it."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS_BETWEEN_LOOKS = 0.1
Seen = TypeVar("Seen")


def eventually(look: Callable[[], Seen | None], *, within: float, what: str) -> Seen:
    """What `look` sees as soon as it sees something. Raises AssertionError after `within` s."""
    give_up = time.monotonic() + within
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > give_up:
            raise AssertionError(f"{what}: not within {within} s")
        time.sleep(SECONDS_BETWEEN_LOOKS)

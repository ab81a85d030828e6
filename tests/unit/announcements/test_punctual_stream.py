"""A merchant that drips its answer byte by byte does not hold a delivery past its time."""

from time import monotonic

import httpcore
import pytest

from announcements.public_network import PunctualStream


class Dripping(httpcore.NetworkStream):
    """A connection that remembers how long it was allowed to take."""

    def __init__(self) -> None:
        self.allowed: list[float | None] = []

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self.allowed.append(timeout)
        return b"."[:max_bytes]

    def close(self) -> None:
        self.allowed.clear()


def test_a_read_gets_no_more_time_than_is_left() -> None:
    dripping = Dripping()
    PunctualStream(dripping, deadline=monotonic() + 2).read(1, timeout=10)
    (allowed,) = dripping.allowed
    assert allowed is not None
    assert allowed <= 2


def test_nothing_is_read_when_time_is_over() -> None:
    dripping = Dripping()
    with pytest.raises(httpcore.TimeoutException):
        PunctualStream(dripping, deadline=monotonic()).read(1, timeout=10)
    assert dripping.allowed == []

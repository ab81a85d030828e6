"""Arrivals in an open loop: nobody waits for those before, and whoever begins late is counted."""

import time
from dataclasses import replace
from threading import Barrier, Event, get_ident

import pytest

from tests.load import crowd
from tests.load.arrivals import Life, planned
from tests.load.crowd import Crowd, arrive
from tests.load.merchants import Stopped


def silent(_: str) -> None:
    return None


def at_once(number: int) -> list[Life]:
    return [replace(life, at=0.0) for life in planned(1, number, seed=1)]


def test_all_that_there_is_room_for_are_under_way_together() -> None:
    together = Barrier(crowd.IN_FLIGHT)

    def live(_: Life, __: float) -> None:
        together.wait(timeout=10)

    arrived = arrive(at_once(crowd.IN_FLIGHT), live, Event(), silent)
    assert arrived.ended == crowd.IN_FLIGHT


def test_no_more_than_there_is_room_for_are_under_way() -> None:
    seen: set[int] = set()

    def live(_: Life, __: float) -> None:
        seen.add(get_ident())

    arrived = arrive(at_once(crowd.IN_FLIGHT * 3), live, Event(), silent)
    assert arrived.ended == crowd.IN_FLIGHT * 3
    assert len(seen) <= crowd.IN_FLIGHT


def test_whoever_begins_late_counts_from_when_they_were_planned() -> None:
    waited: list[float] = []

    def live(_: Life, planned_at: float) -> None:
        waited.append(time.monotonic() - planned_at)

    late = [replace(life, at=-5.0) for life in at_once(2)]
    arrived = arrive(late, live, Event(), silent)
    assert arrived.late == 2
    assert min(waited) >= 5.0


def test_lateness_is_what_is_beyond_a_moment() -> None:
    assert Crowd(lateness=[0.0, crowd.LATE_SECONDS, 2.0]).late == 1


def test_nobody_comes_any_more_once_it_is_over() -> None:
    over = Event()
    over.set()
    came: list[int] = []

    def live(life: Life, _: float) -> None:
        came.append(life.number)

    with pytest.raises(Stopped):
        arrive([replace(life, at=60.0) for life in at_once(3)], live, over, silent)
    assert came == []


def test_a_life_that_breaks_breaks_the_run() -> None:
    def live(_: Life, __: float) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        arrive(at_once(2), live, Event(), silent)

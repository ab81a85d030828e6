"""Callers that truly race: each has read before any of them writes."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from plumbing import wiring

T = TypeVar("T")
ONE_BY_ONE = threading.Lock()
PATIENCE = 10


def at_once(callers: int, operation: str, act: Callable[[int], T]) -> list[T]:
    """Let callers run together, holding each at its first write until all have come to it.

    DynamoDB does one write to an item after the other, and shows no half of a transaction; moto,
    left to itself, would mix them. So every call, a read too, has its turn.
    """
    gate = threading.Barrier(callers)
    passed = threading.local()
    service = operation.partition(".")[0]

    def hold(event_name: str, **_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        is_write = event_name == f"before-call.{operation}"
        if is_write and not getattr(passed, "yet", False):
            passed.yet = True
            gate.wait(PATIENCE)
        ONE_BY_ONE.acquire()

    def let_go(**_: Any) -> None:  # noqa: ANN401  # as above
        ONE_BY_ONE.release()

    events = wiring.dynamodb().meta.events
    hooks = (("before-call", hold), ("after-call", let_go), ("after-call-error", let_go))
    for moment, hook in hooks:
        events.register(f"{moment}.{service}", hook)
    try:
        with ThreadPoolExecutor(callers) as pool:
            return list(pool.map(act, range(callers)))
    finally:
        for moment, hook in hooks:
            events.unregister(f"{moment}.{service}", hook)

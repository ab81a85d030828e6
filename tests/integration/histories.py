"""Live payments to which something has happened, and of which nobody has read the stream yet."""

from typing import Any

import httpx

from tests.integration.gateway import Gateway


def paid(gateway: Gateway, **changes: Any) -> str:  # noqa: ANN401  # any field of an order
    """One that was paid, as its provider told us; its session."""
    session = gateway.opened(**changes)
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    return session


def declined(gateway: Gateway) -> str:
    """One that was declined on its merchant's own page, as its provider told us; its session."""
    session = gateway.opened()
    gateway.process(session)
    gateway.decline(gateway.attempt(session).ref)
    gateway.till.tick()
    return session


def lost(gateway: Gateway) -> tuple[str, str]:
    """One whose charge was never heard of again; its session and attempt."""
    session = gateway.opened()
    gateway.internet.failure = httpx.ReadTimeout("silence")
    gateway.process(session)
    gateway.internet.failure = None
    return session, gateway.attempt(session).ref

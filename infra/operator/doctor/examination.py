"""What the checks work with: a deployment, and what lies outside of it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from infra.operator.deployment import Deployment
from payments.clock import Clock
from plumbing.wiring import outside

# Shorter than the functions' own: a person is waiting.
TIMEOUT = httpx.Timeout(15.0, connect=5.0)


def say_nothing(_text: str) -> None:
    """Leave out what is only for those who watch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """One examination of one deployment."""

    deployment: Deployment
    http: httpx.Client
    clock: Clock
    sleep: Callable[[float], None] = time.sleep
    say: Callable[[str], None] = say_nothing
    """Tells whoever watches what is being waited for."""


def examination_of(deployment: Deployment, say: Callable[[str], None] = say_nothing) -> Examination:
    """An examination by this machine's clock and over the network, unless tests replaced them."""
    # As the functions go out: no proxy from the environment, no redirects.
    http = httpx.Client(
        transport=outside.transport, timeout=TIMEOUT, trust_env=False, follow_redirects=False
    )
    return Examination(deployment=deployment, http=http, clock=outside.clock, say=say)

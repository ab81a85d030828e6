"""Deployments side by side in one local AWS, each in a region of its own, and the real handlers.

Only one is entered at a time: what the functions are made of is built anew for it, while its
clients stay connected.
"""

import copy
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import boto3

from plumbing import provider_desk, wiring
from tests.benchmarks.growth.meter import Meter
from tests.integration.gateway import PREFIX, Gateway, receive
from tests.integration.internet import BASE_URL, BASE_URLS, Internet, MovedClock
from tests.integration.tables import make_tables

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SURROUNDINGS = {
    "PAYMENTS_TABLE": "Payments",
    "MERCHANTS_TABLE": "Merchants",
    "PARAMETER_PREFIX": PREFIX,
    "PUBLIC_BASE_URL": BASE_URL,
    **{f"{provider.upper()}_BASE_URL": address for provider, address in BASE_URLS.items()},
}


class Deployed:
    """One deployment: its tables, its merchant, its providers and its clock."""

    def __init__(self, endpoint: str, region: str) -> None:
        self.meter = Meter(endpoint, region)
        self._internet = Internet(MovedClock(), receive)
        self.bare: DynamoDBClient = self.meter.uncounted("dynamodb")
        """Of nobody's account."""
        make_tables(self.bare)
        self.enter()
        self.gateway = Gateway(self.bare, self._internet, [])

    def enter(self) -> None:
        """Have the functions run in this deployment, from now on."""
        boto3.DEFAULT_SESSION = self.meter
        wiring.outside.clock = self._internet.clock
        wiring.outside.transport = self._internet
        wiring.outside.aws = self.meter.client
        wiring.forget()
        provider_desk.forget()


@contextmanager
def surroundings() -> Iterator[None]:
    """What the functions read of their environment, for as long as the block runs."""
    kept = {name: os.environ.get(name) for name in SURROUNDINGS}
    outside, session = copy.copy(wiring.outside), boto3.DEFAULT_SESSION
    os.environ.update(SURROUNDINGS)
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
        boto3.DEFAULT_SESSION = session
        vars(wiring.outside).update(vars(outside))
        wiring.forget()
        provider_desk.forget()
        for name, value in kept.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value

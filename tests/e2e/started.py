"""Payments on their way to every ending, all started at once and then left to themselves."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.e2e.merchant import Merchant

# Which ending each number brings: infra/local/simulators/kpay.py and providers/sandbox.py.
NUMBERS = {
    "paid": ("live", "0788000001"),
    "paid, postback withheld": ("live", "0788000002"),
    "declined": ("live", "0788000003"),
    "no funds": ("live", "0788000004"),
    "reply lost": ("live", "0788000006"),
    "reply slow": ("live", "0788000007"),
    "reply an error": ("live", "0788000008"),
    "postback twice": ("live", "0788000009"),
    "refused": ("live", "0788000011"),
    "test paid": ("test", "0780000000"),
    "test declined": ("test", "0780000001"),
    "test found by polling": ("test", "0780000006"),
}


# As many workers of one function start for it, which is work for a small machine.
AT_ONCE = 4


@dataclass(frozen=True)
class Started:
    """A payment on its way, and the reply to `process`, which may take its time."""

    tx_ref: str
    session_id: str
    reply: Future[httpx.Response]


@contextmanager
def all_started(merchant: Merchant) -> Iterator[Mapping[str, Started]]:
    """Start a payment of each ending, and wait for none."""

    def start(mode: str, phone: str) -> Started:
        opened = merchant.open(mode)
        reply = pool.submit(merchant.process, opened["session_id"], phone)
        return Started(opened["reference"], opened["session_id"], reply)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield {name: start(mode, phone) for name, (mode, phone) in NUMBERS.items()}

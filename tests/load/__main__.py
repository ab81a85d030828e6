"""`make load`: payments at a steady rate on a local stack of its own, then every ledger compared.

RATE (payments a second), SECONDS and SEED choose the run; the same seed brings the same lives.
ISHYURA_STACK names the stack.json of a stack that runs already.

The local AWS runs every concurrent invocation in a process of its own, beside the simulators and
this program. A payment is half a dozen invocations and more, so two cores bear about two a second;
a higher rate measures the machine: lives begin late and functions run into their time-out.

Exit code: 0 when all ledgers agree, 1 when they do not or no stack could be had, 130 after Ctrl-C.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

import httpx

from infra.local.demo.ticker import Ticker
from infra.local.interruption import Interrupted, interruptible
from infra.local.refusals import LocalStackRefused
from infra.local.stack_file import StackFile
from tests.e2e.a_stack import a_stack
from tests.load.arrivals import one_of_each, planned
from tests.load.crowd import Crowd, arrive
from tests.load.evidence import Evidence
from tests.load.merchants import Clock, Merchants, merchants_of
from tests.load.receiver import listening
from tests.load.report import HEARD, counts, latencies, seconds_until_heard, verdict
from tests.load.verdict import discrepancies
from tests.load.witnesses import evidence_of, witnesses

STOPPED = 130  # a shell's code for a program that Ctrl-C ended
PATIENCE = httpx.Timeout(60, pool=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """One run: payments a second, for so many seconds, drawn from a seed."""

    rate: float
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run found out."""

    crowd: Crowd
    clock: Clock
    evidence: Evidence
    retries: int
    """How often a merchant asked again, since no answer came."""
    seconds: float
    """From the first arrival to the last one's end."""
    seconds_to_quiet: float


def chosen(arguments: Sequence[str] | None = None) -> Chosen:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="make load", description=__doc__)
    parser.add_argument("--rate", type=float, default=2.0)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if given.rate <= 0 or given.rate * given.seconds < 1:
        parser.error("RATE x SECONDS must make at least one payment")
    return Chosen(rate=given.rate, seconds=given.seconds, seed=given.seed)


def run(stack: StackFile, wanted: Chosen, ticker: Ticker) -> Ran:
    """Live every life, wait until all is quiet, and gather the evidence."""
    over, clock = Event(), Clock()
    lives = planned(wanted.rate, wanted.seconds, wanted.seed)
    secrets = {name: told["webhook_secret"] for name, told in merchants_of(stack).items()}
    with (
        httpx.Client(trust_env=False, follow_redirects=True, timeout=PATIENCE) as http,
        listening(secrets) as receiver,
        witnesses(stack, http) as books,
    ):
        books.quicken()
        merchants = Merchants(
            stack=stack,
            http=http,
            receiver_url=receiver.url,
            run=f"LOAD-{int(time.time())}",
            clock=Clock(),
            over=over,
        )
        ticker.tell("starting what is not running yet")
        arrive(one_of_each(len(lives)), merchants.live, over, ticker.show)
        timed = replace(merchants, clock=clock)
        ticker.tell(f"{len(lives)} payments, {wanted.rate:g} a second, seed {wanted.seed}")
        crowd = arrive(lives, timed.live, over, ticker.show)
        ended = time.monotonic()
        read = books.wait_for_quiet(over, ticker.show)
        ticker.clear()
        evidence = evidence_of(read, merchants.orders, receiver.messages, merchants.troubles)
    return Ran(
        crowd=crowd,
        clock=clock,
        evidence=evidence,
        retries=len(merchants.retried),
        seconds=ended - crowd.began,
        seconds_to_quiet=time.monotonic() - ended,
    )


def as_text(wanted: Chosen, ran: Ran, found: Sequence[str]) -> str:
    """Everything that a person is told."""
    lived = len(ran.crowd.lateness)
    timed = ran.clock.taken | {HEARD: seconds_until_heard(ran.evidence)}
    head = (
        f"{lived} payments planned at {wanted.rate:g} a second, lived in {ran.seconds:.0f} s"
        f" ({lived / ran.seconds:.2f} a second), quiet {ran.seconds_to_quiet:.0f} s later;"
        f" seed {wanted.seed}"
    )
    return "\n".join(
        [
            head,
            "",
            *counts(ran.evidence, ran.crowd, ran.retries),
            "",
            *latencies(timed),
            "",
            *verdict(found),
        ]
    )


def main() -> int:
    """Run, and say what came of it."""
    wanted = chosen()
    try:
        with (
            interruptible(),
            tempfile.TemporaryDirectory(prefix="ishyura-load-") as folder,
            a_stack(Path(folder)) as stack,
        ):
            ran = run(stack, wanted, Ticker())
            found = discrepancies(ran.evidence)
            # Before the stack is taken down, which takes a while after so many functions' workers.
            sys.stdout.write(f"{as_text(wanted, ran, found)}\n")
            sys.stdout.flush()
    except Interrupted:
        sys.stderr.write("\nStopped.\n")
        return STOPPED
    except LocalStackRefused as refused:
        sys.stderr.write(f"\n{refused}\n")
        return 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

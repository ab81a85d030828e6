"""How soon everybody knows, in words. Pure."""

import statistics
from collections.abc import Iterator, Sequence

from tests.benchmarks.latency.measured import Settling, Waited
from tests.benchmarks.report import Section, Table
from tests.load.report import quantile

HEAD = ("seconds", "payments", "p50", "p99", "most", "quarters")
HOW = (
    "The local stack: every function in worker processes of its own, roles enforced, streams and"
    " state machines included. The simulators, the merchant's endpoint and the clock are of one"
    " process. {made} payments at {rate:g} a second, each provider in its turn. It says how long"
    " our steps take one after the other on this machine, and nothing of AWS's own pace."
)
ABOUT_SILENCE = (
    "Without webhooks the customer approves two seconds after the prompt, and the gateway asks"
    " for the first time 15 s after it; `verify` is asked every half second, and what it adds is"
    " counted in."
)


def section(settling: Settling) -> Section:
    """One table for each of the two ways to learn of a payment."""
    return Section(
        title="Settle latency",
        lines=(HOW.format(made=settling.made, rate=settling.rate), ABOUT_SILENCE),
        tables=(
            table("provider's webhook sent, ours received", settling.told),
            table("approved, no webhook, `verify` says so", settling.found_out),
        ),
        misses=tuple(misses(settling)),
    )


def table(title: str, waited: Sequence[Waited]) -> Table:
    """Of all payments, and of each provider's."""
    providers = sorted({one.provider for one in waited})
    groups = {name: [w.seconds for w in waited if w.provider == name] for name in providers}
    every = {title: [one.seconds for one in waited]} if waited else {}
    return Table(HEAD, tuple(row(name, seconds) for name, seconds in (every | groups).items()))


def row(name: str, seconds: Sequence[float]) -> tuple[str, ...]:
    """One line of figures."""
    if len(seconds) > 1:
        first, _, third = statistics.quantiles(seconds, n=4, method="inclusive")
    else:
        first = third = seconds[0]
    return (
        name,
        f"{len(seconds)}",
        f"{quantile(seconds, 0.5):.2f}",
        f"{quantile(seconds, 0.99):.2f}",
        f"{max(seconds):.2f}",
        f"{first:.2f} to {third:.2f}",
    )


def misses(settling: Settling) -> Iterator[str]:
    """Payments that nobody learned of, and what else went wrong."""
    untold = settling.made - len(settling.told)
    unknown = settling.made_silently - len(settling.found_out)
    if untold:
        yield f"{untold} of {settling.made} payments never came to their merchant."
    if unknown:
        yield f"{unknown} of {settling.made_silently} silent payments were never known as paid."
    yield from settling.troubles

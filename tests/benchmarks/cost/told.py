"""How the costs are told: tables, misses, and the chart for the README. Pure."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from tests.benchmarks.charts import Chart, Group, bars
from tests.benchmarks.cost.bill import Costs, Priced
from tests.benchmarks.cost.outcomes import SETTLED
from tests.benchmarks.cost.usage import MEGABYTES_OF_A_VCPU
from tests.benchmarks.report import Section, Table

SAME_IN_BOTH = "API Gateway"
MOST_DOLLARS = 120.0
MOST_SHARE = 0.25
"""Of the usual design; both for what is settled by webhook (the targets of the benchmark)."""

HOW = (
    "Each ending is played in the simulation, with nothing else going wrong, from the opening to "
    "the merchant's answer and the sweep's last look: the real handlers, the state machines that "
    "deploy, K-Pay as the provider, an Idempotency-Key on the order, the hosted page looking as "
    "often as its script does, the customer's PIN ten seconds after the prompt, one "
    "`verify` with keys when the customer is back. Every request, invocation, AWS call, capacity "
    "unit, state entered, line logged and byte answered is counted."
)
ASSUMED = (
    "Assumed and not measured: a call to AWS takes {aws:g} ms, a provider answers in "
    "{provider:g} s and a merchant in {merchant:g} s, which Lambda bills as waiting; {payments:,} "
    "payments come in a month, evenly. X-Ray's sampling of Lambda cannot be set (the first call in "
    "a second of each function, and a twentieth of the rest), so that at this pace it records most "
    "of what is traced. Functions' own time is from {source}, stretched to the share of a "
    "processor that their memory buys ({share:.0%}). A state that is entered is a transition."
)
LEFT_OUT = (
    "Prices: {region}, read on {read_on} (`tests/benchmarks/cost/prices.json` names each source); "
    "no free tier. Left out, in both designs: what costs by the month whatever happens (alarms, "
    "dashboard, metrics, the alarms' key, the sweep's own runs, a NAT gateway), storage "
    "(a payment keeps {kept:,} bytes in the table), headers and TLS on the way out, cold starts, "
    "reading logs and traces. Reading the table's stream is free for Lambda."
)
USUAL = (
    "The usual design (`tests/benchmarks/cost/usual_design.py`) is a model, counted by its steps "
    "on the same prices and assumptions: Wait 3 s, ask, choose, again; Powertools' idempotency "
    "around each write; webhooks to merchants through SQS. Where it has a choice it gets the "
    "cheaper one: its authorizer is always cached and costs nothing, its reads are eventually "
    "consistent, its items are a kilobyte, its functions as quick as ours."
)


def section(result: Costs) -> Section:
    """The part of the report."""
    assumed, settings = result.assumed, result.settings
    return Section(
        title="Cost of a million payments",
        lines=(
            HOW,
            ASSUMED.format(
                aws=assumed.aws_call * 1000,
                provider=assumed.provider,
                merchant=assumed.merchant,
                payments=assumed.payments_a_month,
                source=result.own_time_is_from,
                share=settings.gigabytes("Pay") * 1024 / MEGABYTES_OF_A_VCPU,
            ),
            USUAL,
            LEFT_OUT.format(
                region=result.prices.region,
                read_on=result.prices.read_on,
                kept=result.kept_bytes,
            ),
            *notes(result),
        ),
        tables=(
            totals(result),
            by_line(result, "ours, by line", lambda one: one.ours),
            by_line(result, "the usual design, by line", lambda one: one.usual),
            used(result),
            under_conditions(result),
            own_times(result),
        ),
        misses=tuple(misses(result)),
    )


def totals(result: Costs) -> Table:
    """Both designs' bills."""
    return Table(
        head=("$ per million payments", "ours", "usual design", "ours / usual"),
        rows=tuple(
            (one.outcome, f"{one.total:.0f}", f"{one.usual_total:.0f}", f"{one.share:.2f}")
            for one in result.outcomes
        ),
    )


def by_line(result: Costs, title: str, bill: Callable[[Priced], Mapping[str, float]]) -> Table:
    """What a bill is made of."""
    lines = [
        line for line in result.prices.lines if any(bill(one).get(line) for one in result.outcomes)
    ]
    return Table(
        head=(title, *lines),
        rows=tuple(
            (one.outcome, *(f"{bill(one).get(line, 0.0):.1f}" for line in lines))
            for one in result.outcomes
        ),
    )


UNITS = {
    "api_request": "API requests",
    "lambda_request": "invocations",
    "transition": "transitions",
    "write_unit": "WRU",
    "read_unit": "RRU",
}


def used(result: Costs) -> Table:
    """What one payment uses, in both designs."""
    return Table(
        head=("one payment uses (ours / usual)", *UNITS.values()),
        rows=tuple(
            (
                one.outcome,
                *(
                    f"{one.ours_used.get(unit, 0):g} / {one.usual_used.get(unit, 0):g}"
                    for unit in UNITS
                ),
            )
            for one in result.outcomes
        ),
    )


def under_conditions(result: Costs) -> Table:
    """What is settled by webhook, when something is otherwise."""
    rows = [
        (name, f"{ours:.0f}", f"{usual:.0f}", f"{ours / usual:.2f}")
        for name, (ours, usual) in result.otherwise.items()
    ]
    rows += [(f"by {name}", f"{ours:.0f}", "", "") for name, ours in result.by_provider.items()]
    return Table(
        head=(f"{SETTLED.name}, if …", "ours", "usual design", "ours / usual"), rows=tuple(rows)
    )


def own_times(result: Costs) -> Table:
    """The functions' own time, as it was measured here."""
    return Table(
        head=("function's own time, here", "calls", "median ms", "quarter to three quarters"),
        rows=tuple(own_time(name, times) for name, times in sorted(result.own_seconds.items())),
    )


def own_time(name: str, times: Sequence[float]) -> tuple[str, ...]:
    """One function's."""
    low, _, high = statistics.quantiles(times, n=4) if len(times) > 1 else (times[0],) * 3
    return (
        name,
        str(len(times)),
        f"{statistics.median(times) * 1000:.2f}",
        f"{low * 1000:.2f} to {high * 1000:.2f}",
    )


def notes(result: Costs) -> Iterable[str]:
    """What the totals do not show by themselves."""
    dearer = [one for one in result.outcomes if one.total > one.usual_total]
    if dearer:
        told = " and ".join(f"“{one.outcome}”" for one in dearer)
        yield (
            f"Ours is the dearer one for {told}: an expiry is told by a machine of its own, and a "
            "machine takes two transitions for each further try, where a queue takes two requests."
        )


def misses(result: Costs) -> Iterable[str]:
    """The targets that are missed."""
    settled = result.outcome(SETTLED.name)
    dearest = sorted(settled.ours.items(), key=lambda line: -line[1])
    made_of = ", ".join(f"{line} ${dollars:.0f}" for line, dollars in dearest if dollars >= 1)
    if settled.total > MOST_DOLLARS:
        yield (
            f"{SETTLED.name} costs ${settled.total:.0f} per million, where ${MOST_DOLLARS:.0f} are "
            f"aimed at: {made_of}."
        )
    if settled.share > MOST_SHARE:
        alike = settled.ours[SAME_IN_BOTH]
        rest = (settled.total - alike) / (settled.usual_total - alike)
        yield (
            f"{SETTLED.name} costs {settled.share:.2f} of the usual design, where {MOST_SHARE:g} "
            f"is aimed at: {SAME_IN_BOTH}'s ${alike:.0f} are the same in both, and of the rest it "
            f"is {rest:.2f}."
        )


def drawing(result: Costs) -> str:
    """The chart of cost by outcome, as SVG."""
    return bars(
        Chart(
            title="Cost of a million payments, by how they end",
            unit="US dollars",
            series=("Ishyura", "usual design"),
            groups=tuple(
                Group(one.outcome, (one.total, one.usual_total)) for one in result.outcomes
            ),
            shown="${:,.0f}",
        )
    )

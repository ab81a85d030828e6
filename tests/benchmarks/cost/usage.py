"""What a payment uses of everything that AWS puts on a bill: ours as it was counted, any by rules.

Both designs are counted by the same rules: each piece of work is what one call of a function did.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from typing import TYPE_CHECKING

from tests.benchmarks.meter import OF_A_RUN

if TYPE_CHECKING:
    from tests.benchmarks.cost.deployed_settings import DeployedSettings
    from tests.benchmarks.meter import Invocation
    from tests.benchmarks.quiet_world import Played

GIGABYTE = 1e9
MEGABYTES_OF_A_VCPU = 1769
"""Lambda gives so much memory a whole vCPU, and less its share (Lambda's developer guide)."""
SECONDS_OF_A_MONTH = 30 * 86_400.0
RESERVOIR, RATE = 1.0, 0.05
"""Lambda's sampling cannot be set: the first call of each second, and a twentieth of the rest."""


@dataclass(frozen=True)
class Assumed:
    """What nobody can measure without an account and a provider's contract: said, not measured."""

    aws_call: float = 0.005
    """Seconds that a call to AWS takes: DynamoDB answers within single-digit milliseconds."""
    provider: float = 1.0
    """Seconds that a provider takes to answer."""
    merchant: float = 0.3
    """Seconds that a merchant's endpoint takes to answer."""
    payments_a_month: int = 1_000_000
    """Spread evenly; X-Ray samples by the second."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What one call of a function did."""

    function: str
    own_seconds: float
    """In its own code, on a whole vCPU."""
    route: str = ""
    """Of a request through API Gateway; empty for any other call."""
    aws_calls: int = 0
    reads: float = 0.0
    writes: float = 0.0
    providers: int = 0
    merchants: int = 0
    secrets: int = 0
    """SecureStrings read."""
    logged: int = 0
    answered: int = 0
    begins_a_trace: bool = True
    """Called by a machine, it is part of the machine's."""


@dataclass(frozen=True, kw_only=True)
class Story:
    """All that happened for one payment."""

    works: tuple[Work, ...]
    transitions: Mapping[str, int] = field(default_factory=dict)
    """By machine."""
    executions: Mapping[str, int] = field(default_factory=dict)
    reads: float = 0.0
    writes: float = 0.0
    """By the machines themselves."""
    messages: int = 0
    """Requests to a queue."""


def story_of(played: "Played", own_seconds: Mapping[str, float]) -> Story:
    """What was counted of a payment that was played; `own_seconds` are the functions' usual ones.

    A run of the sweep is for all payments: only its looks are this one's.
    """
    of_machines = [call.units for call in played.by_machines]
    return Story(
        works=tuple(work_of(run, own_seconds[run.function]) for run in played.invocations),
        transitions=dict(played.transitions),
        executions=dict(played.executions),
        reads=sum(units.reads for units in of_machines),
        writes=sum(units.writes for units in of_machines),
    )


def work_of(run: "Invocation", own_seconds: float) -> Work:
    """One call of a function, as it was counted."""
    is_sweep = run.function == "Sweep"
    calls = [call for call in run.calls if call.index not in OF_A_RUN]
    merchants = run.others.get("merchant", 0)
    return Work(
        function=run.function,
        own_seconds=own_seconds,
        route=run.route,
        aws_calls=len(calls),
        reads=sum(call.units.reads for call in calls),
        writes=sum(call.units.writes for call in calls),
        providers=run.others.total() - merchants,
        merchants=merchants,
        secrets=run.operations["ssm.GetParameter"],
        logged=0 if is_sweep else run.logged,
        answered=run.answered,
        begins_a_trace=run.function not in {"Sweep", "Deliver", "AskProvider"},
    )


# -------------------------------------------------------------------- what is paid for
def usage_of(story: Story, settings: "DeployedSettings", assumed: Assumed) -> dict[str, float]:
    """Units of every priced thing that a story uses."""
    used: defaultdict[str, float] = defaultdict(float)
    for work in story.works:
        for unit, amount in used_by(work, settings, assumed).items():
            used[unit] += amount
    used["transition"] += sum(story.transitions.values())
    used["read_unit"] += story.reads
    used["write_unit"] += story.writes
    used["sqs_request"] += story.messages
    used["trace"] += traces(story, settings, assumed)
    return {unit: amount for unit, amount in used.items() if amount}


def used_by(work: Work, settings: "DeployedSettings", assumed: Assumed) -> dict[str, float]:
    """Units that one call of a function uses."""
    gigabytes = settings.gigabytes(work.function)
    access = settings.access_line(work.route) if work.route else 0
    return {
        "api_request": 1 if work.route else 0,
        "lambda_request": 0 if work.function == "Sweep" else 1,
        f"lambda_gb_second_{settings.architecture}": gigabytes
        * seconds_of(work, gigabytes, assumed),
        "read_unit": work.reads,
        "write_unit": work.writes,
        "kms_request": work.secrets,
        "log_gb": (work.logged + access) / GIGABYTE,
        "out_gb": work.answered / GIGABYTE,
    }


def seconds_of(work: Work, gigabytes: float, assumed: Assumed) -> float:
    """The seconds that Lambda bills: its own with the memory's share of a vCPU, and all waiting."""
    share = min(1.0, gigabytes * 1024 / MEGABYTES_OF_A_VCPU)
    waiting = (
        work.aws_calls * assumed.aws_call
        + work.providers * assumed.provider
        + work.merchants * assumed.merchant
    )
    return work.own_seconds / share + waiting


def traces(story: Story, settings: "DeployedSettings", assumed: Assumed) -> float:
    """Traces that X-Ray records of one payment, when so many come in a month."""
    begun: Counter[str] = Counter()
    begun.update(
        work.function
        for work in story.works
        if work.begins_a_trace and settings.is_traced(work.function)
    )
    begun.update(
        {
            machine: runs
            for machine, runs in story.executions.items()
            if settings.is_machine_traced(machine)
        }
    )
    a_second = assumed.payments_a_month / SECONDS_OF_A_MONTH
    return sum(times * share_traced(times * a_second) for times in begun.values())


def share_traced(a_second: float) -> float:
    """The share of calls that are sampled, when they come at random, so many a second on average.

    In a second with any, the first is; of the others one in twenty.
    """
    first = (1 - exp(-a_second * RESERVOIR)) / (a_second * RESERVOIR)
    return first + (1 - first) * RATE

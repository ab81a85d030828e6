"""AWS calls and capacity of each operation, counted at the client while payments are played.

`measure` plays a few payments in the simulation, with functions that are warm, and takes from each
what one operation of it called. The numbers are the same every time; tests/integration/capacity
asserts them.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.benchmarks.capacity import NOTHING, Units
from tests.benchmarks.meter import OF_A_RUN, Call, Invocation
from tests.benchmarks.quiet_world import Play, Played, played
from tests.benchmarks.report import Section, Table
from tests.simulation.world import deployed

if TYPE_CHECKING:
    from tests.benchmarks.report import Progress
    from tests.simulation.world import Deployment

TARGETS = {
    "initialize": 2,
    "verify by session id": 1,
    "verify with keys": 2,
    "webhook that settles, unsigned (K-Pay)": 2,
    "webhook that settles, signed (V-Pay)": 2,
}
"""AWS calls (DESIGN.md, "Numbers to keep in sight")."""

HOW = (
    "Counted at the client, each call as the SDK sent it, while whole payments are played in the "
    "simulation: the real handlers and state machines, functions warm, nothing going wrong. The "
    "same numbers every time; `tests/integration/capacity` asserts them."
)
SIZES = (
    "Capacity (RRU and WRU, read and write request units) is worked out from the items before and "
    "after each call, by the rules of DynamoDB's developer guide (`tests/benchmarks/capacity.py`): "
    "moto answers half a unit to everything, and the local stack reads of any size for one price. "
    "For writes the local stack's own rules come to the same, and a test holds both against each "
    "other. The order is seed 000's example: a paid payment's item has {payment:,} bytes, its "
    "event {event:,}. While a watch sleeps its task token is counted at AWS's own length."
)


@dataclass(frozen=True)
class Operation:
    """One thing that is done, with every call to AWS that it takes."""

    name: str
    calls: tuple[Call, ...]
    asks: tuple[tuple[str, int], ...] = ()
    """Requests to others, by whom: a provider, the merchant."""

    @property
    def kinds(self) -> Counter[str]:
        """How many calls of each kind."""
        return Counter(call.operation for call in self.calls)

    @property
    def units(self) -> Units:
        """What they take of the tables."""
        return sum((call.units for call in self.calls), NOTHING)


@dataclass(frozen=True)
class Counted:
    """Every operation, and the sizes that the units follow from."""

    operations: tuple[Operation, ...]
    run_of_the_sweep: Operation
    """What a sweep takes beside its looks, however many there are."""
    payment_bytes: int
    event_bytes: int

    def operation(self, name: str) -> Operation:
        """One of them."""
        return next(found for found in self.operations if found.name == name)


def measure(say: "Progress") -> Counted:
    """Play what it takes, and count."""
    with deployed() as deployment:
        return counted(deployment, say)


def counted(deployment: "Deployment", say: "Progress") -> Counted:
    """The operations of a deployment."""

    def play(what: str, play: Play) -> Played:
        say(f"calls: {what}")
        return played(deployment, play)

    paid = play("paid on the page", Play(asks_by_session=True))
    without_key = play("without an Idempotency-Key", Play(has_key=False))
    own_page = play("paid on the shop's own page", Play(way="process"))
    twice = play("a webhook that comes twice", Play(fault="twice"))
    signed = play("a signed webhook, twice", Play(provider="vpay", fault="twice"))
    silent = play("silent, paid after 25 s", Play(fault="no_postback", after=25.0))
    abandoned = play("abandoned", Play(pays=False))
    with_keys, by_session = paid.of("Verify")
    unsigned_once, unsigned_again = twice.of("KpayWebhook")
    signed_once, signed_again = signed.of("VpayWebhook")
    begun, settled = paid.of("Announce")
    pending, answered = silent.of("AskProvider")
    expiry, look_after_expiry = abandoned.of("Sweep")
    return Counted(
        operations=(
            of("initialize", paid.first("Initialize")),
            of("initialize without Idempotency-Key", without_key.first("Initialize")),
            of("verify by session id", by_session),
            of("verify with keys", with_keys),
            of("the page", paid.first("Page")),
            of("pay (the page's form)", paid.first("Pay")),
            of("process (the shop's own page)", own_page.first("Process")),
            of("webhook that settles, unsigned (K-Pay)", unsigned_once),
            of("webhook that settles, signed (V-Pay)", signed_once),
            of("webhook that repeats, unsigned", unsigned_again),
            of("webhook that repeats, signed", signed_again),
            of("announce of an attempt", begun),
            of("announce of a settlement", settled),
            of("deliver, taken at once", paid.first("Deliver")),
            of("ask_provider, no answer yet", pending),
            of("ask_provider that settles", answered),
            look("sweep: its look at a settled payment", paid.first("Sweep")),
            look("sweep: an expiry", expiry),
            look("sweep: its look after an expiry", look_after_expiry),
            Operation("watch falls asleep (the machine itself)", paid.by_machines),
        ),
        run_of_the_sweep=the_run(paid.first("Sweep")),
        payment_bytes=paid.kept["PAYMENT"],
        event_bytes=paid.kept["EVENT"],
    )


def of(name: str, run: Invocation) -> Operation:
    """What a function did, as an operation."""
    return Operation(name, tuple(run.calls), tuple(sorted(run.others.items())))


def look(name: str, run: Invocation) -> Operation:
    """A sweep's look at the one payment that was due, without what every run asks."""
    calls = tuple(call for call in run.calls if call.index not in OF_A_RUN)
    return Operation(name, calls, tuple(sorted(run.others.items())))


def the_run(run: Invocation) -> Operation:
    """What every run asks; the simulation's index has one shard where the real one has eight."""
    return Operation("a run", tuple(call for call in run.calls if call.index in OF_A_RUN))


# -------------------------------------------------------------------- what is said of it
def section(result: Counted) -> Section:
    """The part of the report."""
    return Section(
        title="AWS calls and DynamoDB capacity per operation",
        lines=(HOW, SIZES.format(payment=result.payment_bytes, event=result.event_bytes)),
        tables=(
            Table(
                head=("operation", "AWS calls", "of which", "asks others", "RRU", "WRU"),
                rows=tuple(map(row, result.operations)),
            ),
        ),
        misses=tuple(misses(result)),
    )


def row(operation: Operation) -> tuple[str, ...]:
    """An operation as it is printed."""
    units, target = operation.units, TARGETS.get(operation.name)
    aim = f" (aim {target})" if target else ""
    return (
        operation.name,
        f"{len(operation.calls)}{aim}",
        ", ".join(kinds(operation)) or "none",
        ", ".join(who if times == 1 else f"{who} {times}" for who, times in operation.asks),
        f"{units.reads:g}",
        f"{units.writes:g}{shares(units)}",
    )


def kinds(operation: Operation) -> Iterable[str]:
    """The calls by kind."""
    for kind, times in operation.kinds.items():
        name = kind.replace("dynamodb.", "").replace("sfn.", "").replace("ssm.", "")
        yield name if times == 1 else f"{times} {name}"


def shares(units: Units) -> str:
    """How much of the writes is the indexes'."""
    of_indexes = sum(units.by_index.values())
    return f" ({of_indexes:g} in indexes)" if of_indexes else ""


def misses(result: Counted) -> Iterable[str]:
    """The targets that are missed."""
    for name, target in TARGETS.items():
        calls = len(result.operation(name).calls)
        if calls > target:
            yield f"{name} makes {calls} AWS calls, where {target} are aimed at."

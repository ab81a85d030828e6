"""Everything that a payment costs, counted while it is played in the simulation.

The functions are the real ones, and each call is counted as the SDK sends it; the machines are the
files that deploy. Nothing of this is in the functions: the meter sits on the line between them and
AWS, and on the line between Lambda and its functions (tests/simulation).
"""

import gzip
import io
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from greenlet import getcurrent
from moto.dynamodb.models.dynamo_type import DynamoType

from plumbing.observability import logger
from tests.benchmarks.capacity import (
    NOTHING,
    Item,
    Table,
    Units,
    reading,
    size_of,
    table_of,
    writing,
)
from tests.integration.tables import RESOURCES
from tests.simulation.sandboxes import forget_what_the_sandbox_knew

if TYPE_CHECKING:
    from collections.abc import Iterator

    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

    from tests.integration.rest_events import Handler
    from tests.simulation.conduct import Letter
    from tests.simulation.faults import Fate
    from tests.simulation.world import World

T = TypeVar("T")

TABLES = {name: table_of(name, RESOURCES[name]["Properties"]) for name in ("Payments", "Merchants")}
SERVICES = ("dynamodb", "ssm", "stepfunctions")
MACHINES = "(machine)"
"""Who makes the calls that no function makes."""
TOKEN_CHARACTERS = 712
"""Of a task token of Step Functions, as one stands in a public repository."""
COMPRESSED_FROM: int = RESOURCES["Api"]["Properties"]["MinimumCompressionSize"]
OF_A_RUN = frozenset({"by_check", "by_unresolved"})
"""The indexes that a run of the sweep asks once, for however many payments there are."""


@dataclass(frozen=True)
class Call:
    """One call to AWS, as it went over the line."""

    operation: str
    """dynamodb.GetItem"""
    units: Units
    index: str | None = None
    is_refused: bool = False
    """Its condition did not hold."""


@dataclass
class Invocation:
    """A function that was called once."""

    function: str
    at: float
    """Virtual seconds."""
    is_request: bool
    """Whether API Gateway called it."""
    route: str = ""
    calls: list[Call] = field(default_factory=list)
    others: Counter[str] = field(default_factory=Counter)
    """Requests to providers and merchants, by whom."""
    own_seconds: float = 0.0
    """In its own code and the SDK's, not waiting for anybody."""
    lines: int = 0
    logged: int = 0
    """Bytes."""
    answered: int = 0
    """Bytes of the body that leaves the gateway, compressed as it would be."""

    @property
    def units(self) -> Units:
        """What its calls took of the tables."""
        return sum((call.units for call in self.calls), NOTHING)

    @property
    def operations(self) -> Counter[str]:
        """Its calls, by operation."""
        return Counter(call.operation for call in self.calls)


class Meter:
    """Counts, from the moment that it is told to."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self._sandboxes = world.sandboxes
        self._invoke, self._line = world.sandboxes.invoke, world.sandboxes.line
        self._running: dict[int, list[Invocation]] = {}
        self._sent: dict[int, AWSPreparedRequest] = {}
        self._resumed: dict[int, float] = {}
        self.invocations: list[Invocation] = []
        self.by_machines: list[Call] = []
        self.starts_cold = False
        """Whether every function has forgotten everything each time that it is called."""
        # Where the world's own parts look for them.
        vars(world.sandboxes).update(invoke=self.invoke, line=self.line)
        for events in self._clients():
            events.register_first("before-send", self._note)

    def take_off(self) -> None:
        """Count no more: the clients outlive the world."""
        for events in self._clients():
            events.unregister("before-send", self._note)

    def _clients(self) -> "Iterator[Any]":
        for service in SERVICES:
            client: Any = self._world.deployment.aws.client(service)
            yield client.meta.events

    def begin(self) -> None:
        """Forget what was counted."""
        self.invocations.clear()
        self.by_machines.clear()
        self._world.machines.executions.clear()

    @property
    def transitions(self) -> Counter[str]:
        """States entered, by machine."""
        found: Counter[str] = Counter()
        for run in self._world.machines.executions.values():
            found[run.machine] += len(run.entered)
        return found

    @property
    def executions(self) -> Counter[str]:
        """Runs begun, by machine."""
        return Counter(machine for machine, _ in self._world.machines.executions)

    # ------------------------------------------------------------ Lambda
    def invoke(
        self,
        function: str,
        handler: "Handler",
        event: Mapping[str, Any],
        seconds: float,
        letter: "Letter | None" = None,
    ) -> Any:  # noqa: ANN401  # whatever the function answers
        """Call a function, and count it. Raises what the call raises."""
        if self.starts_cold:
            forget_what_the_sandbox_knew()
        run = Invocation(
            function,
            self._world.scheduler.seconds,
            is_request="httpMethod" in event,
            route=event.get("resource", ""),
        )
        self.invocations.append(run)
        running = self._running.setdefault(id(getcurrent()), [])
        running.append(run)
        self._resume()
        try:
            answer = self._invoke(function, handler, event, seconds, letter)
        finally:
            self._pause()
            running.pop()
        if run.is_request:
            run.answered = on_the_wire(answer)
        return answer

    @property
    def _current(self) -> Invocation | None:
        running = self._running.get(id(getcurrent()))
        return running[-1] if running else None

    def _resume(self) -> None:
        self._resumed[id(getcurrent())] = time.perf_counter()

    def _pause(self) -> None:
        run, since = self._current, self._resumed.pop(id(getcurrent()), None)
        if run and since is not None:
            run.own_seconds += time.perf_counter() - since

    # ------------------------------------------------------------ the lines
    def line(self, what: str, act: Callable[[], T], trouble: "Callable[[Fate], T]") -> T:
        """One I/O, which is counted when it happens; the function's own time stands still."""
        self._pause()
        run = self._current
        sent = self._sent.pop(id(getcurrent()), None)
        if sent is None:
            if run:
                run.others[what] += 1
            answer = self._line(what, act, trouble)
        else:
            calls = run.calls if run else self.by_machines
            answer = self._line(what, lambda: self._counted(what, sent, act, calls), trouble)
        self._resume()
        return answer

    def _note(self, request: "AWSPreparedRequest", **_: object) -> None:
        """The SDK is about to send this; the line comes next."""
        self._sent[id(getcurrent())] = request

    def _counted(
        self, what: str, sent: "AWSPreparedRequest", act: Callable[[], T], calls: list[Call]
    ) -> T:
        if not what.startswith("dynamodb."):
            calls.append(Call(what, NOTHING))
            return act()
        body: Any = sent.body
        asked: dict[str, Any] = json.loads(body)
        before = {place: self._item(*place) for place in places(what, asked)}
        answer = act()
        after = {place: self._item(*place) for place in before}
        calls.append(self._call(what, asked, answer, [(before[p], after[p], p[0]) for p in before]))
        return answer

    def _call(
        self,
        what: str,
        asked: Mapping[str, Any],
        answer: Any,  # noqa: ANN401  # the SDK's answer, as the line has it
        changed: list[tuple[Item | None, Item | None, str]],
    ) -> Call:
        said: AWSResponse = answer
        is_refused = said.status_code != HTTPStatus.OK
        index = asked.get("IndexName")
        if what == "dynamodb.Query":
            found = json.loads(said.content)["Items"]
            return Call(what, self._queried(asked, found), index)
        if what == "dynamodb.GetItem":
            ((item, _, _),) = changed
            is_consistent = asked.get("ConsistentRead", False)
            return Call(what, reading([size_of(item or {})], is_consistent=is_consistent))
        is_in_transaction = what == "dynamodb.TransactWriteItems"
        units = sum(
            (
                writing(TABLES[table], before, after, is_in_transaction=is_in_transaction)
                for before, after, table in changed
            ),
            NOTHING,
        )
        return Call(what, units, is_refused=is_refused)

    def _queried(self, asked: Mapping[str, Any], found: list[Item]) -> Units:
        table: Table = TABLES[asked["TableName"]]
        index = table.index(asked["IndexName"]) if "IndexName" in asked else None
        items = [table.entry(index, item) if index else item for item in found]
        sizes = [size_of(item) for item in items if item is not None]
        return reading(sizes, is_consistent=asked.get("ConsistentRead", False))

    def _item(self, table: str, pk: str, sk: str) -> Item | None:
        """An item as moto keeps it: read without a call."""
        held = self._world.deployment.table(table).items
        found = held.get(DynamoType({"S": pk}), {}).get(DynamoType({"S": sk}))
        return None if found is None else as_on_aws(found.to_json()["Attributes"])

    # ------------------------------------------------------------ the logs
    def logged(self, text: str) -> None:
        """Something was written to a function's log."""
        run = self._current
        if run:
            run.lines += text.count("\n")
            run.logged += len(text.encode()) - text.count("\n")


def as_on_aws(attributes: Item) -> Item:
    """An item with a task token of the length that AWS gives it, which the simulation's has not."""
    if "task_token" not in attributes:
        return dict(attributes)
    return {**attributes, "task_token": {"S": "." * TOKEN_CHARACTERS}}


def places(what: str, asked: Mapping[str, Any]) -> "Iterator[tuple[str, str, str]]":
    """The table and keys of every item that a call names. Raises LookupError for another call."""
    match what.removeprefix("dynamodb."):
        case "GetItem" | "UpdateItem" | "DeleteItem":
            yield place(asked["TableName"], asked["Key"])
        case "PutItem":
            yield place(asked["TableName"], asked["Item"])
        case "TransactWriteItems":
            for write in asked["TransactItems"]:
                ((kind, one),) = write.items()
                yield place(one["TableName"], one["Item" if kind == "Put" else "Key"])
        case "Query":
            return
        case unknown:
            # What nobody counts must not go by as free.
            raise LookupError(f"nobody counts {unknown}")


def place(table: str, key: Item) -> tuple[str, str, str]:
    """Where an item lies."""
    return table, key["pk"]["S"], key["sk"]["S"]


def on_the_wire(answer: Mapping[str, Any]) -> int:
    """The bytes of an answer's body as the gateway sends it."""
    body = (answer.get("body") or "").encode()
    return len(gzip.compress(body)) if len(body) >= COMPRESSED_FROM else len(body)


class Ear(io.TextIOBase):
    """Where functions print, and where their logger writes."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def write(self, text: str) -> int:
        """Count it."""
        self._meter.logged(text)
        return len(text)


def listen(meter: Meter) -> None:
    """Let what functions print and log come to the meter alone.

    To be called in the world, which has put standard output aside for its own time.
    """
    ear = Ear(meter)
    sys.stdout = ear
    logging.disable(logging.NOTSET)
    for handler in written_by():
        handler.setStream(ear)


def written_by() -> "list[logging.StreamHandler[Any]]":
    """What writes the functions' log."""
    return [h for h in logger.handlers if isinstance(h, logging.StreamHandler)]

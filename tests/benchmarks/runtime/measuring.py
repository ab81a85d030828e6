"""Everybody's functions, cold and warm, in turn."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.ports import Ports
from infra.local.refusals import LocalStackRefused, StepFailed
from infra.local.settings import Settings
from tests.benchmarks.report import Progress
from tests.benchmarks.runtime.answers import require
from tests.benchmarks.runtime.artefacts import Artefact, Artefacts, prepared
from tests.benchmarks.runtime.aws_side import AwsSide, aws_side
from tests.benchmarks.runtime.emulator import Emulator, Sandbox, binary, require_free
from tests.benchmarks.runtime.measured import (
    EMPTY,
    FLOOR,
    OURS,
    PEERS,
    Contest,
    Measured,
    Samples,
)
from tests.benchmarks.runtime.operations import OPERATIONS, Operation, Question

# Below the ports that systems hand out: whoever waits for one of those may meet itself there.
STACK_PORT = 4700
FIRST_PORT = 4702


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How often everything is done."""

    colds: int = 25
    warm_ups: int = 30
    warms: int = 400


@dataclass(slots=True)
class Contestant:
    """One function in a contest, who it works for, and what was measured of it."""

    function: Artefact
    questions: Iterator[Question]
    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)

    def samples(self) -> Samples:
        """What was measured."""
        return Samples(tuple(self.cold), tuple(self.warm))


def measure(say: Progress, effort: Effort | None = None) -> Measured:
    """Measure every operation. Raises StepFailed, and WrongAnswer for whoever does not do it."""
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        settings = Settings(ports=Ports.of({"stack": STACK_PORT}), folder=folder)
        require_free(STACK_PORT)
        binary()
        say("sam build, and everybody else's artefact like it")
        artefacts = prepared(settings, folder)
        aws = running.enter_context(aws_side(settings))
        emulator = Emulator(artefacts.runtime, FIRST_PORT, aws.told(), folder / "function.log")
        return all_measured(Bench(say, aws, artefacts, emulator, effort or Effort()))


@dataclass(frozen=True, slots=True)
class Bench:
    """Where everything is measured."""

    say: Progress
    aws: AwsSide
    artefacts: Artefacts
    emulator: Emulator
    effort: Effort


def all_measured(bench: Bench) -> Measured:
    """Measure every contest."""
    empty = {EMPTY: Contestant(Artefact(bench.artefacts.floor, "empty.handler"), nothing())}
    contest(bench, EMPTY, empty)
    contests = []
    for operation in OPERATIONS:
        by = contestants(bench, operation)
        contest(bench, operation.name, by)
        measured = {name: one.samples() for name, one in by.items()}
        contests.append(Contest(operation.name, operation.calls, measured))
    return Measured(tuple(contests), empty[EMPTY].samples(), bench.artefacts.is_compiled)


def contestants(bench: Bench, operation: Operation) -> dict[str, Contestant]:
    """Everybody who can do this, each with a merchant of its own: nobody counts for another."""
    artefacts = bench.artefacts
    functions = {
        OURS: artefacts.ours[operation.function],
        FLOOR: Artefact(artefacts.floor, f"{operation.floor}.handler"),
    }
    if operation.peer:
        functions |= {
            PEERS[name]: Artefact(folder, f"{operation.peer}.handler")
            for name, folder in artefacts.peers.items()
        }
    return {
        name: Contestant(function, asked(bench.aws, operation, name))
        for name, function in functions.items()
    }


def asked(aws: AwsSide, operation: Operation, name: str) -> Iterator[Question]:
    """Questions of this operation, each as if it were the first."""
    shop = aws.enrol(f"Shop of {name}")
    while True:
        yield operation.question(aws, shop)


def nothing() -> Iterator[Question]:
    """What the empty function is asked."""
    while True:
        yield Question({}, lambda answer: require(answer, {"statusCode": 200}, EMPTY))


def contest(bench: Bench, name: str, by: Mapping[str, Contestant]) -> None:
    """Take everybody's cold starts in turn, then everybody's warm calls in turn."""
    for who, one in by.items():
        with whose(who, name):
            # What the disk has not read yet is nobody's to pay for.
            cold(bench.emulator, one)
    for turn in range(bench.effort.colds):
        for who in in_turn(by, turn):
            with whose(who, name):
                by[who].cold.append(cold(bench.emulator, by[who]))
    with ExitStack() as running:
        sandboxes: dict[str, Sandbox] = {}
        for place, (who, one) in enumerate(by.items()):
            emulator = bench.emulator.beside(place)
            sandboxes[who] = running.enter_context(emulator.running(one.function))
        for turn in range(-bench.effort.warm_ups, bench.effort.warms):
            for who in in_turn(by, turn):
                with whose(who, name):
                    taken = warm(sandboxes[who], by[who])
                if turn >= 0:
                    by[who].warm.append(taken)
    bench.say(f"{name}: {bench.effort.colds} cold starts and {bench.effort.warms} warm calls each")


def cold(emulator: Emulator, one: Contestant) -> float:
    """Seconds from a process's start to its first answer, which is the right one."""
    question = next(one.questions)
    taken, answer = emulator.cold(one.function, json.dumps(question.event).encode())
    question.check(answer)
    return taken


def warm(sandbox: Sandbox, one: Contestant) -> float:
    """Seconds from a call to its answer, which is the right one."""
    question = next(one.questions)
    taken, answer = sandbox.ask(json.dumps(question.event).encode())
    question.check(answer)
    return taken


@contextmanager
def whose(who: str, operation: str) -> Iterator[None]:
    """Say of what goes wrong whose it is."""
    try:
        yield
    except LocalStackRefused as refused:
        raise StepFailed(f"{operation}, {who}: {refused}") from refused


def in_turn(by: Mapping[str, Contestant], turn: int) -> Sequence[str]:
    """Everybody once, each round begun by another."""
    names, first = list(by), turn % len(by)
    return [*names[first:], *names[:first]]

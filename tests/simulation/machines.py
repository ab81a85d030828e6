"""Step Functions on the virtual clock: the states that our two machines use, and no others.

The definitions are the very files that deploy, with the template's substitutions; JSONata is the
library that the local stack uses too. MiniStack runs the same files in tests/e2e, which keeps
this interpreter honest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError
from jsonata import Jsonata  # type: ignore[import-untyped]  # it has no types

from tests.simulation.aws_line import json_response
from tests.simulation.sandboxes import Died
from tests.simulation.scheduler import Scheduler, Signal

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from mypy_boto3_dynamodb import DynamoDBClient

DEFINITIONS = Path(__file__).parents[2] / "infra" / "statemachines"
FOREVER = 1e9
TOKEN_WAIT = "arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken"
INVOKE = "arn:aws:states:::lambda:invoke"
Invoke = Callable[[str, Mapping[str, Any]], Any]


class StateFailed(Exception):
    """A state ended with an error that Retry and Catch may know."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error, cause)
        self.error = error
        self.cause = cause


@dataclass
class Execution:
    """One run of a machine."""

    machine: str
    name: str
    given: Mapping[str, Any]
    variables: dict[str, Any] = field(default_factory=dict)
    status: str = "RUNNING"
    entered: list[str] = field(default_factory=list)
    error: str = ""


class Machines:
    """The machines of a deployment, and the service in front of them."""

    def __init__(
        self,
        scheduler: Scheduler,
        dynamodb: "DynamoDBClient",
        invoke: Invoke,
        hiccup: Callable[[], bool],
    ) -> None:
        self._scheduler = scheduler
        self._dynamodb = dynamodb
        self._invoke = invoke
        self._hiccup = hiccup
        """Whether a call of the service's own fails now, as AWS's sometimes do."""
        self.executions: dict[tuple[str, str], Execution] = {}
        self.on_end: Callable[[Execution], None] = lambda _: None
        """Called with each execution that has come to its end."""
        self._sleeping: dict[str, Signal] = {}

    @property
    def running(self) -> list[Execution]:
        """What has not ended."""
        return [run for run in self.executions.values() if run.status == "RUNNING"]

    # ------------------------------------------------------------ the service
    def answer(self, request: "AWSPreparedRequest") -> "AWSResponse":
        """Answer the SDK."""
        sent: Any = request
        asked = json.loads(sent.body)
        operation = sent.headers["X-Amz-Target"].decode()
        match operation.rpartition(".")[2]:
            case "StartExecution":
                return self._start(request, asked)
            case "SendTaskSuccess":
                return self._wake(request, asked)
        # The functions ask for nothing else; if one ever does, it must not go by unseen.
        raise AssertionError(f"the service is not simulated for {operation}")

    def _start(self, request: "AWSPreparedRequest", asked: Mapping[str, Any]) -> "AWSResponse":
        machine = asked["stateMachineArn"].rpartition(":")[2]
        name = asked["name"]
        if (machine, name) in self.executions:
            return refused(request, "ExecutionAlreadyExists")
        run = Execution(machine, name, json.loads(asked["input"]))
        self.executions[machine, name] = run
        self._scheduler.spawn(f"{machine} {name}", lambda: self._run(run), after=0.05)
        arn = f"arn:aws:states:eu-west-1:123456789012:execution:{machine}:{name}"
        return json_response(request, 200, {"executionArn": arn, "startDate": 0})

    def _wake(self, request: "AWSPreparedRequest", asked: Mapping[str, Any]) -> "AWSResponse":
        signal = self._sleeping.get(asked["taskToken"])
        if signal is None:
            return refused(request, "TaskTimedOut")
        self._scheduler.give(signal)
        return json_response(request, 200, {})

    # ------------------------------------------------------------ a run
    def _run(self, run: Execution) -> None:
        try:
            self._enter_all(run, definition_of(run.machine))
            run.status = "SUCCEEDED"
        except StateFailed as failed:
            run.status, run.error = "FAILED", failed.error
        self.on_end(run)

    def _enter_all(self, run: Execution, definition: Mapping[str, Any]) -> None:
        name: str | None = definition["StartAt"]
        while name is not None:
            run.entered.append(name)
            name = self._enter(run, definition["States"][name])

    def _enter(self, run: Execution, state: Mapping[str, Any]) -> str | None:
        match state["Type"]:
            case "Task":
                return self._task(run, state)
            case "Choice":
                for choice in state["Choices"]:
                    if evaluated(choice["Condition"], run, {}):
                        return str(choice["Next"])
                return str(state["Default"])
            case "Wait":
                self._scheduler.sleep(float(evaluated(state["Seconds"], run, {})))
                return str(state["Next"])
            case "Succeed":
                return None
        # A test holds the machines to these kinds (test_machinery.py).
        raise AssertionError(f"no such state is simulated: {state['Type']}")

    def _task(self, run: Execution, state: Mapping[str, Any]) -> str | None:
        tries: dict[int, int] = {}
        while True:
            try:
                result = self._work(run, state)
            except StateFailed as failed:
                if self._tries_again(state, failed, tries):
                    continue
                return caught(run, state, failed)
            assign(run, state, {"result": result})
            return None if state.get("End") else str(state["Next"])

    def _tries_again(
        self, state: Mapping[str, Any], failed: StateFailed, tries: dict[int, int]
    ) -> bool:
        for number, retry in enumerate(state.get("Retry", ())):
            if matches(retry["ErrorEquals"], failed.error):
                tried = tries.get(number, 0)
                if tried >= retry.get("MaxAttempts", 3):
                    return False
                tries[number] = tried + 1
                rate = retry.get("BackoffRate", 2.0)
                self._scheduler.sleep(retry.get("IntervalSeconds", 1) * rate**tried)
                return True
        return False

    def _work(self, run: Execution, state: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON is anything
        if state["Resource"] == INVOKE:
            arguments = evaluated(state["Arguments"], run, {})
            return {"Payload": self._call(arguments["FunctionName"], arguments["Payload"])}
        assert state["Resource"] == TOKEN_WAIT
        token = f"{run.name}/{len(run.entered)}"
        arguments = evaluated(state["Arguments"], run, {"Task": {"Token": token}})
        signal = Signal()
        self._sleeping[token] = signal
        try:
            self._update(arguments)
            if not self._scheduler.wait(signal, state.get("TimeoutSeconds", FOREVER)):
                raise StateFailed("States.Timeout", "")
        finally:
            del self._sleeping[token]
        return {}

    def _update(self, arguments: dict[str, Any]) -> None:
        self._scheduler.sleep(0.01)
        if self._hiccup():
            raise StateFailed("DynamoDb.ThrottlingException", "Rate exceeded")
        try:
            self._dynamodb.update_item(**arguments)
        except ClientError as refused:
            code = refused.response["Error"]["Code"]
            raise StateFailed(f"DynamoDb.{code}", str(refused)) from refused

    def _call(self, function: str, payload: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON is anything
        if self._hiccup():
            raise StateFailed("Lambda.ServiceException", "")
        try:
            return self._invoke(function, payload)
        except Died as died:
            raise StateFailed("Sandbox.Timedout", '{"errorMessage":"Task timed out"}') from died
        except Exception as raised:  # whatever a function raises is Lambda's to report
            kind = type(raised).__name__
            cause = {"errorMessage": str(raised), "errorType": kind}
            raise StateFailed(kind, json.dumps(cause)) from raised


def caught(run: Execution, state: Mapping[str, Any], failed: StateFailed) -> str:
    """Where a failed state goes on. Raises StateFailed where nobody catches it."""
    for catch in state.get("Catch", ()):
        if matches(catch["ErrorEquals"], failed.error):
            assign(run, catch, {"errorOutput": {"Error": failed.error, "Cause": failed.cause}})
            return str(catch["Next"])
    raise failed


def matches(named: list[str], error: str) -> bool:
    """Whether Retry or Catch names this error; a time-out is no failure of the task itself."""
    return (
        error in named
        or "States.ALL" in named
        or ("States.TaskFailed" in named and error != "States.Timeout")
    )


def assign(run: Execution, where: Mapping[str, Any], states: Mapping[str, Any]) -> None:
    """Set the variables that a state or a catch names, all at once."""
    assigned = evaluated(where.get("Assign", {}), run, {}, states)
    run.variables.update(assigned)


def evaluated(
    template: Any,  # noqa: ANN401  # JSON is anything
    run: Execution,
    context: Mapping[str, Any],
    states: Mapping[str, Any] | None = None,
) -> Any:  # noqa: ANN401  # as above
    """A piece of a definition with its JSONata in place of its text."""
    match template:
        case dict():
            return {key: evaluated(value, run, context, states) for key, value in template.items()}
        case str() if template.startswith("{%"):
            known = {"context": {"Execution": {"Input": run.given}, **context}, **(states or {})}
            return computed(template[2:-2].strip(), {"states": known, **run.variables})
        case _:
            return template


def computed(expression: str, variables: Mapping[str, Any]) -> Any:  # noqa: ANN401  # JSON is anything
    """The value of a JSONata expression."""
    return parsed(expression).evaluate(None, variables)


@cache
def parsed(expression: str) -> Jsonata:
    """An expression that has been read; each time it is computed with variables of that time."""
    return Jsonata(expression)


@cache
def definition_of(machine: str) -> dict[str, Any]:
    """The definition that deploys, with the template's substitutions."""
    file = {"Watch": "watch_attempt", "Deliver": "deliver_webhook"}[machine]
    text = (DEFINITIONS / f"{file}.asl.json").read_text()
    for name, value in {
        "PaymentsTable": "Payments",
        "AskProvider": "AskProvider",
        "Deliver": "Deliver",
    }.items():
        text = text.replace(f"${{{name}}}", value)
    definition: dict[str, Any] = json.loads(text)
    return definition


def refused(request: "AWSPreparedRequest", kind: str) -> "AWSResponse":
    """A refusal of the service."""
    told = {"__type": f"com.amazonaws.swf.service.v2.model#{kind}", "message": kind}
    return json_response(request, 400, told)

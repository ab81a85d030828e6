"""What the gateway itself wrote down: payments and events, and the machines' executions."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import boto3

from infra.local.environments import CREDENTIALS
from infra.local.stack_file import StackFile
from ledger.attributes import from_item, to_item
from ledger.payments import Payments
from payments.status import SettledBy

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

    from payments.payment import Payment

ASK = "AskProvider"
DELIVER = "Deliver"
SLEEPS = "waitForTaskToken"


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What one execution, or all those of a payment together, went through."""

    states: Counter[str]
    """How often each state was entered: a transition each."""
    woken: int = 0
    running: bool = False

    @property
    def transitions(self) -> int:
        """States entered, which is what Step Functions charges for."""
        return self.states.total()

    def __add__(self, other: "Execution") -> "Execution":
        return Execution(
            states=self.states + other.states,
            woken=self.woken + other.woken,
            running=self.running or other.running,
        )


NONE = Execution(states=Counter())


class Books:
    """Reads with the root's key, so that no read counts as a function's."""

    def __init__(self, stack: StackFile) -> None:
        session = boto3.Session(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=stack["region"],
        )
        self._table = stack["tables"]["payments"]
        self._machines = stack["machines"]
        self._dynamodb = session.client("dynamodb", endpoint_url=stack["endpoint"])
        self._states = session.client("stepfunctions", endpoint_url=stack["endpoint"])
        self._payments = Payments(self._dynamodb, self._table)

    def payment(self, session_id: str) -> "Payment":
        """Read a payment. Raises LookupError."""
        payment = self._payments.get(session_id)
        if payment is None:
            raise LookupError(session_id)
        return payment

    def event_ids(self, session_id: str) -> list[str]:
        """What the merchant has to hear of this payment."""
        answer = self._dynamodb.query(
            TableName=self._table,
            KeyConditionExpression="pk = :payment AND begins_with(sk, :event)",
            ExpressionAttributeValues=to_item({":payment": session_id, ":event": "EVENT#"}),
            ConsistentRead=True,
        )
        return [from_item(item)["event_id"] for item in answer["Items"]]

    def watches(self, payment: "Payment") -> Execution:
        """The watches of a payment's attempts, together."""
        watched = (
            self._execution(self._machines["watch"], attempt.ref) for attempt in payment.attempts
        )
        return sum(watched, NONE)

    def deliveries(self, session_id: str) -> Execution:
        """The deliveries of a payment's events, together."""
        machine = self._machines["deliver"]
        told = (self._execution(machine, event) for event in self.event_ids(session_id))
        return sum(told, NONE)

    def _execution(self, machine: str, name: str) -> Execution:
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
        try:
            status = self._states.describe_execution(executionArn=execution)["status"]
            history = self._states.get_execution_history(executionArn=execution, maxResults=1000)
        except self._states.exceptions.ExecutionDoesNotExist:
            return NONE
        return read_history(history["events"], running=status == "RUNNING")


def read_history(events: "list[HistoryEventTypeDef]", *, running: bool) -> Execution:
    """Count the states entered, and how often a sleep on a task token was ended by a call."""
    return Execution(
        states=Counter(
            event["stateEnteredEventDetails"]["name"]
            for event in events
            if "stateEnteredEventDetails" in event
        ),
        woken=sum(
            SLEEPS in event["taskSucceededEventDetails"]["resource"]
            for event in events
            if "taskSucceededEventDetails" in event
        ),
        running=running,
    )


def wakes(payment: "Payment", watches: Execution) -> int:
    """How often the watches were called to wake: the call carries a token and no name.

    What the watch itself found by asking calls too: the token of its last sleep is on the payment
    still, and its time is over.
    """
    return watches.woken + sum(
        attempt.settled_by is SettledBy.POLLING for attempt in payment.attempts
    )

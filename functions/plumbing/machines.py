"""Start what runs for days: the watch of an attempt, the delivery of an event.

Names of executions are derived, so whoever starts one twice starts it once.
"""

import json
from typing import TYPE_CHECKING, Any

from plumbing import wiring
from plumbing.observability import logger
from plumbing.settings import settings

if TYPE_CHECKING:
    from ledger.events import Event
    from payments.payment import Payment


def deliver(event: "Event") -> None:
    """Start a delivery: the first, or one more for each time that the event was sent anew."""
    name = f"{event.event_id}-{event.resends}" if event.resends else event.event_id
    start(
        settings().deliver_machine_arn,
        name,
        {"payment_id": event.payment_id, "version": event.version, "round": event.resends},
    )


def watch(payment: "Payment", reference: str) -> None:
    """Start the watch of an attempt."""
    start(
        settings().watch_machine_arn,
        reference,
        {"payment_id": payment.session_id, "attempt": reference},
    )


def start(machine: str, name: str, given: dict[str, Any]) -> None:
    """Start an execution once, however often this is called: its name is derived."""
    machines = wiring.step_functions()
    try:
        machines.start_execution(stateMachineArn=machine, name=name, input=json.dumps(given))
    except machines.exceptions.ExecutionAlreadyExists:
        logger.debug("already started", extra={"execution": name})

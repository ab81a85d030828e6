"""The outbox's reader: each change, from the stream, to those who wait for it.

A new attempt gets its watch; a settled one wakes whoever sleeps on it; a change that the merchant
should hear of becomes an event and starts its delivery, and so does an event that is sent anew.
Every step may be repeated harmlessly, since the stream repeats itself: names of executions and keys
of events are derived.
"""

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

from announcements.news import event_of
from ledger import events
from ledger.attributes import from_item
from ledger.payments import News, read
from payments.status import Status
from plumbing import wiring
from plumbing.observability import logger
from plumbing.settings import settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
    from aws_lambda_powertools.utilities.typing import LambdaContext

    from ledger.events import Event
    from payments.payment import Payment

processor = BatchProcessor(
    event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False
)


def announce(record: "Mapping[str, Any]") -> None:
    """Pass on one change."""
    images = record["dynamodb"]
    old, new = from_item(images.get("OldImage", {})), from_item(images["NewImage"])
    if new["news"] == News.DELIVER:
        deliver(events.read(new))
    else:
        announce_payment(old, new)


def announce_payment(old: "Mapping[str, Any]", new: "Mapping[str, Any]") -> None:
    """Pass on a change of a payment; one that was opened with an attempt has no old image."""
    after = read(new)
    before = read(old) if old else replace(after, status=Status.PENDING, attempts=())
    event = event_of(before, after, wiring.outside.clock())
    if event is not None:
        wiring.events().add(event)
        deliver(event)
    live = after.live_attempt
    if live and live.ref not in {attempt.ref for attempt in before.attempts}:
        watch(after, live.ref)
    if "task_token" in old and live is None:
        wake(old["task_token"])


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


def wake(task_token: str) -> None:
    """Wake the watch that sleeps on this token, if it still does."""
    machines = wiring.step_functions()
    try:
        machines.send_task_success(taskToken=task_token, output="{}")
    except (
        machines.exceptions.TaskTimedOut,
        machines.exceptions.TaskDoesNotExist,
        machines.exceptions.InvalidToken,
    ):
        logger.debug("nobody sleeps any more")


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: "LambdaContext") -> "PartialItemFailureResponse":
    """Pass on a batch; the stream sends again from the first change that failed."""
    return process_partial_response(
        event=event, record_handler=announce_raw, processor=processor, context=context
    )


def announce_raw(record: Any) -> None:  # noqa: ANN401  # Powertools hands over its own wrapper
    """Unwrap Powertools' record."""
    announce(record.raw_event)

"""The outbox's reader: each change, from the stream, to those who wait for it.

A new attempt gets its watch; a settled one wakes whoever sleeps on it; a change that the merchant
should hear of becomes an event and starts its delivery, and so does an event that is sent anew.
Every step may be repeated harmlessly, since the stream repeats itself: names of executions and keys
of events are derived.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ledger import events
from ledger.attributes import from_item
from ledger.payments import News, read
from payments.status import Status
from plumbing import wiring
from plumbing.machines import deliver, watch
from plumbing.observability import logger
from plumbing.stream import passing_on
from plumbing.tally import count_event
from settlement.letters import event_of
from settlement.news import owed_now

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    owed = owed_now(after)
    if owed is not None:
        event = event_of(after, owed, wiring.outside.clock())
        if wiring.events().add(event):
            count_event(event, after)
        deliver(event)
    live = after.live_attempt
    if live and live.ref not in {attempt.ref for attempt in before.attempts}:
        watch(after, live.ref)
    if "task_token" in old and live is None:
        wake(old["task_token"])


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


handler = passing_on(announce)

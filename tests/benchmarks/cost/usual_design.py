"""The design that most serverless guides lead to, for the same five endings, counted by its steps.

A REST API with a Lambda authorizer; Powertools' idempotency around each write; a machine that
waits three seconds, asks, and chooses, until the payment is settled; webhooks to merchants through
a queue. It is written down as its friends would build it, and where there is a choice it gets the
cheaper one:

- the authorizer's answer is cached, so it costs nothing (and a revoked key works on for minutes);
- reads are eventually consistent, for half a unit;
- a payment and each of its changes are one kilobyte, with two indexes, by `tx_ref` and merchant;
- secrets stay in memory; what it logs by itself is not counted, nor Lambda's START, END and REPORT;
- its functions take as long in their own code as ours that do the same work, on the same memory;
- a payment that nobody pays is taken away by DynamoDB's TTL, for nothing.

It watches from the charge on, not from the opening. The customer's page looks as often as ours.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

from tests.benchmarks.cost.outcomes import ABANDONED, DOWN, SILENT, Outcome
from tests.benchmarks.cost.usage import Story, Work

ASL = Path(__file__).with_name("usual_watch.asl.json")
MACHINE = "Watch"
"""Traced as ours is."""

ITEM = 1
"""Write units of a payment, or of a change of it."""
INDEXES = 2
BY_MERCHANT = 1
"""The index that shows the status, so that each change of it is written there too."""
REMEMBERED = 2
"""Powertools' idempotency: a conditional put before the work, an update with its result after."""
READ = 0.5


@dataclass(frozen=True)
class Ours:
    """What the usual design does just as ours does: its functions' own time, answers, tries."""

    own_seconds: Mapping[str, float]
    answered: Mapping[str, int]
    """Bytes of a function's usual answer."""
    tries_to_deliver: int
    """Until an endpoint that is down for a day answers again."""


@dataclass(frozen=True)
class Watched:
    """A run of the machine."""

    transitions: int
    checks: int
    settled_at: float
    """Seconds after the charge at which the machine knew."""


def usual_story(outcome: Outcome, ours: Ours) -> Story:
    """All that happens in the usual design for one payment that ends so."""
    opening = (initialize(ours), page(ours))
    if outcome is ABANDONED:
        return Story(works=(*opening, expiry(ours), *sending(ours, 1)), messages=1 + 2)
    is_silent = outcome is SILENT
    watch = watched(outcome.play.after)
    settled_at = watch.settled_at if is_silent else outcome.play.after
    # The redirect shows the page once before it looks by itself.
    later = max(0.0, settled_at - outcome.play.looks_first)
    looks = 2 + ceil(later / outcome.play.looks_every)
    tries = ours.tries_to_deliver if outcome is DOWN else 1
    return Story(
        works=(
            *opening,
            pay(ours),
            *(page(ours) for _ in range(looks)),
            *checks(ours, watch, settles=is_silent),
            *(() if is_silent else (webhook(ours),)),
            *sending(ours, tries),
            verify(ours),
        ),
        transitions={MACHINE: watch.transitions},
        executions={MACHINE: 1},
        # One to send, one to take and one to put back or delete for each try.
        messages=1 + 2 * tries,
    )


# -------------------------------------------------------------------- the machine
@cache
def definition() -> dict[str, Any]:
    """The usual machine."""
    told: dict[str, Any] = json.loads(ASL.read_text(encoding="utf-8"))
    return told


def watched(known_after: float) -> Watched:
    """Run the machine until a check can know that the payment is settled."""
    states = definition()["States"]
    name, seconds, entered, asked = definition()["StartAt"], 0.0, 0, 0
    while True:
        state, entered = states[name], entered + 1
        match state["Type"]:
            case "Wait":
                seconds, name = seconds + state["Seconds"], state["Next"]
            case "Task":
                asked, name = asked + 1, state["Next"]
            case "Choice":
                is_known = seconds >= known_after
                name = state["Choices"][0]["Next"] if is_known else state["Default"]
            case _:
                return Watched(entered, asked, seconds)


# -------------------------------------------------------------------- the functions
def like(ours: Ours, function: str, **facts: Any) -> Work:  # noqa: ANN401  # a Work's own
    """Work of a function that takes as long in its own code as ours of that name."""
    return Work(function=function, own_seconds=ours.own_seconds[function], **facts)


def initialize(ours: Ours) -> Work:
    """The key comes with the authorizer's cached answer."""
    return like(
        ours,
        "Initialize",
        route="/api/v1/checkout/initialize",
        aws_calls=3,
        writes=REMEMBERED + ITEM + INDEXES,
        answered=ours.answered["Initialize"],
    )


def page(ours: Ours) -> Work:
    """A read."""
    return like(
        ours,
        "Page",
        route="/checkout/{session_id}",
        aws_calls=1,
        reads=READ,
        answered=ours.answered["Page"],
    )


def pay(ours: Ours) -> Work:
    """Reads it, notes the attempt, charges, notes the provider's reference, starts the machine."""
    return like(
        ours,
        "Pay",
        route="/checkout/{session_id}",
        aws_calls=2 + 1 + 2 + 1,
        reads=READ,
        writes=REMEMBERED + (ITEM + BY_MERCHANT) + ITEM,
        providers=1,
        answered=ours.answered["Pay"],
    )


def webhook(ours: Ours) -> Work:
    """An unsigned webhook is confirmed by the provider, as ours is; then written and queued."""
    return like(
        ours,
        "KpayWebhook",
        route="/webhooks/kpay/{attempt_ref}/{token}",
        aws_calls=2 + 1 + 1 + 1,
        reads=READ,
        writes=REMEMBERED + ITEM + BY_MERCHANT,
        providers=1,
        answered=ours.answered["KpayWebhook"],
    )


def checks(ours: Ours, watch: Watched, *, settles: bool) -> Iterator[Work]:
    """The machine's questions: while the payment is open the provider is asked each time.

    The last finds it settled by the webhook, or else hears of it and writes and queues it.
    """
    asking = replace(
        like(ours, "AskProvider", aws_calls=1, reads=READ, providers=1), begins_a_trace=False
    )
    for _ in range(watch.checks - 1):
        yield asking
    if settles:
        yield replace(asking, aws_calls=3, writes=ITEM + BY_MERCHANT)
    else:
        yield replace(asking, providers=0)


def sending(ours: Ours, tries: int) -> Iterator[Work]:
    """The queue's reader: each try in a record of its own, which a failed one takes back."""
    trying = like(ours, "Deliver", aws_calls=3, reads=READ, writes=REMEMBERED, merchants=1)
    for _ in range(tries - 1):
        # An endpoint that is down refuses at once.
        yield replace(trying, merchants=0)
    yield trying


def expiry(ours: Ours) -> Work:
    """What TTL takes away comes by the stream, and is queued."""
    return like(ours, "Announce", aws_calls=1)


def verify(ours: Ours) -> Work:
    """By the merchant's own reference, in the index."""
    return like(
        ours,
        "Verify",
        route="/api/v1/checkout/{reference}/verify",
        aws_calls=1,
        reads=READ,
        answered=ours.answered["Verify"],
    )

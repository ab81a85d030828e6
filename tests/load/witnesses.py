"""Where the evidence comes from: the simulators' ledgers, our tables, the merchants' endpoint."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from threading import Event as Signal
from typing import Any

import boto3
import httpx

from infra.local.environments import CREDENTIALS
from infra.local.stack_file import StackFile
from ledger import events, payments
from ledger.attributes import from_item
from ledger.events import DeliveryState
from tests.load.evidence import Charge, Event, Evidence, Message, Order, Payment, Tried
from tests.load.merchants import Stopped
from tests.load.verdict import PENDING, WAITING

MOST_SECONDS = 240.0
SECONDS_BETWEEN_LOOKS = 3.0
# So that those who ignore a prompt, and news that comes late, are over within a run.
PACE = {"prompt_seconds": 15, "late_seconds": 20}


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Our two kinds of items, and what the providers have."""

    payments: tuple[Payment, ...]
    events: tuple[Event, ...]
    charges: tuple[Charge, ...]

    @property
    def unrest(self) -> str:
        """What is not over yet, in words; blank when nothing moves any more."""
        told = {event.session_id for event in self.events}
        counts = {
            "charges wait": sum(charge.outcome == WAITING for charge in self.charges),
            "attempts are open": sum(
                attempt.is_live for payment in self.payments for attempt in payment.attempts
            ),
            "payments are untold": sum(
                payment.status != PENDING and payment.session_id not in told
                for payment in self.payments
            ),
            "deliveries are under way": sum(
                event.state == DeliveryState.PENDING for event in self.events
            ),
        }
        return ", ".join(f"{count} {what}" for what, count in counts.items() if count)


class Witnesses:
    """Reads with the root's key. What was there before the run is left out."""

    def __init__(self, stack: StackFile, dynamodb: Any, http: httpx.Client) -> None:  # noqa: ANN401  # boto3's
        self._stack = stack
        self._dynamodb = dynamodb
        self._http = http
        self._simulators = {
            name: f"{url.rstrip('/')}/_simulator" for name, url in stack["providers"].items()
        }
        before = self._all()
        self._before = {payment.session_id for payment in before.payments}
        self._before |= {charge.session_id for charge in before.charges}

    def quicken(self) -> None:
        """Have prompts lapse and late webhooks come within a run."""
        for url in self._simulators.values():
            self._http.post(f"{url}/settings", json=PACE).raise_for_status()

    def books(self) -> Books:
        """What is written down by now."""
        found = self._all()
        return Books(
            payments=self._new(found.payments),
            events=self._new(found.events),
            charges=self._new(found.charges),
        )

    def _new(self, things: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(thing for thing in things if thing.session_id not in self._before)

    def _all(self) -> Books:
        items = list(self._items())
        return Books(
            payments=tuple(_payment(item) for item in items if item["sk"] == "PAYMENT"),
            events=tuple(_event(item) for item in items if item["sk"].startswith("EVENT#")),
            charges=tuple(self._charges()),
        )

    def _items(self) -> Iterator[dict[str, Any]]:
        table = self._stack["tables"]["payments"]
        pages = self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
        for page in pages:
            yield from map(from_item, page["Items"])

    def _charges(self) -> Iterator[Charge]:
        for provider, url in self._simulators.items():
            told = self._http.get(f"{url}/charges").raise_for_status().json()
            for charge in told["charges"]:
                yield _charge(provider, charge, told["asked"])

    def wait_for_quiet(self, over: Signal, show: Callable[[str], None]) -> Books:
        """Wait until nothing moves any more, and read. After a while, read what there is."""
        give_up = time.monotonic() + MOST_SECONDS
        while (books := self.books()).unrest and time.monotonic() < give_up:
            show(f"waiting: {books.unrest}")
            if over.wait(SECONDS_BETWEEN_LOOKS):
                raise Stopped
        return books


def evidence_of(
    books: Books, orders: Sequence[Order], messages: Sequence[Message], troubles: Sequence[str]
) -> Evidence:
    """Put everything together."""
    return Evidence(
        orders=tuple(orders),
        charges=books.charges,
        payments=books.payments,
        events=books.events,
        messages=tuple(messages),
        troubles=tuple(troubles),
    )


def _payment(item: Mapping[str, Any]) -> Payment:
    payment = payments.read(item)
    return Payment(
        session_id=payment.session_id,
        tx_ref=payment.tx_ref,
        status=payment.status,
        amount=Decimal(str(payment.money.json_number)),
        attempts=tuple(
            Tried(ref=attempt.ref, status=attempt.status, is_live=attempt.is_live)
            for attempt in payment.attempts
        ),
    )


def _event(item: Mapping[str, Any]) -> Event:
    event = events.read(item)
    return Event(
        event_id=event.event_id,
        session_id=event.payment_id,
        type=event.type,
        state=event.state,
    )


def _charge(provider: str, told: Mapping[str, Any], asked: Mapping[str, int]) -> Charge:
    return Charge(
        provider=provider,
        refid=told["refid"],
        outcome=told["outcome"],
        amount=Decimal(str(told["amount"])),
        asked=asked[told["refid"]],
        settled_at=told["settled_at"],
    )


@contextmanager
def witnesses(stack: StackFile, http: httpx.Client) -> Iterator[Witnesses]:
    """Open the books."""
    session = boto3.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=stack["region"],
    )
    with closing(session.client("dynamodb", endpoint_url=stack["endpoint"])) as dynamodb:
        yield Witnesses(stack, dynamodb, http)

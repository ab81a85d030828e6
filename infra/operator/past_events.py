"""What merchants were to hear in the last 30 days, and letting them hear it again."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.operator.deployment import Deployment
from ledger.events import REMEMBERED, DeliveryState, Event, Events
from ledger.listing import Kind, Listing, owner_of
from payments.errors import EventNotFound, ResentTooOften
from payments.event_types import EventType
from payments.mode import Mode
from payments.references import event_of

PAGE_SIZE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events are wanted. `until` counts too, to the second."""

    merchant_id: str
    mode: Mode
    since: datetime | None = None
    until: datetime | None = None
    type: EventType | None = None
    state: DeliveryState | None = None

    def takes(self, record: dict[str, Any]) -> bool:
        """Whether an event, as the index knows it, is among them."""
        return self.type in (None, record["type"]) and self.state in (None, record["state"])


def events_of(deployment: Deployment) -> Events:
    """The events of a deployment."""
    return Events(deployment.dynamodb, deployment.payments_table)


def events_wanted(
    deployment: Deployment, wanted: Wanted, now: datetime
) -> Iterator[dict[str, Any]]:
    """The events as the index holds them, newest first; it lags by moments.

    Raises UnknownMerchant.
    """
    deployment.merchants.known(wanted.merchant_id)
    oldest = now - REMEMBERED
    since = max(wanted.since or oldest, oldest)
    if wanted.until and wanted.until < since:
        return
    listing = Listing(deployment.dynamodb, deployment.payments_table)
    owner = owner_of(wanted.merchant_id, wanted.mode, Kind.EVENTS)
    place = None
    while True:
        records, place = listing.page(
            owner, since=since, until=wanted.until, after=place, size=PAGE_SIZE
        )
        yield from filter(wanted.takes, records)
        if place is None:
            return


def event_named(deployment: Deployment, merchant_id: str, event_id: str, now: datetime) -> Event:
    """An event of this merchant, as it stands. Raises EventNotFound."""
    named = event_of(event_id)
    event = events_of(deployment).get(*named) if named else None
    # DynamoDB forgets late, by days.
    if event is None or event.merchant_id != merchant_id or event.created_at < now - REMEMBERED:
        raise EventNotFound(f"{merchant_id} has no event {event_id}")
    return event


def whole_events(deployment: Deployment, wanted: Wanted, now: datetime) -> Iterator[Event]:
    """The same events, each as it stands when it is read; one just forgotten is left out.

    Raises UnknownMerchant.
    """
    for record in events_wanted(deployment, wanted, now):
        with suppress(EventNotFound):
            yield event_named(deployment, wanted.merchant_id, record["event_id"], now)


def resend(deployment: Deployment, events: Iterable[Event], now: datetime) -> Iterator[bool]:
    """Send each anew; False for one that was sent anew as often as anyone needs."""
    for event in events:
        try:
            events_of(deployment).resend(event, None, now)
        except ResentTooOften:
            yield False
        else:
            yield True

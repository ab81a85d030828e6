"""What a deployment keeps of payments that were made before: items of their true shape and size.

One payment of each ending is made by the functions themselves; what is stored in numbers are
copies of its item, under references, owners and times of their own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import httpx

from ledger.attributes import to_item
from ledger.check_times import shard_of
from ledger.listing import Kind, owner_of
from ledger.payments import key
from payments.clock import iso
from payments.mode import Mode
from payments.references import attempt_ref, session_id
from plumbing import wiring
from tests.integration.gateway import MTN, Gateway
from tests.integration.internet import NOW
from tests.integration.polling.sweeping import HOUR, check_at, swept

Item = Mapping[str, Any]

BETWEEN_PAYMENTS = timedelta(seconds=13)
"""So that the largest store is a month's."""
A_DAY = timedelta(days=1)
OPEN_SECONDS = 1800
"""The oldest open payment is so old: none expires while it is measured."""


class Ending(StrEnum):
    """How a payment stands that was made before."""

    PAID = "paid"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNRESOLVED = "unresolved"
    """A person has to look at it."""
    OPEN = "open"
    """The sweep's index holds it, and it is not due."""


def ending_of(number: int) -> Ending:
    """How the stored payment of this number ended: of a hundred one is open, five expired.

    Three are unresolved, in the smallest store as in the largest.
    """
    if number % 100 == 0:
        return Ending.OPEN
    if number in (1, 2, 3):
        return Ending.UNRESOLVED
    if number % 20 == 7:
        return Ending.EXPIRED
    return Ending.DECLINED if number % 20 == 11 else Ending.PAID


# -------------------------------------------------------------------- one of each
def specimens(gateway: Gateway) -> dict[Ending, Item]:
    """One item of each ending, as the functions leave it; days go by for that."""
    made = {ending: MAKERS[ending](gateway) for ending in Ending}
    return {ending: item_of(gateway, session) for ending, session in made.items()}


def paid(gateway: Gateway) -> str:
    """Paid on our page, told by the provider, told to the merchant; its session id."""
    session = gateway.opened(tx_ref=Ending.PAID)
    reference = gateway.paying(session)
    gateway.approve(reference)
    gateway.webhook(gateway.callback_of(reference))
    return done_with(gateway, session)


def declined(gateway: Gateway) -> str:
    """Declined on the merchant's own page, which ends it; its session id."""
    session = gateway.opened(tx_ref=Ending.DECLINED)
    gateway.process(session, phone=MTN)
    reference = gateway.attempt(session).ref
    gateway.decline(reference)
    gateway.webhook(gateway.callback_of(reference))
    return done_with(gateway, session)


def expired(gateway: Gateway) -> str:
    """Paid by nobody; its session id."""
    session = gateway.opened(tx_ref=Ending.EXPIRED)
    gateway.clock.move(HOUR + 1)
    swept()
    return done_with(gateway, session)


def opened(gateway: Gateway) -> str:
    """Just opened; its session id."""
    return gateway.opened(tx_ref=Ending.OPEN)


def unresolved(gateway: Gateway) -> str:
    """Still without a word from the provider after a day; its session id."""
    session = gateway.opened(tx_ref=Ending.UNRESOLVED)
    gateway.paying(session)
    gateway.clock.move(26 * HOUR)
    gateway.internet.failures["kpay"] = httpx.ConnectTimeout("silent")
    swept()
    del gateway.internet.failures["kpay"]
    return session


MAKERS = {
    Ending.PAID: paid,
    Ending.DECLINED: declined,
    Ending.EXPIRED: expired,
    Ending.UNRESOLVED: unresolved,
    Ending.OPEN: opened,
}


def done_with(gateway: Gateway, session: str) -> str:
    """Let the sweep have found that nothing is left to do: it is in its index no more."""
    seen = check_at(session)
    assert seen is not None
    assert wiring.checks().looked(gateway.payment(session), seen, gateway.clock(), None)
    return session


def item_of(gateway: Gateway, session: str) -> Item:
    """A payment as it is stored."""
    stored: Item = gateway.dynamodb.get_item(TableName="Payments", Key=to_item(key(session)))[
        "Item"
    ]
    return stored


# -------------------------------------------------------------------- many of them
@dataclass(frozen=True, slots=True)
class Holder:
    """A merchant as far as a reference is derived from it."""

    merchant_id: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What tells a stored payment from all others."""

    number: int
    holder: Holder

    @property
    def ending(self) -> Ending:
        """How it ended."""
        return ending_of(self.number)

    @property
    def tx_ref(self) -> str:
        """The merchant's reference."""
        return f"KEPT-{self.number:08}"

    @property
    def session_id(self) -> str:
        """Ours, which follows from it."""
        return session_id(self.holder.salt, Mode.LIVE, self.tx_ref)

    @property
    def created_at(self) -> datetime:
        """The lower its number, the younger it is."""
        if self.ending is Ending.OPEN:
            return NOW - timedelta(seconds=self.number % OPEN_SECONDS)
        return NOW - A_DAY - self.number * BETWEEN_PAYMENTS


def copy_of(specimen: Item, kept: Kept) -> Item:
    """The item of a stored payment."""
    session, merchant = kept.session_id, kept.holder.merchant_id
    own: dict[str, object] = {
        **key(session),
        "tx_ref": kept.tx_ref,
        "merchant_id": merchant,
        "owner": owner_of(merchant, Mode.LIVE, Kind.PAYMENTS),
        "created_at": iso(kept.created_at),
        "check_shard": shard_of(session),
    }
    if "live_attempt" in specimen:
        own["live_attempt"] = attempt_ref(session, 1)
    return {**specimen, **to_item(own)}

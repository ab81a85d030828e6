"""The pages that customers meet, each in a state written straight into the ledger.

For whoever looks at the pages and cares nothing for how a payment came there: written as one
that was just opened, it makes no news, so that nothing of the gateway moves it on.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from ledger.links import Links
from ledger.payments import Payments
from payments.link import Link, LinkType, link_id
from payments.mode import Mode
from payments.money import Money
from payments.payment import SESSION_LIFE, Attempt, Method, Payment
from payments.references import attempt_ref, session_id, transaction_id
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status
from plumbing.pages import BACK
from tests.examples import LINK, attempt, payment

PRICE = Money(25_000, "RWF")
JUST_NOW = timedelta(seconds=10)
LONG_AGO = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Whose pages they are, and where they are written."""

    merchant_id: str
    payments: Payments
    links: Links
    back: str
    """Where its customers go when it is over."""
    card_page: str
    """A provider's page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """A page to look at."""

    path: str
    """Under the checkout's address: "/checkout/CHK-…"."""
    state: str | None
    """Its data-state; None where a page has no state."""
    status: HTTPStatus = HTTPStatus.OK


def order(shop: Shop, now: datetime, **changes: object) -> Payment:
    """A payment that was just opened."""
    tx_ref = f"ORDER-{secrets.token_hex(6)}"
    opened = payment(
        session_id=session_id(secrets.token_bytes(32), Mode.LIVE, tx_ref),
        merchant_id=shop.merchant_id,
        tx_ref=tx_ref,
        money=PRICE,
        description="Agaseke basket",
        redirect_url=shop.back,
        created_at=now,
        updated_at=now,
        expires_at=now + SESSION_LIFE,
        request_hash=None,
    )
    return replace(opened, **changes)  # type: ignore[arg-type]  # any field of a payment


def tried(one: Payment, began: datetime, **changes: object) -> Payment:
    """A payment with a try that the provider has accepted."""
    own: dict[str, Any] = {
        "ref": attempt_ref(one.session_id, 1),
        "status": AttemptStatus.ACCEPTED,
        "started_at": began,
        "accepted_at": began,
    }
    made: Attempt = attempt(**{**own, **changes})
    return replace(one, attempts=(made,))


def by_card(shop: Shop, one: Payment, began: datetime) -> Payment:
    """A payment whose customer is on the provider's page."""
    gone = {"method": Method.CARD, "phone": None, "network": None, "next_url": shop.card_page}
    return tried(one, began, **gone)


def brought(one: Payment, paid_at: datetime) -> Payment:
    """A payment that was paid by phone."""
    settled = {"status": AttemptStatus.PAID, "ended_at": paid_at, "settled_by": SettledBy.WEBHOOK}
    done = tried(one, paid_at - JUST_NOW, **settled)
    return replace(
        done,
        status=Status.SUCCESSFUL,
        paid_at=paid_at,
        transaction_id=transaction_id(done.attempts[0].ref, one.mode, paid_at),
    )


def refused(one: Payment, now: datetime, reason: Reason) -> Payment:
    """A payment whose one try brought nothing."""
    no = {"status": AttemptStatus.DECLINED, "ended_at": now, "reason": reason}
    return tried(one, now - JUST_NOW, **no)


def choose(shop: Shop, now: datetime) -> Payment:
    return order(shop, now)


def in_test_mode(shop: Shop, now: datetime) -> Payment:
    return order(shop, now, mode=Mode.TEST)


def check_phone(shop: Shop, now: datetime) -> Payment:
    return tried(order(shop, now), now)


def no_answer(shop: Shop, now: datetime) -> Payment:
    return tried(order(shop, now - LONG_AGO), now - LONG_AGO)


def go_to_provider(shop: Shop, now: datetime) -> Payment:
    return by_card(shop, order(shop, now), now)


def confirming(shop: Shop, now: datetime) -> Payment:
    return go_to_provider(shop, now)


def paid(shop: Shop, now: datetime) -> Payment:
    return brought(order(shop, now), now)


def already_paid(shop: Shop, now: datetime) -> Payment:
    return brought(order(shop, now - 2 * LONG_AGO), now - LONG_AGO)


def declined(shop: Shop, now: datetime) -> Payment:
    return refused(order(shop, now), now, Reason.INSUFFICIENT_FUNDS)


def failed(shop: Shop, now: datetime) -> Payment:
    given_up = refused(order(shop, now), now, Reason.DECLINED)
    return replace(given_up, status=Status.FAILED)


def cancelled(shop: Shop, now: datetime) -> Payment:
    return order(shop, now, status=Status.CANCELLED)


def expired(shop: Shop, now: datetime) -> Payment:
    return order(shop, now - 2 * SESSION_LIFE)


def apology(shop: Shop, now: datetime) -> Payment:
    """Nobody is enrolled under this id, which is our own fault and no customer's."""
    return order(shop, now, merchant_id="mer_000000000000")


PAYMENTS: Mapping[str, Callable[[Shop, datetime], Payment]] = {
    made.__name__: made
    for made in (
        *(choose, in_test_mode, check_phone, no_answer, declined, go_to_provider, confirming),
        *(paid, already_paid, failed, cancelled, expired, apology),
    )
}
# Where a page's state is not its name here.
STATES = {"in_test_mode": "choose", "apology": None}
QUERIES = {"confirming": f"?{BACK}=1"}

LINKS: Mapping[str, Mapping[str, object]] = {
    "link": {"money": PRICE},
    "link_of_any_sum": {"money": None},
    "link_closed": {"money": PRICE, "active": False},
}
LINK_STATES = {"link_closed": "deactivated"}

NOWHERE = {
    "not_found": "/checkout/CHK-0000000000000000",
    "link_not_found": "/pay/nobody-made-this-link",
}

NAMES = (*PAYMENTS, *LINKS, *NOWHERE)
"""Every page in every state."""


def sight(name: str, shop: Shop, now: datetime) -> Sight:
    """Have a page in this state."""
    if name in NOWHERE:
        return Sight(path=NOWHERE[name], state=None, status=HTTPStatus.NOT_FOUND)
    if name in LINKS:
        return link_sight(name, shop, now)
    standing = PAYMENTS[name](shop, now)
    assert shop.payments.open(standing)
    return Sight(
        path=f"/checkout/{standing.session_id}{QUERIES.get(name, '')}",
        state=STATES.get(name, name),
        status=HTTPStatus.INTERNAL_SERVER_ERROR if name == "apology" else HTTPStatus.OK,
    )


def link_sight(name: str, shop: Shop, now: datetime) -> Sight:
    """The page of a link."""
    made = link_id()
    own = {"link_id": made, "slug": f"basket-{made[4:]}", "created_at": now}
    facts = {"name": "Agaseke basket", "type": LinkType.MULTIPLE, "merchant_id": shop.merchant_id}
    link: Link = replace(LINK, **{**own, **facts, **LINKS[name]})  # type: ignore[arg-type]  # any field of a link
    shop.links.create(link)
    return Sight(
        path=f"/pay/{link.slug}",
        state=LINK_STATES.get(name),
        status=HTTPStatus.GONE if name == "link_closed" else HTTPStatus.OK,
    )

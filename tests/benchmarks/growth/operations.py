"""What is measured: the handlers themselves, each once what it needs has been made ready."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from itertools import count

from payments.mode import Mode
from payments.payment import SESSION_LIFE
from payments.references import session_id
from payments.status import Status
from reporting import list_payments
from tests.benchmarks.growth.specimens import Holder, Kept
from tests.examples import PAYMENT
from tests.integration.gateway import ORDER, Gateway, key_headers
from tests.integration.polling.sweeping import swept
from tests.integration.rest_events import Answer, Request, call

Act = Callable[[], None]
Operation = Callable[[Gateway], AbstractContextManager[Act]]
"""Gives what is to be measured; when the block ends, it looks whether that was done."""

DUE = 5
"""Payments that a sweep finds due: opened yesterday, and paid by nobody."""
PAGE = 5
"""Payments on a page of the list: the smallest store holds so many, and more."""
ANCIENT = 4
"""The number of a stored payment that was paid."""
A_DAY = timedelta(days=1)

numbers = count(1)


def fresh_tx_ref() -> str:
    """A reference that nobody used before; all are of one length, as lengths are paid for."""
    return f"NEW-{next(numbers):08}"


def owner_in(gateway: Gateway) -> Holder:
    """The merchant who asks."""
    merchant = gateway.shop.merchant
    return Holder(merchant.merchant_id, merchant.salt)


def warm(gateway: Gateway) -> None:
    """Let the functions see what they keep: the merchant and the key."""
    gateway.opened(tx_ref=fresh_tx_ref())


@contextmanager
def answered(ask: Callable[[], Answer], status: int = HTTPStatus.OK) -> Iterator[Act]:
    """Ask, and look whether the answer is the one that is expected."""
    answers: list[Answer] = []
    yield lambda: answers.append(ask())
    (answer,) = answers
    assert answer.status == status, answer.text


def initialize(gateway: Gateway) -> AbstractContextManager[Act]:
    """Open a payment."""
    order = {**ORDER, "tx_ref": fresh_tx_ref()}
    return answered(lambda: gateway.initialize(order), HTTPStatus.CREATED)


def verify_by_session(gateway: Gateway) -> AbstractContextManager[Act]:
    """Ask for one of those that were stored long ago, without keys."""
    session = Kept(ANCIENT, owner_in(gateway)).session_id
    return answered(lambda: gateway.verify(session))


def verify_by_tx_ref(gateway: Gateway) -> AbstractContextManager[Act]:
    """The same by the merchant's reference, which the index has to find."""
    tx_ref = Kept(ANCIENT, owner_in(gateway)).tx_ref
    return answered(lambda: gateway.verify(tx_ref))


def verify_with_keys(gateway: Gateway) -> AbstractContextManager[Act]:
    """The same by the merchant's reference and keys."""
    tx_ref = Kept(ANCIENT, owner_in(gateway)).tx_ref
    return answered(lambda: gateway.verify(tx_ref, gateway.shop.live))


@contextmanager
def webhook(gateway: Gateway) -> Iterator[Act]:
    """Hear from K-Pay that a payment was made, ask it, and settle."""
    session = gateway.opened(tx_ref=fresh_tx_ref())
    reference = gateway.paying(session)
    gateway.approve(reference)
    address = gateway.callback_of(reference)
    with answered(lambda: gateway.webhook(address)) as act:
        yield act
    assert gateway.payment(session).status is Status.SUCCESSFUL


def page(gateway: Gateway) -> AbstractContextManager[Act]:
    """Draw the page of a payment that was just opened."""
    session = gateway.opened(tx_ref=fresh_tx_ref())
    return answered(lambda: gateway.page(session))


@contextmanager
def list_page(gateway: Gateway) -> Iterator[Act]:
    """List the merchant's newest payments."""
    request = Request(
        method="GET",
        resource="/api/v1/payments",
        headers=key_headers(gateway.shop.live),
        query={"limit": str(PAGE)},
    )
    shown: list[Answer] = []
    yield lambda: shown.append(call(list_payments.handler, request))
    told = shown[0].json
    assert len(told["data"]) == PAGE
    assert told["meta"]["next_cursor"]


@contextmanager
def sweep(gateway: Gateway) -> Iterator[Act]:
    """Run the sweep while a few payments are due, which it lets expire."""
    sessions = [expiring(gateway) for _ in range(DUE)]
    ran: list[Mapping[str, object]] = []
    yield lambda: ran.append(swept())
    assert ran == [{"looked_at": DUE, "left": False}]
    assert {gateway.payment(session).status for session in sessions} == {Status.EXPIRED}


def expiring(gateway: Gateway) -> str:
    """Have a payment that nobody paid in time; its session id."""
    tx_ref, opened_at = fresh_tx_ref(), gateway.clock() - A_DAY
    merchant = gateway.shop.merchant
    session = session_id(merchant.salt, Mode.LIVE, tx_ref)
    gateway.ledger.open(
        replace(
            PAYMENT,
            session_id=session,
            merchant_id=merchant.merchant_id,
            tx_ref=tx_ref,
            created_at=opened_at,
            updated_at=opened_at,
            expires_at=opened_at + SESSION_LIFE,
        )
    )
    return session


OPERATIONS: Mapping[str, Operation] = {
    "initialize": initialize,
    "verify by session id": verify_by_session,
    "verify by tx_ref": verify_by_tx_ref,
    "verify with keys": verify_with_keys,
    "webhook that settles": webhook,
    "page": page,
    "list payments, one page": list_page,
    f"sweep, {DUE} due": sweep,
}

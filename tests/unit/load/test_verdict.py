"""The load test's verification, on made-up ledgers: each thing missing or doubled is named."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from payments.references import attempt_ref, event_id
from tests.load.evidence import Charge, Event, Evidence, Message, Order, Payment, Tried
from tests.load.verdict import discrepancies

PAID, DECLINED, LEFT, TEST = "CHK-PAID", "CHK-DECLINED", "CHK-LEFT", "CHK-TEST"
AMOUNT = 5000


def session(name: str) -> str:
    return name.ljust(20, "0")


def tx_ref(name: str) -> str:
    return f"ORDER-{name}"


def order(name: str, ends: str, *, is_live: bool = True) -> Order:
    return Order(
        tx_ref=tx_ref(name),
        session_id=session(name),
        amount=AMOUNT,
        ends=ends,
        what="kpay, of this kind",
        is_live=is_live,
    )


def charge(name: str, outcome: str) -> Charge:
    return Charge(
        provider="kpay",
        refid=attempt_ref(session(name), 1),
        outcome=outcome,
        amount=Decimal(AMOUNT),
        asked=1,
    )


def payment(name: str, status: str, attempt: str | None) -> Payment:
    attempts = [Tried(ref=attempt_ref(session(name), 1), status=attempt or "", is_live=False)]
    return Payment(
        session_id=session(name),
        tx_ref=tx_ref(name),
        status=status,
        amount=Decimal(AMOUNT),
        attempts=tuple(attempts if attempt else ()),
    )


def event(name: str, status: str) -> Event:
    return Event(
        event_id=event_id(session(name), 3),
        session_id=session(name),
        type=f"payment.{status}",
        state="delivered",
    )


def message(name: str, status: str) -> Message:
    return Message(
        event_id=event_id(session(name), 3),
        session_id=session(name),
        tx_ref=tx_ref(name),
        type=f"payment.{status}",
        status=status,
        body=f"{name} {status}",
        problems=(),
        answered=200,
        at=0.0,
    )


GOOD = Evidence(
    orders=(
        order(PAID, "successful"),
        order(DECLINED, "failed"),
        order(LEFT, "pending"),
        order(TEST, "successful", is_live=False),
    ),
    charges=(charge(PAID, "paid"), charge(DECLINED, "failed")),
    payments=(
        payment(PAID, "successful", "paid"),
        payment(DECLINED, "failed", "declined"),
        payment(LEFT, "pending", None),
        payment(TEST, "successful", "paid"),
    ),
    events=(event(PAID, "successful"), event(DECLINED, "failed"), event(TEST, "successful")),
    messages=(
        # One was refused at first, and came again.
        replace(message(PAID, "successful"), answered=503),
        message(PAID, "successful"),
        message(DECLINED, "failed"),
        message(TEST, "successful"),
    ),
)

Change = Callable[[tuple[Any, ...]], tuple[Any, ...]]


def without(place: int) -> Change:
    return lambda things: things[:place] + things[place + 1 :]


def again(place: int) -> Change:
    return lambda things: (*things, things[place])


def other(place: int, **facts: object) -> Change:
    return lambda things: (
        *things[:place],
        replace(things[place], **facts),
        *things[place + 1 :],
    )


def more(*added: object) -> Change:
    return lambda things: (*things, *added)


def changed(ledger: str, change: Change) -> Evidence:
    return replace(GOOD, **{ledger: change(getattr(GOOD, ledger))})


def test_ledgers_that_agree_are_found_to_agree() -> None:
    assert discrepancies(GOOD) == []


SECOND = replace(charge(PAID, "paid"), refid=attempt_ref(session(PAID), 2))
OPEN = (Tried(ref=attempt_ref(session(PAID), 1), status="accepted", is_live=True),)


@pytest.mark.parametrize(
    ("ledger", "change", "named"),
    [
        # The merchant's orders.
        ("payments", without(2), "the order was taken, and there is no payment"),
        ("payments", more(payment("CHK-STRAY", "pending", None)), "a payment that nobody ordered"),
        ("orders", again(0), "2 payments of one tx_ref"),
        ("payments", other(2, amount=Decimal(1)), "the payment says ORDER-CHK-LEFT, 1"),
        ("payments", other(2, status="expired"), "expired, not pending"),
        # The providers' charges.
        ("charges", again(1), "charged 2 times"),
        ("charges", other(0, asked=2), "kpay was asked 2 times to charge it"),
        ("charges", other(1, outcome="waiting"), "still waits at kpay"),
        ("charges", more(charge("CHK-STRAY", "paid")), "charged for a payment that there is not"),
        ("charges", more(replace(SECOND, refid="nonsense")), "a payment that there is not"),
        ("charges", other(0, amount=Decimal(4999)), "4999 charged for 5000"),
        ("charges", more(SECOND), "charged without an attempt"),
        ("charges", more(SECOND), "paid 2 times, and nobody was told"),
        ("charges", without(0), "successful, and no provider was paid"),
        ("charges", other(1, outcome="paid"), "the provider was paid, and the payment is failed"),
        ("charges", other(0, outcome="failed"), "paid, and the provider says"),
        ("payments", other(0, attempts=OPEN), "still open"),
        ("payments", other(0, status="failed"), "the payment is failed"),
        # The events.
        ("events", without(0), "successful, and no event says so"),
        ("events", again(0), "2 events payment.successful"),
        ("events", again(0), "2 events of one id"),
        ("events", more(replace(event(PAID, "successful"), event_id="evt_2")), "2 events payment"),
        ("events", more(event(LEFT, "failed")), "pending, and there are events"),
        ("events", more(replace(event(DECLINED, "successful"), event_id="evt_3")), "an event says"),
        ("events", more(event("CHK-STRAY", "failed")), "of a payment that there is not"),
        ("events", other(1, state="pending"), "pending, not delivered"),
        # What the merchant heard.
        ("messages", without(2), "the merchant never heard it"),
        ("messages", without(1), "heard 1 times, and never taken"),
        ("messages", again(2), "told again 1 times after it was taken"),
        ("messages", more(message("CHK-STRAY", "failed")), "the merchant heard what is no event"),
        ("messages", more(message("CHK-STRAY", "failed")), "speaks of CHK-STRAY"),
        ("messages", other(1, body="otherwise"), "told in different words"),
        ("messages", other(2, session_id=session(PAID)), "says CHK-PAID"),
        ("messages", other(2, type="payment.successful"), "and its body says failed"),
        ("messages", other(2, tx_ref="ORDER-OTHER"), "speaks of CHK-DECLINED"),
        ("messages", other(2, problems=("the signature is bad",)), "the signature is bad"),
        # What was answered.
        ("troubles", more("initialize: 500"), "initialize: 500"),
    ],
)
def test_what_is_missing_or_doubled_is_named(ledger: str, change: Change, named: str) -> None:
    found = discrepancies(changed(ledger, change))
    assert any(named in one for one in found), found


def test_money_that_came_twice_is_no_discrepancy_once_it_was_told() -> None:
    twice = Event(
        event_id=event_id(session(PAID), 5),
        session_id=session(PAID),
        type="payment.duplicate_charge",
        state="delivered",
    )
    told = replace(
        message(PAID, "successful"), event_id=twice.event_id, type=twice.type, body="twice"
    )
    tries = tuple(
        Tried(ref=attempt_ref(session(PAID), number), status="paid", is_live=False)
        for number in (1, 2)
    )
    evidence = replace(
        GOOD,
        charges=(*GOOD.charges, SECOND),
        payments=other(0, attempts=tries)(GOOD.payments),
        events=(*GOOD.events, twice),
        messages=(*GOOD.messages, told),
    )
    assert discrepancies(evidence) == []

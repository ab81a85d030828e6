"""The payments that fill the stores of the growth benchmark are such as the functions leave."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from ledger.attributes import from_item
from ledger.listing import Kind, owner_of
from ledger.payments import read
from payments.mode import Mode
from payments.references import looks_like_session_id, session_id
from payments.status import Status
from plumbing import wiring
from tests.benchmarks.capacity import size_of
from tests.benchmarks.growth.filling import AT_ONCE, SMALLEST, groups, holder_of
from tests.benchmarks.growth.measuring import held_by
from tests.benchmarks.growth.operations import ANCIENT, OPERATIONS, PAGE, expiring, owner_in, warm
from tests.benchmarks.growth.specimens import (
    Ending,
    Holder,
    Item,
    Kept,
    copy_of,
    ending_of,
    specimens,
)
from tests.integration.gateway import Gateway
from tests.integration.internet import NOW

HOLDER = Holder("mer_0123456789ab", b"salt".ljust(32))
STATUSES = {
    Ending.PAID: Status.SUCCESSFUL,
    Ending.DECLINED: Status.FAILED,
    Ending.EXPIRED: Status.EXPIRED,
    Ending.UNRESOLVED: Status.PENDING,
    Ending.OPEN: Status.PENDING,
}
A_NUMBER = {
    ending: next(n for n in range(100, 200) if ending_of(n) is ending)
    for ending in (Ending.PAID, Ending.DECLINED, Ending.EXPIRED, Ending.OPEN)
} | {Ending.UNRESOLVED: 1}


@pytest.fixture
def made(gateway: Gateway) -> dict[Ending, Item]:
    return specimens(gateway)


def stored(gateway: Gateway, made: dict[Ending, Item], numbers: range) -> None:
    """Store the merchant's own payments of these numbers."""
    for number in numbers:
        kept = Kept(number, owner_in(gateway))
        item = copy_of(made[kept.ending], kept)
        gateway.dynamodb.put_item(TableName="Payments", Item=item)


def test_each_ending_is_made_as_the_functions_make_it(made: dict[Ending, Item]) -> None:
    assert {ending: read(from_item(item)).status for ending, item in made.items()} == STATUSES
    assert [ending for ending, item in made.items() if "check_at" in item] == [
        Ending.UNRESOLVED,
        Ending.OPEN,
    ]
    assert [ending for ending, item in made.items() if "unresolved" in item] == [Ending.UNRESOLVED]


@pytest.mark.parametrize("ending", Ending)
def test_a_copy_differs_in_whose_it_is_and_when_it_was_made(
    made: dict[Ending, Item], ending: Ending
) -> None:
    kept = Kept(A_NUMBER[ending], HOLDER)
    specimen, copied = read(from_item(made[ending])), read(from_item(copy_of(made[ending], kept)))
    assert looks_like_session_id(copied.session_id)
    assert copied.session_id == session_id(HOLDER.salt, Mode.LIVE, copied.tx_ref)
    assert [attempt.ref[:16] for attempt in copied.attempts] == [copied.session_id[4:]] * len(
        specimen.attempts
    )
    assert copied == replace(
        specimen,
        session_id=copied.session_id,
        tx_ref=copied.tx_ref,
        merchant_id=HOLDER.merchant_id,
        created_at=kept.created_at,
        attempts=copied.attempts,
    )


@pytest.mark.parametrize("ending", Ending)
def test_a_copy_has_every_attribute_and_the_size_of_a_true_one(
    made: dict[Ending, Item], ending: Ending
) -> None:
    specimen, copied = made[ending], copy_of(made[ending], Kept(A_NUMBER[ending], HOLDER))
    assert copied.keys() == specimen.keys()
    shop = owner_of(HOLDER.merchant_id, Mode.LIVE, Kind.PAYMENTS)
    assert copied["owner"] == {"S": shop}
    live = read(from_item(copied)).live_attempt
    assert copied.get("live_attempt") == ({"S": live.ref} if live else None)
    # The tx_ref alone has another length, as merchants' have.
    longer = size_of(copied) - size_of(specimen)
    assert longer == len("KEPT-00000000") - len(specimen["tx_ref"]["S"])
    assert json.loads(json.dumps(copied)) == copied


def test_a_stored_payment_is_found_by_every_index(
    gateway: Gateway, made: dict[Ending, Item]
) -> None:
    before = {due.session_id for due in wiring.checks().due(NOW + timedelta(days=9))}
    stored(gateway, made, range(5))
    sessions = {number: Kept(number, owner_in(gateway)).session_id for number in range(5)}
    due = {due.session_id for due in wiring.checks().due(NOW + timedelta(days=9))} - before
    assert due == {sessions[number] for number in (0, 1, 2, 3)}
    assert set(wiring.unresolved().sessions(Mode.LIVE)) >= {sessions[n] for n in (1, 2, 3)}
    assert gateway.ledger.sessions_of("KEPT-00000004") == [sessions[4]]
    shop = gateway.shop.live
    assert gateway.verify("KEPT-00000004", shop).json["status"] == "successful"


def test_nothing_stored_is_due_while_it_is_measured(
    gateway: Gateway, made: dict[Ending, Item]
) -> None:
    stored(gateway, made, range(300))
    assert list(wiring.checks().due(NOW + timedelta(hours=1))) == []


def test_the_mixture_is_that_of_a_deployment_that_goes_well() -> None:
    found = Counter(map(ending_of, range(10_000)))
    assert found[Ending.OPEN] == 100
    assert found[Ending.UNRESOLVED] == 3
    assert found[Ending.PAID] > 8_500
    assert ending_of(ANCIENT) is Ending.PAID
    assert Counter(map(ending_of, range(SMALLEST)))[Ending.UNRESOLVED] == 3


def test_the_smallest_store_is_the_askers_alone_and_fills_a_page() -> None:
    holders = held_by(HOLDER, 1000)
    assert len(holders) == len({holder.merchant_id for holder in holders}) == 1000
    assert {holder_of(number, holders) for number in range(SMALLEST)} == {HOLDER}
    assert PAGE < SMALLEST
    held = Counter(holder_of(number, holders).merchant_id for number in range(200_000))
    assert held[HOLDER.merchant_id] == 200 + SMALLEST - 1
    assert min(held.values()) >= 199


def test_every_payment_is_stored_once() -> None:
    assert [number for group in groups(60) for number in group] == list(range(60))
    assert max(len(group) for group in groups(60)) == AT_ONCE


def test_what_falls_due_is_the_merchants_own(gateway: Gateway) -> None:
    due = gateway.payment(expiring(gateway))
    assert due.merchant_id == gateway.shop.merchant.merchant_id
    assert due.status_at(gateway.clock()) is Status.EXPIRED


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_does_what_it_is_called(
    gateway: Gateway, made: dict[Ending, Item], name: str
) -> None:
    """Each looks itself whether it was done; tests/integration/capacity says what it takes."""
    stored(gateway, made, range(SMALLEST))
    warm(gateway)
    with OPERATIONS[name](gateway) as act:
        gateway.aws_calls.clear()
        act()
        assert gateway.aws_calls

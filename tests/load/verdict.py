"""The verification: what of the evidence does not agree. Nothing missing, nothing twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from tests.load.evidence import Charge, Event, Evidence, Message, Payment

PAID, WAITING = "paid", "waiting"
SUCCESSFUL, PENDING = "successful", "pending"
DELIVERED = "delivered"
TWICE_PAID = "payment.duplicate_charge"
TAKEN = 200

Thing = TypeVar("Thing")


def discrepancies(evidence: Evidence) -> list[str]:
    """Every discrepancy, in words; none when all ledgers agree."""
    return [
        *evidence.troubles,
        *_between_orders_and_payments(evidence),
        *_of_charges(evidence),
        *_between_charges_and_payments(evidence),
        *_between_payments_and_events(evidence),
        *_between_events_and_messages(evidence),
        *_of_messages(evidence),
    ]


def _between_orders_and_payments(evidence: Evidence) -> Iterator[str]:
    payments = {payment.session_id: payment for payment in evidence.payments}
    for order in evidence.orders:
        payment = payments.pop(order.session_id, None)
        if payment is None:
            yield f"{order.tx_ref}: the order was taken, and there is no payment"
        elif payment.tx_ref != order.tx_ref or payment.amount != order.amount:
            yield f"{order.tx_ref}: the payment says {payment.tx_ref}, {payment.amount}"
        elif payment.status != order.ends:
            yield f"{order.tx_ref} ({order.what}): {payment.status}, not {order.ends}"
    for payment in payments.values():
        yield f"{payment.session_id}: a payment that nobody ordered"
    for tx_ref, times in _several(order.tx_ref for order in evidence.orders):
        yield f"{tx_ref}: {times} payments of one tx_ref"


def _of_charges(evidence: Evidence) -> Iterator[str]:
    for refid, times in _several(charge.refid for charge in evidence.charges):
        yield f"{refid}: charged {times} times"
    for charge in evidence.charges:
        if charge.asked > 1:
            yield f"{charge.refid}: {charge.provider} was asked {charge.asked} times to charge it"
        if charge.outcome == WAITING:
            yield f"{charge.refid}: still waits at {charge.provider}"


def _between_charges_and_payments(evidence: Evidence) -> Iterator[str]:
    charges = _by(evidence.charges, lambda charge: charge.session_id)
    live = {order.session_id for order in evidence.orders if order.is_live}
    told_twice = {event.session_id for event in evidence.events if event.type == TWICE_PAID}
    for payment in evidence.payments:
        own = charges.pop(payment.session_id, [])
        yield from _of_one_payment(payment, own, is_live=payment.session_id in live)
        paid = [charge for charge in own if charge.outcome == PAID]
        if len(paid) > 1 and payment.session_id not in told_twice:
            yield f"{payment.tx_ref}: paid {len(paid)} times, and nobody was told"
    for strangers in charges.values():
        for charge in strangers:
            yield f"{charge.refid}: {charge.provider} charged for a payment that there is not"


def _of_one_payment(payment: Payment, charges: Sequence[Charge], *, is_live: bool) -> Iterator[str]:
    is_paid = any(charge.outcome == PAID for charge in charges)
    if is_paid and payment.status != SUCCESSFUL:
        yield f"{payment.tx_ref}: the provider was paid, and the payment is {payment.status}"
    if is_live and payment.status == SUCCESSFUL and not is_paid:
        yield f"{payment.tx_ref}: successful, and no provider was paid"
    outcomes = {charge.refid: charge.outcome for charge in charges}
    for attempt in payment.attempts:
        if attempt.is_live:
            yield f"{attempt.ref}: still open"
        elif is_live and (attempt.status == PAID) is not (outcomes.get(attempt.ref) == PAID):
            yield f"{attempt.ref}: {attempt.status}, and the provider says {outcomes}"
    for charge in charges:
        if charge.amount != payment.amount:
            yield f"{charge.refid}: {charge.amount} charged for {payment.amount}"
        if charge.refid not in {attempt.ref for attempt in payment.attempts}:
            yield f"{charge.refid}: charged without an attempt"


def _between_payments_and_events(evidence: Evidence) -> Iterator[str]:
    events = _by(evidence.events, lambda event: event.session_id)
    for payment in evidence.payments:
        own = events.pop(payment.session_id, [])
        types = Counter(event.type for event in own)
        news = f"payment.{payment.status}"
        if payment.status != PENDING and not types[news]:
            yield f"{payment.tx_ref}: {payment.status}, and no event says so"
        if payment.status == PENDING and own:
            yield f"{payment.tx_ref}: pending, and there are events: {dict(types)}"
        for kind, times in types.items():
            if times > 1:
                yield f"{payment.tx_ref}: {times} events {kind}"
            if kind not in {news, TWICE_PAID} and payment.status != SUCCESSFUL:
                yield f"{payment.tx_ref}: {payment.status}, and an event says {kind}"
    for strangers in events.values():
        for event in strangers:
            yield f"{event.event_id}: an event of a payment that there is not"
    for event_id, times in _several(event.event_id for event in evidence.events):
        yield f"{event_id}: {times} events of one id"


def _between_events_and_messages(evidence: Evidence) -> Iterator[str]:
    messages = _by(evidence.messages, lambda message: message.event_id)
    for event in evidence.events:
        heard = messages.pop(event.event_id, [])
        taken = [message for message in heard if message.answered == TAKEN]
        if not heard:
            yield f"{event.event_id} ({event.type}): the merchant never heard it"
        elif not taken:
            yield f"{event.event_id}: heard {len(heard)} times, and never taken"
        elif len(taken) > 1:
            yield f"{event.event_id}: told again {len(taken) - 1} times after it was taken"
        if event.state != DELIVERED:
            yield f"{event.event_id}: {event.state}, not {DELIVERED}"
        yield from _of_one_event(event, heard)
    for event_id in messages:
        yield f"{event_id}: the merchant heard what is no event"


def _of_one_event(event: Event, heard: Sequence[Message]) -> Iterator[str]:
    if len({message.body for message in heard}) > 1:
        yield f"{event.event_id}: told in different words"
    for message in heard:
        if (message.session_id, message.type) != (event.session_id, event.type):
            yield f"{event.event_id}: says {message.session_id} {message.type}"


def _of_messages(evidence: Evidence) -> Iterator[str]:
    orders: Mapping[str, str] = {order.session_id: order.tx_ref for order in evidence.orders}
    for message in evidence.messages:
        for problem in message.problems:
            yield f"{message.event_id}: {problem}"
        if orders.get(message.session_id) != message.tx_ref:
            yield f"{message.event_id}: speaks of {message.session_id} {message.tx_ref}"
        if message.type not in {TWICE_PAID, f"payment.{message.status}"}:
            yield f"{message.event_id}: {message.type}, and its body says {message.status}"


def _several(ids: Iterable[str]) -> list[tuple[str, int]]:
    return [(one, times) for one, times in Counter(ids).items() if times > 1]


def _by(things: Iterable[Thing], key: Callable[[Thing], str]) -> dict[str, list[Thing]]:
    sorted_out: dict[str, list[Thing]] = defaultdict(list)
    for thing in things:
        sorted_out[key(thing)].append(thing)
    return sorted_out

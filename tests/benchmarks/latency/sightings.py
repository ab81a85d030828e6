"""When things truly happened, by the books of those to whom they happened. Pure.

The simulators and the merchant's endpoint keep Unix seconds of one clock.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from payments.references import payment_of
from tests.load.evidence import Message

PAID = "paid"
NEWS = "payment.successful"

Charge = Mapping[str, Any]
"""A charge in a simulator's ledger, with what was sent about it."""


def sent_at(charges: Iterable[Charge]) -> dict[str, float]:
    """When the provider first sent word of each paid charge, by session id."""
    return {
        session: min(sent)
        for session, charge in paid(charges)
        if (sent := [told["sent_at"] for told in messages_of(charge) if told["sent_at"]])
    }


def approved_at(charges: Iterable[Charge]) -> dict[str, float]:
    """When each paid charge was approved, by session id."""
    return {session: charge["settled_at"] for session, charge in paid(charges)}


def heard_at(messages: Iterable[Message]) -> dict[str, float]:
    """When the merchant first heard of each success under a good signature, by session id."""
    heard: dict[str, float] = {}
    for message in messages:
        if message.type == NEWS and not message.problems:
            session = message.session_id
            heard[session] = min(message.at, heard.get(session, message.at))
    return heard


def paid(charges: Iterable[Charge]) -> Iterator[tuple[str, Charge]]:
    """Every charge that took money, with the session id that its reference leads to."""
    for charge in charges:
        named = payment_of(charge["refid"])
        if charge["outcome"] == PAID and named is not None:
            yield named[0], charge


def messages_of(charge: Charge) -> list[Mapping[str, Any]]:
    """What was sent about a charge: two of the simulators have another word for it."""
    told: list[Mapping[str, Any]] = charge.get("postbacks") or charge.get("webhooks") or []
    # What was sent while the charge was open told of no payment.
    return [one for one in told if (one["sent_at"] or 0) >= (charge["settled_at"] or 0)]

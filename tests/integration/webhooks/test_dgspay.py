"""DGS-Pay's webhook: for a charge whose reply was lost, the only word that ever comes."""

import json

import httpx
import pytest

from tests.integration.gateway import Gateway
from tests.integration.webhooks.letters import arrives, letter_from, paid, shop_of


def lost(gateway: Gateway) -> tuple[str, str]:
    """A payment that was charged, and the reply never came: session and attempt."""
    gateway.internet.misbehave("dgspay", "lost_reply")
    session = gateway.opened(shop_of(gateway, "dgspay").live)
    gateway.process(session)
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.provider_ref) == ("unknown", None)
    gateway.internet.questions.clear()
    return session, attempt.ref


def test_a_charge_whose_reply_was_lost_is_found_by_its_webhook(gateway: Gateway) -> None:
    session, reference = lost(gateway)
    gateway.approve(reference)
    gateway.internet.tick()
    (charge,) = gateway.internet.charges("dgspay")
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.provider_ref) == ("paid", charge["dgs_reference"])
    assert gateway.payment(session).status == "successful"


def test_the_letter_of_another_charge_is_not_taken_for_that_of_a_lost_one(gateway: Gateway) -> None:
    """It names nothing of ours, and the sum is the same: what the simulation found at seed 114964
    of the schedules at fe5873a, and as a false payment once the schedules looked for it."""
    session, _ = lost(gateway)
    address = gateway.internet.dgspay.charges.made[0].order.callback_url
    other, letter = paid(gateway, "dgspay", "ORDER-2")
    before = gateway.payment(session)
    assert arrives(gateway, letter, address).status == 200
    assert gateway.payment(session) == before
    arrives(gateway, letter)
    assert gateway.payment(other).status == "successful"


def test_a_reply_is_its_requests_own_whatever_name_it_gives(gateway: Gateway) -> None:
    """A server that names every charge alike must not cost a payment its answer."""
    first, letter = paid(gateway, "dgspay")
    arrives(gateway, letter)
    gateway.internet.replacement = httpx.Response(
        200, json=json.loads(letter.body) | {"transaction_status": "pending", "event": None}
    )
    second = gateway.opened(shop_of(gateway, "dgspay").live, tx_ref="ORDER-2")
    gateway.process(second)
    assert gateway.payment(first).status == "successful"
    assert gateway.attempt(second).status == "accepted"
    assert gateway.attempt(second).provider_ref == gateway.attempt(first).provider_ref


def test_a_charge_whose_reply_was_lost_cannot_be_asked_about(gateway: Gateway) -> None:
    session, reference = lost(gateway)
    gateway.approve(reference)
    assert gateway.ask_provider(session, reference) == {"settled": False}
    assert gateway.internet.questions == []


@pytest.mark.parametrize("event", ["payment.pending", "payment.seen"])
def test_a_letter_without_a_final_word_still_names_what_can_be_asked_about(
    gateway: Gateway, event: str
) -> None:
    session, reference = lost(gateway)
    gateway.approve(reference)
    letter = letter_from(gateway, "dgspay").saying(event=event, transaction_status="pending")
    gateway.internet.failure = httpx.ReadTimeout("silence")
    arrives(gateway, letter)
    attempt = gateway.attempt(session)
    assert attempt.status == "accepted"
    assert attempt.provider_ref == gateway.internet.charges("dgspay")[0]["dgs_reference"]
    gateway.internet.failure = None
    assert gateway.ask_provider(session, reference) == {"settled": True}


@pytest.mark.parametrize(
    "changes",
    [
        {"event": "payment.failed"},
        {"event": "refund.success"},
        {"transaction_status": "failed"},
        {"dgs_reference": "dgs_another"},
        {"transaction_status": "COMPLETE"},
        {"transaction_status": None, "status": "success"},
        {"error_code": "99"},
    ],
)
def test_a_letter_that_contradicts_itself_or_us_is_asked_about(
    gateway: Gateway, changes: dict[str, str]
) -> None:
    session, letter = paid(gateway, "dgspay")
    gateway.internet.failure = httpx.ReadTimeout("silence")
    before = gateway.payment(session)
    assert arrives(gateway, letter.saying(**changes)).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session) == before


def test_a_signature_in_capitals_is_the_same_signature(gateway: Gateway) -> None:
    session, letter = paid(gateway, "dgspay")
    assert arrives(gateway, letter.signed_with(letter.signature.upper())).status == 200
    assert gateway.payment(session).status == "successful"

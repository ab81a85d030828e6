"""One payment falls over from one provider to the next, and is never charged twice."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from checkout import charging
from payments.payment import MOST_TRIES
from payments.references import attempt_ref
from plumbing import provider_desk
from tests.integration.gateway import MTN, Gateway, Shop, make_machines
from tests.integration.internet import BASE_URLS, GIVEN

PROVIDERS = tuple(BASE_URLS)
UNREACHABLE = httpx.ConnectError("no route")
SILENT = httpx.ReadTimeout("silence")

# The simulators' magic numbers.
REFUSED = "0788000011"
NO_FUNDS_IN_THE_REPLY = {
    "vpay": "0788000012",
    "dgspay": "0788000013",
    "rwandapay": "0788000004",
}


def next_of(provider: str) -> str:
    """Some other provider."""
    return PROVIDERS[(PROVIDERS.index(provider) + 1) % len(PROVIDERS)]


def shop_with(gateway: Gateway, *providers: str) -> Shop:
    """A merchant who prefers these providers, in this order."""
    return gateway.enrol("Two roads", routes={"mobile_money": providers})


def opened_with(gateway: Gateway, *providers: str) -> str:
    return gateway.opened(shop_with(gateway, *providers).live)


def attempts(gateway: Gateway, session: str) -> list[tuple[str, str, str | None]]:
    """Where it was tried, how that went, and why."""
    return [(a.provider, a.status, a.reason) for a in gateway.payment(session).attempts]


def asked_first(gateway: Gateway, shop: Shop, reference: str) -> str:
    """The provider that the next payment goes to first."""
    session = gateway.opened(shop.live, tx_ref=reference)
    gateway.process(session)
    return gateway.payment(session).attempts[0].provider


# -------------------------------------------------------------------- refused: the next one
@pytest.mark.parametrize("first", PROVIDERS)
def test_the_next_provider_charges_what_one_refuses(gateway: Gateway, first: str) -> None:
    second = next_of(first)
    session = opened_with(gateway, first, second)
    gateway.internet.misbehave(first, "refused")
    answer = gateway.process(session)
    assert (answer.status, answer.json["data"]["status"]) == (200, "pending")
    assert attempts(gateway, session) == [
        (first, "refused", "not_enabled"),
        (second, "accepted", None),
    ]
    assert gateway.internet.ledger() == [(second, attempt_ref(session, 2))]
    gateway.approve(attempt_ref(session, 2))
    gateway.internet.tick()
    assert gateway.payment(session).status == "successful"


@pytest.mark.parametrize("first", PROVIDERS)
def test_the_next_provider_charges_where_one_cannot_be_reached(
    gateway: Gateway, first: str
) -> None:
    second = next_of(first)
    session = opened_with(gateway, first, second)
    gateway.internet.failures[first] = UNREACHABLE
    assert gateway.process(session).status == 200
    assert attempts(gateway, session) == [
        (first, "refused", "unreachable"),
        (second, "accepted", None),
    ]
    assert gateway.internet.ledger() == [(second, attempt_ref(session, 2))]


def test_the_page_falls_over_as_well(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused")
    gateway.paying(session)
    assert gateway.internet.ledger() == [("vpay", attempt_ref(session, 2))]
    assert 'data-state="check_phone"' in gateway.page(session).text


def test_all_four_are_asked_in_the_merchants_order(gateway: Gateway) -> None:
    order = ("rwandapay", "dgspay", "kpay", "vpay")
    session = opened_with(gateway, *order)
    for provider in order[:-1]:
        gateway.internet.misbehave(provider, "refused")
    gateway.process(session)
    assert [provider for provider, _, _ in attempts(gateway, session)] == list(order)
    assert gateway.internet.ledger() == [("vpay", attempt_ref(session, 4))]


def test_each_attempt_is_told_at_an_address_of_its_own(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.internet.failures["kpay"] = UNREACHABLE
    gateway.process(session)
    asked, charged = (
        json.loads(question.content)
        for question in gateway.internet.questions
        if question.content.startswith(b"{")
    )
    first, second = gateway.payment(session).attempts
    assert asked["returl"].startswith(f"https://pay.example/webhooks/kpay/{first.ref}/")
    assert charged["callback_url"].startswith(f"https://pay.example/webhooks/vpay/{second.ref}/")
    assert asked["returl"].rsplit("/", 1)[1] != charged["callback_url"].rsplit("/", 1)[1]


def test_when_all_refuse_nobody_was_charged_and_the_payment_failed(gateway: Gateway) -> None:
    session = opened_with(gateway, *PROVIDERS)
    answer = gateway.process(session, phone=REFUSED)
    assert (answer.status, answer.code) == (503, "PROVIDER_UNAVAILABLE")
    assert [(name, "refused", "not_enabled") for name in PROVIDERS] == attempts(gateway, session)
    assert gateway.internet.ledger() == []
    assert gateway.payment(session).status == "failed"


def test_when_all_refuse_the_page_leaves_another_try(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.pay(session, attempt="1", phone=REFUSED)
    text = gateway.page(session).text
    assert 'data-state="declined"' in text
    assert "You were not charged" in text
    assert 'name="try" value="2"' in text
    gateway.paying(session, MTN, 2)
    assert gateway.internet.ledger() == [("kpay", attempt_ref(session, 3))]


# -------------------------------------------------------------------- passed over
@pytest.mark.parametrize("stored", [None, {}, {"api_user": "a", "api_key": "b"}])
def test_a_provider_without_all_its_credentials_is_passed_over(
    gateway: Gateway, stored: dict[str, str] | None
) -> None:
    shop = shop_with(gateway, "vpay", "kpay")
    if stored is None:
        gateway.lose_credentials(shop.merchant, "vpay")
    else:
        gateway.store_credentials(shop.merchant, "vpay", stored)
    session = gateway.opened(shop.live)
    gateway.process(session)
    assert attempts(gateway, session) == [("kpay", "accepted", None)]
    assert gateway.internet.ledger() == [("kpay", attempt_ref(session, 1))]


def test_a_refusal_is_final_when_the_next_has_no_credentials(gateway: Gateway) -> None:
    shop = shop_with(gateway, "kpay", "vpay")
    gateway.lose_credentials(shop.merchant, "vpay")
    session = gateway.opened(shop.live)
    assert gateway.process(session, phone=REFUSED).code == "PROVIDER_UNAVAILABLE"
    assert attempts(gateway, session) == [("kpay", "refused", "not_enabled")]
    assert gateway.payment(session).status == "failed"


def test_a_refusal_of_the_only_provider_is_final(gateway: Gateway) -> None:
    session = opened_with(gateway, "vpay")
    assert gateway.process(session, phone=REFUSED).code == "PROVIDER_UNAVAILABLE"
    assert gateway.payment(session).status == "failed"


# -------------------------------------------------------------------- silent: never the next one
@pytest.mark.parametrize("fault", ["lost_reply", "error_500"])
@pytest.mark.parametrize("first", PROVIDERS)
def test_silence_after_charging_never_asks_the_next(
    gateway: Gateway, first: str, fault: str
) -> None:
    session = opened_with(gateway, first, next_of(first))
    gateway.internet.misbehave(first, fault)
    answer = gateway.process(session)
    assert (answer.status, answer.json["data"]["status"]) == (200, "pending")
    assert attempts(gateway, session) == [(first, "unknown", None)]
    assert gateway.internet.ledger() == [(first, attempt_ref(session, 1))]
    assert gateway.process(session).code == "ATTEMPT_IN_PROGRESS"
    gateway.pay(session, attempt="2", phone=MTN)
    assert gateway.internet.ledger() == [(first, attempt_ref(session, 1))]
    live = gateway.payment(session).live_attempt
    assert live
    assert live.ref == attempt_ref(session, 1)


@pytest.mark.parametrize("first", ["kpay", "dgspay"])
def test_silence_before_charging_cannot_be_told_apart_and_asks_nobody_else(
    gateway: Gateway, first: str
) -> None:
    session = opened_with(gateway, first, next_of(first))
    gateway.internet.failures[first] = SILENT
    assert gateway.process(session).status == 200
    assert attempts(gateway, session) == [(first, "unknown", None)]
    assert gateway.internet.ledger() == []


@pytest.mark.parametrize("fault", ["initialize_lost_reply", "initialize_500"])
def test_a_session_of_rwandapays_that_nobody_was_prompted_in_hands_over(
    gateway: Gateway, fault: str
) -> None:
    session = opened_with(gateway, "rwandapay", "kpay")
    gateway.internet.misbehave("rwandapay", fault)
    gateway.process(session)
    assert attempts(gateway, session) == [
        ("rwandapay", "refused", "unreachable"),
        ("kpay", "accepted", None),
    ]
    assert gateway.internet.ledger() == [("kpay", attempt_ref(session, 2))]


@pytest.mark.parametrize("failure", [SILENT, httpx.ConnectError("down")], ids=repr)
def test_without_vpays_token_nobody_was_charged_so_the_next_is_asked(
    gateway: Gateway, failure: httpx.TransportError
) -> None:
    session = opened_with(gateway, "vpay", "kpay")
    gateway.internet.failures["vpay"] = failure
    gateway.process(session)
    assert attempts(gateway, session) == [
        ("vpay", "refused", "unreachable"),
        ("kpay", "accepted", None),
    ]


def test_a_second_provider_that_is_silent_ends_the_search(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "dgspay", "vpay")
    gateway.internet.misbehave("kpay", "refused")
    gateway.internet.misbehave("dgspay", "lost_reply")
    gateway.process(session)
    assert attempts(gateway, session) == [
        ("kpay", "refused", "not_enabled"),
        ("dgspay", "unknown", None),
    ]
    assert gateway.internet.ledger() == [("dgspay", attempt_ref(session, 2))]


# -------------------------------------------------------------------- declined: never the next one
@pytest.mark.parametrize("first", NO_FUNDS_IN_THE_REPLY)
def test_a_wallet_without_money_is_not_asked_for_it_elsewhere(gateway: Gateway, first: str) -> None:
    session = opened_with(gateway, first, "kpay")
    answer = gateway.process(session, phone=NO_FUNDS_IN_THE_REPLY[first])
    assert (answer.status, answer.code) == (422, "INSUFFICIENT_BALANCE")
    assert attempts(gateway, session) == [(first, "declined", "insufficient_funds")]
    assert gateway.internet.charges("kpay") == []
    assert gateway.payment(session).status == "failed"


def test_a_decline_in_kpays_reply_is_not_taken_elsewhere(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.internet.replacement = httpx.Response(200, json={"reply": "FAILED", "retcode": "607"})
    assert gateway.process(session).code == "PAYMENT_DECLINED"
    gateway.internet.replacement = None
    assert attempts(gateway, session) == [("kpay", "declined", "declined")]
    assert gateway.internet.ledger() == []


@pytest.mark.parametrize("first", PROVIDERS)
def test_a_customer_who_says_no_is_not_prompted_by_the_next(gateway: Gateway, first: str) -> None:
    session = opened_with(gateway, first, next_of(first))
    gateway.process(session)
    gateway.decline(attempt_ref(session, 1))
    gateway.internet.tick()
    assert attempts(gateway, session) == [(first, "declined", "declined")]
    assert gateway.internet.ledger() == [(first, attempt_ref(session, 1))]
    assert gateway.payment(session).status == "failed"


# -------------------------------------------------------------------- between two providers
@contextmanager
def crashing_before_the_second_attempt(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The function dies once the first provider's refusal is written, and before any more is."""
    tokens = ["the-first-attempts-token"]
    with monkeypatch.context() as patch:
        patch.setattr(charging, "mint_token", tokens.pop)
        yield


def test_a_crash_after_the_first_refusal_leaves_the_payment_pending(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused")
    with crashing_before_the_second_attempt(monkeypatch):
        assert gateway.process(session).status == 500
    assert attempts(gateway, session) == [("kpay", "refused", "not_enabled")]
    assert gateway.verify(session).json["status"] == "pending"


def test_a_payment_that_crashed_between_two_providers_is_paid_by_the_next_try(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused")
    with crashing_before_the_second_attempt(monkeypatch):
        gateway.process(session)
    assert gateway.process(session).status == 200
    assert gateway.internet.ledger() == [("kpay", attempt_ref(session, 2))]
    assert gateway.payment(session).tries == 2
    gateway.approve(attempt_ref(session, 2))
    gateway.internet.tick()
    assert gateway.verify(session).json["status"] == "successful"


def test_a_crash_on_the_way_to_the_second_leaves_its_attempt_unknown_and_alone(
    gateway: Gateway,
) -> None:
    session = opened_with(gateway, "vpay", "kpay")
    gateway.internet.misbehave("vpay", "refused")
    gateway.internet.failures["kpay"] = RuntimeError("the sandbox was frozen")
    assert gateway.process(session).status == 500
    assert attempts(gateway, session) == [
        ("vpay", "refused", "not_enabled"),
        ("kpay", "unknown", None),
    ]
    gateway.internet.failures.clear()
    assert gateway.verify(session).json["status"] == "pending"
    assert gateway.process(session).code == "ATTEMPT_IN_PROGRESS"
    assert gateway.internet.ledger() == []


def test_the_payment_is_pending_while_the_next_provider_is_asked(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "dgspay")
    gateway.internet.misbehave("kpay", "refused")
    seen: list[tuple[str, list[tuple[str, str, str | None]]]] = []

    def look(request: httpx.Request) -> None:
        if request.url.host == "dgspay.example":
            told = gateway.verify(session).json["status"]
            seen.append((told, attempts(gateway, session)))

    gateway.internet.before_answer = look
    gateway.process(session)
    assert seen == [
        ("pending", [("kpay", "refused", "not_enabled"), ("dgspay", "unknown", None)]),
    ]


# -------------------------------------------------------------------- tries
def test_a_failover_is_no_try_of_the_customers(gateway: Gateway) -> None:
    session = opened_with(gateway, "kpay", "vpay")
    for number in range(1, MOST_TRIES + 1):
        assert gateway.payment(session).status == "pending"
        assert f'name="try" value="{number}"' in gateway.page(session).text
        gateway.pay(session, attempt=str(number), phone=REFUSED)
        gateway.clock.move(61)
    payment = gateway.payment(session)
    assert [attempt.try_number for attempt in payment.attempts] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert {attempt.status for attempt in payment.attempts} == {"refused"}
    assert (payment.status, payment.tries) == ("failed", MOST_TRIES)
    gateway.pay(session, attempt="6", phone=MTN)
    assert gateway.internet.ledger() == []


# -------------------------------------------------------------------- health
def test_a_provider_that_refuses_three_times_in_a_row_is_tried_last_for_a_minute(
    gateway: Gateway,
) -> None:
    shop = shop_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused", 3)
    asked = [asked_first(gateway, shop, f"ORDER-{number}") for number in range(4)]
    assert asked == ["kpay", "kpay", "kpay", "vpay"]
    gateway.clock.move(59)
    assert asked_first(gateway, shop, "ORDER-59") == "vpay"
    gateway.clock.move(1)
    assert asked_first(gateway, shop, "ORDER-60") == "kpay"


def test_a_provider_that_is_silent_three_times_in_a_row_is_tried_last_as_well(
    gateway: Gateway,
) -> None:
    shop = shop_with(gateway, "kpay", "vpay")
    gateway.internet.failures["kpay"] = SILENT
    asked = [asked_first(gateway, shop, f"ORDER-{number}") for number in range(4)]
    assert asked == ["kpay", "kpay", "kpay", "vpay"]


def test_a_provider_that_ails_is_still_asked_when_the_other_refuses(gateway: Gateway) -> None:
    shop = shop_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused", 3)
    for number in range(3):
        asked_first(gateway, shop, f"ORDER-{number}")
    gateway.internet.misbehave("vpay", "refused")
    session = gateway.opened(shop.live, tx_ref="ORDER-4")
    gateway.process(session)
    assert attempts(gateway, session) == [
        ("vpay", "refused", "not_enabled"),
        ("kpay", "accepted", None),
    ]


def test_customers_without_money_do_not_make_a_provider_ail(gateway: Gateway) -> None:
    shop = shop_with(gateway, "vpay", "kpay")
    for number in range(4):
        session = gateway.opened(shop.live, tx_ref=f"ORDER-{number}")
        gateway.process(session, phone=NO_FUNDS_IN_THE_REPLY["vpay"])
    assert asked_first(gateway, shop, "ORDER-5") == "vpay"


def test_what_the_desk_remembers_is_forgotten_at_a_word(gateway: Gateway) -> None:
    shop = shop_with(gateway, "kpay", "vpay")
    gateway.internet.misbehave("kpay", "refused", 3)
    for number in range(3):
        asked_first(gateway, shop, f"ORDER-{number}")
    assert provider_desk.tokens.keys() == {GIVEN["vpay"]["api_user"]}
    provider_desk.forget()
    assert provider_desk.tokens == {}
    assert asked_first(gateway, shop, "ORDER-4") == "kpay"


# -------------------------------------------------------------------- late money
def test_late_money_beside_another_providers_is_a_duplicate_charge(gateway: Gateway) -> None:
    make_machines()
    session = opened_with(gateway, "kpay", "vpay")
    first = gateway.paying(session)
    gateway.decline(first)
    gateway.internet.tick()
    gateway.internet.misbehave("kpay", "refused")
    third = gateway.paying(session, number=2)
    gateway.approve(third)
    gateway.internet.tick()
    paid = gateway.payment(session)
    assert (paid.status, third) == ("successful", attempt_ref(session, 3))
    gateway.clock.move(600)
    gateway.internet.pay_late(first)
    gateway.internet.tick()
    gateway.pump()
    payment = gateway.payment(session)
    assert (payment.status, payment.transaction_id) == ("successful", paid.transaction_id)
    assert attempts(gateway, session) == [
        ("kpay", "paid", None),
        ("kpay", "refused", "not_enabled"),
        ("vpay", "paid", None),
    ]
    kinds = [event["type"] for event in gateway.events_of(session)]
    assert sorted(kinds) == ["payment.duplicate_charge", "payment.successful"]

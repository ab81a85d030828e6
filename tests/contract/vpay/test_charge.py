"""What V-Pay takes, and what it refuses before anybody is prompted."""

import json

import httpx
import pytest

from infra.local.simulators.vpay_faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt, Method
from payments.phone import Network
from payments.report import Outcome, Reason
from providers.vpay import LISTING
from tests.contract.vpay.desk import ADDRESSES, AIRTEL, CARD, OURS, URL, Desk, charged, facing
from tests.examples import attempt


@pytest.mark.parametrize(
    ("tried", "method", "phone"),
    [
        (attempt(), "mtnrw", "0788123456"),
        (attempt(phone="0791234567"), "mtnrw", "0791234567"),
        (AIRTEL, "all", "0738123456"),
        (attempt(network=Network.AIRTEL), "all", "0788123456"),
        (CARD, "card", "0788123456"),
    ],
    ids=["MTN", "MTN 079", "Airtel", "ported to Airtel", "card"],
)
def test_asks_for_the_money_in_vpays_own_words(
    desk: Desk, tried: Attempt, method: str, phone: str
) -> None:
    said = desk.charge(tried)
    assert said.outcome is Outcome.PENDING
    (charge,) = desk.charges
    assert said.provider_ref == charge.tid
    assert (charge.refid, charge.amount, charge.currency) == (tried.ref, 5000, "RWF")
    assert (charge.method, charge.phone) == (method, phone)
    assert charge.callback_url == ADDRESSES.callback_url
    assert charge.metadata == {"session_id": "CHK-0123456789ABCDEF", "tx_ref": "ORDER-1"}
    (request,) = desk.calls_to("/pay/")
    assert b'"amount":5000,' in request.content.replace(b" ", b"")


@pytest.mark.parametrize("tried", [AIRTEL, CARD], ids=["Airtel", "card"])
def test_the_customer_goes_on_at_vpays_page(desk: Desk, tried: Attempt) -> None:
    said = desk.charge(tried)
    assert said.next_url == f"https://vpay.example/api/checkout/{desk.charges[0].page}"
    assert desk.http.get(said.next_url).status_code == 200


def test_a_prompt_on_the_phone_sends_the_customer_nowhere(desk: Desk) -> None:
    assert desk.charge().next_url is None


@pytest.mark.parametrize("phone", ["0780000000", "0790000000"])
def test_a_reply_that_is_final_at_once_is_paid_with_its_sum(desk: Desk, phone: str) -> None:
    said = desk.charge(attempt(phone=phone))
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5000, "RWF"))
    assert said.provider_ref == desk.charges[0].tid


@pytest.mark.parametrize(
    ("phone", "reason"),
    [("0788000012", Reason.INSUFFICIENT_FUNDS), ("0788000013", Reason.TIMED_OUT)],
    ids=["no funds", "time-out"],
)
def test_an_error_of_the_customers_side_is_a_decline_though_it_comes_with_200(
    desk: Desk, phone: str, reason: Reason
) -> None:
    said = desk.charge(attempt(phone=phone))
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


def test_a_reply_that_is_paid_at_once_passes_another_sum_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    said = desk.charge(attempt(phone="0780000000"))
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


def test_a_reply_about_another_reference_says_nothing(desk: Desk) -> None:
    desk.order(Fault.WRONG_REFERENCE)
    with pytest.raises(ProviderSilent, match="another transaction"):
        desk.charge(attempt(phone="0780000000"))


@pytest.mark.parametrize(
    ("description", "message"),
    [
        ("Ikawa 1 kg", "Ikawa 1 kg"),
        ("Café: 1/2 kg :) ☕", "Cafe 1 2 kg"),
        ("ORDER#123", "ORDER 123"),
        ("x" * 79 + " more", "x" * 79),
        ("x" * 100, "x" * 80),
        ("☕", "ORDER 1"),
        ("", "ORDER 1"),
        (None, "ORDER 1"),
    ],
)
def test_the_message_is_letters_digits_and_spaces_alone(
    desk: Desk, description: str | None, message: str
) -> None:
    desk.charge(description=description)
    assert desk.charges[0].message == message
    assert not desk.charges[0].ignored


def test_a_message_is_never_empty(desk: Desk) -> None:
    desk.charge(description="☕", tx_ref="--")
    assert desk.charges[0].message == attempt().ref


def test_proves_who_we_are_by_the_token_and_both_keys(desk: Desk) -> None:
    desk.charge()
    auth, pay = desk.sent
    for request in (auth, pay):
        assert request.headers["apiUser"] == OURS["api_user"]
        assert request.headers["apiKey"] == OURS["api_key"]
    assert (auth.method, auth.content) == ("POST", b"")
    assert pay.headers["Authorization"] == f"Bearer {desk.tokens['vpay_live_ikawa'].value}"
    assert pay.headers["Content-Type"] == "application/json"


def test_the_base_address_may_lack_its_last_slash(desk: Desk) -> None:
    assert charged(desk.opened(URL.rstrip("/"))).outcome is Outcome.PENDING
    assert [request.url.path for request in desk.sent] == ["/api/auth/", "/api/pay/"]


@pytest.mark.parametrize("wrong", [{"api_user": "vpay_live_x"}, {"api_key": "sk_live_x"}])
def test_a_merchant_whom_vpay_does_not_know_is_a_refusal(wrong: dict[str, str]) -> None:
    desk = Desk(ours={**OURS, **wrong})
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []
    assert desk.calls_to("/pay/") == []


@pytest.mark.parametrize(
    "tried",
    [attempt(phone="0788000011"), attempt(phone="0738123456")],
    ids=["refused", "not a number of MTN's"],
)
def test_a_number_that_vpay_will_not_take_is_a_refusal(desk: Desk, tried: Attempt) -> None:
    said = desk.charge(tried)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


def test_less_than_vpays_least_sum_is_a_refusal(desk: Desk) -> None:
    assert desk.charge(money=Money(99, "RWF")).outcome is Outcome.REFUSED
    assert desk.charge(money=Money(100, "RWF")).outcome is Outcome.PENDING


def test_a_used_up_rate_is_a_refusal_since_nobody_was_charged(desk: Desk) -> None:
    desk.charge()
    desk.till.pace.requests_per_minute = 2
    said = desk.charge(attempt(2))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert len(desk.charges) == 1
    desk.wait(60)
    assert desk.charge(attempt(2)).outcome is Outcome.PENDING


def test_a_reference_that_vpay_has_seen_is_unknown_and_not_charged_again(desk: Desk) -> None:
    desk.charge()
    with pytest.raises(ProviderSilent):
        desk.charge()
    assert len(desk.charges) == 1
    assert desk.ask().outcome is Outcome.PENDING


@pytest.mark.parametrize(
    "failure",
    [httpx.ConnectError("refused"), httpx.ConnectTimeout("timed out"), httpx.PoolTimeout("none")],
)
def test_vpay_out_of_reach_is_a_refusal_since_nothing_was_sent(failure: httpx.HTTPError) -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise failure

    said = charged(facing(fails))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)


def test_offers_mobile_money_on_both_networks_and_cards_in_francs() -> None:
    assert set(LISTING.offers) == {Method.MOBILE_MONEY, Method.CARD}
    assert all(offer.currencies == {"RWF"} for offer in LISTING.offers.values())
    assert LISTING.offers[Method.MOBILE_MONEY].networks == set(Network)
    assert LISTING.signs
    assert json.dumps(dict(LISTING.acknowledge(b"\xff"))) == '{"status": "ok"}'

"""What K-Pay takes, and what it refuses before anybody is prompted."""

import json
from dataclasses import replace

import httpx
import pytest

from infra.local.simulators.faults import Fault
from payments.money import Money
from payments.payment import Attempt, Method
from payments.phone import Network
from payments.report import Outcome, Reason
from providers.kpay import Kpay
from tests.contract.kpay.desk import ADDRESSES, OURS, URL, Desk
from tests.examples import PAYMENT, attempt

MTN = attempt()
AIRTEL = attempt(phone="0738123456", network=Network.AIRTEL)
CARD = attempt(method=Method.CARD, phone=None, network=None)


@pytest.mark.parametrize(
    ("tried", "pmethod", "bankid", "msisdn"),
    [
        (MTN, "momo", "63510", "250788123456"),
        (AIRTEL, "momo", "63514", "250738123456"),
        (attempt(network=Network.AIRTEL), "momo", "63514", "250788123456"),
        (CARD, "cc", "000", "250788123456"),
    ],
    ids=["MTN", "Airtel", "ported to Airtel", "card"],
)
def test_asks_for_the_money_in_kpays_own_words(
    desk: Desk, tried: Attempt, pmethod: str, bankid: str, msisdn: str
) -> None:
    said = desk.charge(tried)
    assert said.outcome is Outcome.PENDING
    (charge,) = desk.charges
    assert said.provider_ref == charge.tid
    assert (charge.refid, charge.amount, charge.currency) == (tried.ref, 5000, "RWF")
    assert (charge.pmethod, charge.msisdn) == (pmethod, msisdn)
    assert (charge.returl, charge.redirecturl) == (ADDRESSES.callback_url, ADDRESSES.return_url)
    order = json.loads(desk.sent[0].content)
    assert order["bankid"] == bankid
    assert '"amount":5000,' in desk.sent[0].content.decode().replace(" ", "")


def test_a_card_goes_on_at_kpay(desk: Desk) -> None:
    said = desk.charge(CARD)
    assert said.next_url == f"https://kpay.example/checkout/{said.provider_ref}"


def test_details_are_the_description_or_else_the_merchants_reference(desk: Desk) -> None:
    desk.charge(description="Ikawa 1 kg ☕")
    desk.charge(attempt(2))
    assert [charge.details for charge in desk.charges] == ["Ikawa 1 kg ☕", "ORDER-1"]


def test_proves_who_we_are_by_basic_authentication_and_the_key(desk: Desk) -> None:
    desk.charge()
    headers = desk.sent[0].headers
    assert headers["Authorization"] == "Basic aWthd2E6cGFzcw=="
    assert headers["Kpay-Key"] == "key"
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(OURS, password="wrong"),
        replace(OURS, api_key="wrong"),
        replace(OURS, retailer_id="99"),
        replace(OURS, retailer_id=" "),
    ],
    ids=["600 password", "601 key", "604 retailer", "603 missing"],
)
def test_a_merchant_whom_kpay_does_not_know_is_a_refusal_for_no_fault_of_the_customer(
    wrong: object,
) -> None:
    assert isinstance(wrong, type(OURS))
    desk = Desk(wrong)
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


def test_a_retailer_who_is_not_enabled_is_a_refusal(desk: Desk) -> None:
    desk.order(Fault.REFUSED)
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


def test_a_sum_beyond_the_wallets_limit_is_declined_by_its_number(desk: Desk) -> None:
    said = desk.charge(money=Money(2_000_001, "RWF"))
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.DECLINED)
    assert desk.charges == []


def test_a_reference_that_kpay_has_seen_is_unknown_and_not_charged_again(desk: Desk) -> None:
    desk.charge()
    again = desk.charge()
    assert again.outcome is Outcome.PENDING
    assert again.next_url is None
    assert len(desk.charges) == 1


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("timed out"),
        httpx.PoolTimeout("no connection left"),
    ],
)
def test_kpay_out_of_reach_is_a_refusal_since_nothing_was_sent(failure: httpx.HTTPError) -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise failure

    kpay = Kpay(httpx.Client(transport=httpx.MockTransport(fails)), URL, OURS)
    said = kpay.charge(PAYMENT, attempt(), ADDRESSES)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)

"""What DGS-Pay takes, and what it refuses before anybody is prompted."""

import json
from dataclasses import replace

import httpx
import pytest

from infra.local.simulators.charges import Outcome as Ending
from infra.local.simulators.dgspay_faults import Fault
from payments.money import Money
from payments.payment import Attempt, Customer
from payments.phone import Network
from payments.report import Outcome, Reason
from providers.dgspay import Dgspay, DgspayCredentials
from tests.contract.dgspay.desk import ADDRESSES, OURS, URL, Desk
from tests.examples import ASKED, PAYMENT, attempt

MTN = attempt()
AIRTEL = attempt(phone="0738123456", network=Network.AIRTEL)


@pytest.mark.parametrize(
    ("tried", "network", "phone"),
    [
        (MTN, "MTN", "788123456"),
        (AIRTEL, "Airtel", "738123456"),
        (attempt(network=Network.AIRTEL), "Airtel", "788123456"),
        (attempt(phone="0728123456", network=None), "Airtel", "728123456"),
    ],
    ids=["MTN", "Airtel", "ported to Airtel", "by its prefix"],
)
def test_asks_for_the_money_in_dgspays_own_words(
    desk: Desk, tried: Attempt, network: str, phone: str
) -> None:
    said = desk.charge(tried)
    assert said.outcome is Outcome.PENDING
    (charge,) = desk.charges
    assert said.provider_ref == charge.dgs_reference
    assert said.stated == ASKED
    order = json.loads(desk.sent[0].content)
    assert order == {
        "amount": 5000,
        "currency": "RWF",
        "payment_type": "mobile_money",
        "customer_email": "aline@example.com",
        "customer_first_name": "Uwase",
        "customer_last_name": "Aline",
        "customer_phone": "788123456",
        "customer_phone_country_code": "250",
        "redirect_url": ADDRESSES.return_url,
        "mobile_money_network": network,
        "mobile_money_phone": phone,
        "narration": "ORDER-1",
        "callback_url": ADDRESSES.callback_url,
    }
    assert isinstance(order["amount"], int)


@pytest.mark.parametrize("base_url", ["https://dgspay.example", "https://dgspay.example/"])
def test_posts_below_the_base_address_with_or_without_a_slash(desk: Desk, base_url: str) -> None:
    Dgspay(desk.http, base_url, OURS).charge(PAYMENT, MTN, ADDRESSES)
    assert str(desk.sent[0].url) == "https://dgspay.example/charges"
    assert desk.sent[0].method == "POST"


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Uwase Aline", "Uwase", "Aline"),
        ("Jean de Dieu  Habimana", "Jean", "de Dieu  Habimana"),
        ("  Uwase   Aline ", "Uwase", "Aline"),
        ("Uwase", "Uwase", "Uwase"),
        ("Uwase\tAline", "Uwase", "Aline"),
        ("", "", ""),
    ],
)
def test_a_name_goes_in_two_parts_and_a_single_word_is_both(
    desk: Desk, name: str, first: str, last: str
) -> None:
    desk.charge(attempt(payer_name=name))
    order = json.loads(desk.sent[0].content)
    assert (order["customer_first_name"], order["customer_last_name"]) == (first, last)


def test_the_customers_number_and_the_wallets_may_differ(desk: Desk) -> None:
    customer = Customer(name="Uwase", email="aline@example.com", phone="0791111111")
    desk.charge(AIRTEL, customer=customer)
    order = json.loads(desk.sent[0].content)
    assert (order["customer_phone"], order["mobile_money_phone"]) == ("791111111", "738123456")


def test_the_narration_is_the_description_or_else_the_merchants_reference(desk: Desk) -> None:
    desk.charge(description="Ikawa 1 kg ☕")
    desk.charge(attempt(2))
    assert [charge.order.narration for charge in desk.charges] == ["Ikawa 1 kg ☕", "ORDER-1"]


def test_proves_who_we_are_by_the_key_and_the_account_number(desk: Desk) -> None:
    desk.charge()
    headers = desk.sent[0].headers
    assert headers["X-DGS-API-Key"] == "key"
    assert headers["X-DGS-ACCOUNT-NUMBER"] == "100200"
    assert headers["Content-Type"] == "application/json"


def test_names_no_account_where_there_is_none() -> None:
    desk = Desk(DgspayCredentials(api_key="key", webhook_secret="secret"))
    desk.charge()
    assert "X-DGS-ACCOUNT-NUMBER" not in desk.sent[0].headers


def test_tells_where_the_customer_goes_on(desk: Desk) -> None:
    said = desk.charge()
    assert said.next_url == f"https://dgspay.example/authorize/{desk.charges[0].tid}"


def test_a_wallet_that_pays_at_once_is_paid_by_the_reply(desk: Desk) -> None:
    said = desk.charge(attempt(phone="0788000012"))
    (charge,) = desk.charges
    assert (said.outcome, said.stated, said.provider_ref) == (
        Outcome.PAID,
        ASKED,
        charge.dgs_reference,
    )
    assert charge.outcome is Ending.PAID


def test_a_wallet_without_funds_at_once_is_declined_by_the_reply(desk: Desk) -> None:
    said = desk.charge(attempt(phone="0738000013", network=Network.AIRTEL))
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)
    assert desk.till.charges.paid() == []


def test_another_sum_paid_at_once_is_passed_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    said = desk.charge(attempt(phone="0788000012"))
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


@pytest.mark.parametrize(
    "wrong",
    [replace(OURS, api_key="wrong"), replace(OURS, account_number="9")],
    ids=["key", "account number"],
)
def test_a_merchant_whom_dgspay_does_not_know_is_a_refusal_for_no_fault_of_the_customer(
    wrong: DgspayCredentials,
) -> None:
    desk = Desk(wrong)
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


@pytest.mark.parametrize("phone", ["0788000011", "0738000011"])
def test_an_address_that_is_not_allowed_is_a_refusal(desk: Desk, phone: str) -> None:
    said = desk.charge(attempt(phone=phone))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


def test_another_currency_than_francs_is_refused_with_90(desk: Desk) -> None:
    said = desk.charge(money=Money(5000, "USD"))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.charges == []


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("timed out"),
        httpx.PoolTimeout("no connection left"),
    ],
)
def test_dgspay_out_of_reach_is_a_refusal_since_nothing_was_sent(
    failure: httpx.HTTPError,
) -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise failure

    dgspay = Dgspay(httpx.Client(transport=httpx.MockTransport(fails)), URL, OURS)
    said = dgspay.charge(PAYMENT, attempt(), ADDRESSES)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)

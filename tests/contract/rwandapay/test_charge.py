"""What RwandaPay takes, and what it refuses before anybody is prompted."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import httpx
import pytest

from infra.local.simulators.rwandapay import Credentials
from infra.local.simulators.rwandapay_faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from providers.rwandapay import Rwandapay
from tests.contract.rwandapay.desk import ADDRESSES, OURS, URL, Desk, attempt
from tests.examples import PAYMENT

MTN = attempt()
AIRTEL = attempt(phone="0738123456", network=Network.AIRTEL)


@pytest.mark.parametrize(
    ("tried", "network", "phone"),
    [
        (MTN, "MTN", "0788123456"),
        (AIRTEL, "Airtel", "0738123456"),
        (attempt(network=Network.AIRTEL), "Airtel", "0788123456"),
        (attempt(phone=None), "MTN", "0788123456"),
    ],
    ids=["MTN", "Airtel", "ported to Airtel", "the customer's own"],
)
def test_opens_a_session_and_prompts_the_wallet_in_it(
    desk: Desk, tried: Attempt, network: str, phone: str
) -> None:
    said = desk.charge(tried)
    (charge,) = desk.charges
    assert (said.outcome, said.provider_ref) == (Outcome.PENDING, charge.tid)
    assert said.next_url is None
    assert (charge.refid, charge.amount, charge.currency) == (tried.ref, Decimal(5000), "RWF")
    assert (charge.msisdn, charge.network) == (phone, network)
    assert (charge.webhook_url, charge.redirect_url) == (
        ADDRESSES.callback_url,
        ADDRESSES.return_url,
    )
    assert desk.sent_body(1) == {
        "phone": phone,
        "network": network,
        "customer_name": "Uwase Aline",
        "email": "aline@example.com",
    }


def test_sends_keys_to_open_and_none_to_prompt_and_its_reference_with_both(desk: Desk) -> None:
    desk.charge()
    opening, prompting = desk.sent
    assert opening.headers["X-Public-Key"] == "pk_live_1"
    assert opening.headers["X-Secret-Key"] == "sk_live_1"
    assert "X-Public-Key" not in prompting.headers
    assert "X-Secret-Key" not in prompting.headers
    assert [request.headers["Idempotency-Key"] for request in desk.sent] == [MTN.ref] * 2


@pytest.mark.parametrize("base_url", [URL, f"{URL}/"])
def test_keeps_to_its_base_address_with_a_slash_or_without(desk: Desk, base_url: str) -> None:
    desk.rwandapay = Rwandapay(desk.http, base_url, OURS)
    session = desk.charge().provider_ref
    desk.ask()
    assert [str(request.url) for request in desk.sent] == [
        f"{URL}/checkout/initialize",
        f"{URL}/checkout/{session}/process",
        f"{URL}/checkout/{MTN.ref}/verify",
    ]


@pytest.mark.parametrize(
    ("money", "sent"),
    [(Money(1250, "USD"), b'"amount":12.5,'), (Money(1000, "EUR"), b'"amount":10.0,')],
)
def test_takes_dollars_and_euros(desk: Desk, money: Money, sent: bytes) -> None:
    assert desk.charge(money=money).outcome is Outcome.PENDING
    assert desk.charges[0].amount == Decimal(str(money.major))
    assert desk.charges[0].currency == money.currency
    assert sent in desk.sent[0].content.replace(b" ", b"")


def test_describes_by_the_description_or_else_by_the_merchants_reference(desk: Desk) -> None:
    desk.charge(description="Ikawa 1 kg ☕")
    desk.charge(attempt(2))
    assert [charge.details for charge in desk.charges] == ["Ikawa 1 kg ☕", "ORDER-1"]


@pytest.mark.parametrize(
    "wrong", [replace(OURS, public_key="pk_live_2"), replace(OURS, secret_key="sk_live_2")]
)
def test_keys_that_rwandapay_does_not_know_are_a_refusal_for_no_fault_of_the_customer(
    wrong: object,
) -> None:
    assert isinstance(wrong, type(OURS))
    desk = Desk(wrong)
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.till.sessions == []


@pytest.mark.parametrize("shape", ["coded", "message"])
@pytest.mark.parametrize(
    "arrange",
    [
        lambda desk: desk.order(Fault.REFUSED),
        lambda desk: setattr(desk, "money", Money(1_000_001, "RWF")),
        lambda desk: [desk.till.bucket.take() for _ in range(1000)],
    ],
    ids=["401", "422 limit", "429"],
)
def test_a_plain_refusal_is_one_in_both_shapes_of_error(
    desk: Desk, arrange: Callable[[Desk], object], shape: str
) -> None:
    desk.till.habits.error_shape = shape
    arrange(desk)
    said = desk.charge(money=getattr(desk, "money", PAYMENT.money))
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.NOT_ENABLED)
    assert desk.till.sessions == []


@pytest.mark.parametrize("shape", ["coded", "message"])
def test_a_wallet_without_funds_is_declined_at_once(desk: Desk, shape: str) -> None:
    desk.till.habits.error_shape = shape
    said = desk.charge(attempt(phone="0788000004"))
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)
    assert desk.till.paid() == []


@pytest.mark.parametrize("shape", ["coded", "message"])
def test_a_reference_that_was_used_before_is_unknown_and_prompts_nobody_again(
    desk: Desk, shape: str
) -> None:
    desk.till.habits.error_shape = shape
    desk.charge()
    with pytest.raises(ProviderSilent, match="DUPLICATE"):
        desk.charge()
    assert desk.till.asked == {MTN.ref: 1}


def test_without_the_push_the_customer_goes_on_at_their_page(desk: Desk) -> None:
    desk.till.habits.pushes = False
    said = desk.charge()
    (session,) = desk.till.sessions
    assert (said.outcome, said.provider_ref) == (Outcome.PENDING, session.tid)
    assert said.next_url == f"https://rwandapay.example/checkout/{session.tid}"
    assert desk.charges == []


def test_what_is_paid_on_their_page_is_found_paid(desk: Desk) -> None:
    desk.till.habits.pushes = False
    said = desk.charge()
    form = {"phone": "0788000001", "network": "MTN"}
    desk.http.post(said.next_url or "", data=form)
    desk.wait(3)
    assert desk.ask().outcome is Outcome.PAID


@pytest.mark.parametrize(
    "failure",
    [
        httpx.ConnectError("refused"),
        httpx.ConnectTimeout("timed out"),
        httpx.PoolTimeout("no connection left"),
    ],
)
@pytest.mark.parametrize("call", ["initialize", "process"])
def test_rwandapay_out_of_reach_at_either_call_is_a_refusal_since_nothing_was_sent(
    desk: Desk, call: str, failure: httpx.HTTPError
) -> None:
    def fails(request: httpx.Request) -> None:
        if request.url.path.endswith(call):
            raise failure

    desk.http.event_hooks = {"request": [fails]}
    said = desk.charge()
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)
    assert desk.charges == []


def test_test_keys_pay_at_once_and_tell_nobody() -> None:
    ours = replace(OURS, public_key="pk_test_1")
    theirs = Credentials(public_key="pk_test_1", secret_key="sk_live_1", webhook_secret="whs")
    desk = Desk(ours, theirs)
    assert desk.charge().outcome is Outcome.PENDING
    assert desk.ask().outcome is Outcome.PAID
    desk.wait(60)
    assert desk.notices == []

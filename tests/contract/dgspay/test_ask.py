"""How charges end, told by the status query."""

from dataclasses import replace
from urllib.parse import unquote

import httpx
import pytest

from infra.local.simulators.dgspay_faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from providers.dgspay import Dgspay
from tests.contract.dgspay.desk import OURS, URL, Desk
from tests.examples import ASKED, PAYMENT, attempt, payment

APPROVES = attempt(phone="0788000001")
AIRTEL_APPROVES = attempt(phone="0738000001", network=Network.AIRTEL)
DECLINES = attempt(phone="0788000003")
HAS_NO_FUNDS = attempt(phone="0788000004")
NEVER_ANSWERS = attempt(phone="0788000005")


@pytest.mark.parametrize("tried", [APPROVES, AIRTEL_APPROVES], ids=["MTN", "Airtel"])
def test_an_approved_prompt_is_paid(desk: Desk, tried: Attempt) -> None:
    tried = desk.begin(tried)
    assert desk.ask(tried).outcome is Outcome.PENDING
    desk.wait(3)
    said = desk.ask(tried)
    assert said.outcome is Outcome.PAID
    assert (said.provider_ref, said.stated) == (desk.charges[0].dgs_reference, ASKED)
    assert said.attempt_ref == tried.ref


@pytest.mark.parametrize(
    ("tried", "seconds", "reason"),
    [
        (DECLINES, 3, Reason.DECLINED),
        (HAS_NO_FUNDS, 3, Reason.INSUFFICIENT_FUNDS),
        (NEVER_ANSWERS, 61, Reason.TIMED_OUT),
    ],
    ids=["declines", "no funds", "never answers"],
)
def test_a_failed_prompt_is_declined_with_its_reason(
    desk: Desk, tried: Attempt, seconds: float, reason: Reason
) -> None:
    tried = desk.begin(tried)
    desk.wait(seconds)
    said = desk.ask(tried)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


def test_a_failed_charge_that_turns_out_paid_is_paid(desk: Desk) -> None:
    tried = desk.begin(DECLINES)
    desk.wait(3)
    assert desk.ask(tried).outcome is Outcome.DECLINED
    assert desk.till.pay_late(tried.provider_ref or "")
    assert desk.ask(tried).outcome is Outcome.PAID


def test_asks_below_the_charges_by_dgspays_reference(desk: Desk) -> None:
    tried = desk.begin(APPROVES)
    desk.ask(tried)
    asked = desk.sent[1]
    assert (asked.method, asked.url.path) == ("GET", f"/charges/{tried.provider_ref}")
    assert asked.headers["X-DGS-API-Key"] == "key"
    assert asked.headers["X-DGS-ACCOUNT-NUMBER"] == "100200"


@pytest.mark.parametrize("reference", ["dgs/1?a=b#c", "dgs 1", "dgs_\u00e9", "a\nb", "%2e"])
def test_a_strange_reference_stays_one_part_of_the_path(reference: str) -> None:
    paths: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        paths.append(request.url.raw_path)
        return httpx.Response(200, json={"transaction_status": "pending"})

    dgspay = Dgspay(httpx.Client(transport=httpx.MockTransport(answer)), URL, OURS)
    dgspay.ask(PAYMENT, attempt(provider_ref=reference))
    (path,) = paths
    start, charges, last = path.decode().split("/")
    assert (start, charges, unquote(last)) == ("", "charges", reference)


def test_a_charge_that_dgspay_never_named_cannot_be_asked_about_and_is_not_missing(
    desk: Desk,
) -> None:
    with pytest.raises(ProviderSilent):
        desk.ask(attempt())
    assert desk.sent == []


def test_a_charge_that_dgspay_does_not_know_is_not_found(desk: Desk) -> None:
    assert desk.ask(attempt(provider_ref="dgs_1")).outcome is Outcome.NOT_FOUND


def test_another_sum_is_passed_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    said = desk.ask(tried)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


def test_an_answer_about_another_charge_says_nothing(desk: Desk) -> None:
    desk.order(Fault.WRONG_REFERENCE)
    tried = desk.begin(APPROVES)
    desk.wait(3)
    with pytest.raises(ProviderSilent, match="another charge"):
        desk.ask(tried)


def test_an_answer_that_names_an_earlier_attempts_charge_says_nothing(desk: Desk) -> None:
    earlier = desk.begin(APPROVES)
    later = attempt(2, provider_ref=earlier.provider_ref)
    desk.wait(3)
    with pytest.raises(ProviderSilent, match="another charge"):
        desk.dgspay.ask(payment(earlier, later), later)


def test_a_question_turned_away_says_nothing_about_the_money() -> None:
    desk = Desk(replace(OURS, api_key="wrong"))
    with pytest.raises(ProviderSilent):
        desk.ask(attempt(provider_ref="dgs_1"))


def test_a_question_that_could_not_be_sent_says_nothing_about_the_money() -> None:
    def fails(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    dgspay = Dgspay(httpx.Client(transport=httpx.MockTransport(fails)), URL, OURS)
    with pytest.raises(ProviderSilent):
        dgspay.ask(PAYMENT, attempt(provider_ref="dgs_1"))

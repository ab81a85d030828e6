"""How charges end, told by the status query."""

from dataclasses import replace

import pytest

from infra.local.simulators.vpay import Credentials
from infra.local.simulators.vpay_faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from tests.contract.vpay.desk import CARD, OURS, Desk
from tests.examples import attempt

APPROVES = attempt(phone="0788000001")
AIRTEL_APPROVES = attempt(phone="0738000001", network=Network.AIRTEL)
DECLINES = attempt(phone="0788000003")
HAS_NO_FUNDS = attempt(phone="0788000004")
NEVER_ANSWERS = attempt(phone="0788000005")


@pytest.mark.parametrize("tried", [APPROVES, AIRTEL_APPROVES], ids=["MTN", "Airtel"])
def test_an_approved_prompt_is_paid(desk: Desk, tried: Attempt) -> None:
    desk.charge(tried)
    assert desk.ask(tried).outcome is Outcome.PENDING
    desk.wait(3)
    said = desk.ask(tried)
    assert said.outcome is Outcome.PAID
    assert (said.provider_ref, said.stated) == (desk.charges[0].tid, Money(5000, "RWF"))
    assert said.attempt_ref == tried.ref


def test_a_card_is_paid_on_vpays_page(desk: Desk) -> None:
    page = desk.charge(CARD).next_url or ""
    desk.wait(10)
    assert desk.ask(CARD).outcome is Outcome.PENDING
    form = {"number": "4111 1111 1111 1111", "expiry": "12/30", "cvv": "123"}
    desk.http.post(page, data=form)
    assert desk.ask(CARD).outcome is Outcome.PAID


@pytest.mark.parametrize(
    ("tried", "seconds", "reason"),
    [
        (DECLINES, 3, Reason.DECLINED),
        (HAS_NO_FUNDS, 3, Reason.INSUFFICIENT_FUNDS),
        (NEVER_ANSWERS, 181, Reason.TIMED_OUT),
    ],
    ids=["declines", "no funds", "never answers"],
)
def test_a_failed_prompt_is_declined_with_its_reason(
    desk: Desk, tried: Attempt, seconds: float, reason: Reason
) -> None:
    desk.charge(tried)
    desk.wait(seconds)
    said = desk.ask(tried)
    assert (said.outcome, said.reason) == (Outcome.DECLINED, reason)


def test_a_failed_charge_that_turns_out_paid_is_paid(desk: Desk) -> None:
    said = desk.charge(DECLINES)
    desk.wait(3)
    assert desk.ask(DECLINES).outcome is Outcome.DECLINED
    assert desk.till.pay_late(said.provider_ref or "")
    assert desk.ask(DECLINES).outcome is Outcome.PAID


def test_an_attempt_that_is_not_found_by_a_query_that_is_our_guess_stays_open(desk: Desk) -> None:
    with pytest.raises(ProviderSilent):
        desk.ask()


def test_asks_by_our_reference_or_by_vpays_when_it_is_known(desk: Desk) -> None:
    said = desk.charge(APPROVES)
    desk.ask(APPROVES)
    desk.ask(replace(APPROVES, provider_ref=said.provider_ref))
    asked = [dict(request.url.params) for request in desk.calls_to("/transaction/status/")]
    assert asked == [{"external_id": APPROVES.ref}, {"transaction_id": said.provider_ref}]
    assert desk.sent[-1].method == "GET"


def test_another_sum_is_passed_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    desk.charge(APPROVES)
    desk.wait(3)
    said = desk.ask(APPROVES)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


def test_an_answer_about_another_reference_says_nothing(desk: Desk) -> None:
    desk.order(Fault.WRONG_REFERENCE)
    said = desk.charge(APPROVES)
    desk.wait(3)
    for tried in (APPROVES, replace(APPROVES, provider_ref=said.provider_ref)):
        with pytest.raises(ProviderSilent, match="another transaction"):
            desk.ask(tried)


def test_a_question_turned_away_says_nothing_about_the_money() -> None:
    desk = Desk(ours={**OURS, "api_key": "wrong"})
    with pytest.raises(ProviderSilent):
        desk.ask()


def test_a_question_beyond_the_rate_says_nothing_about_the_money(desk: Desk) -> None:
    desk.charge(APPROVES)
    desk.till.pace.requests_per_minute = 2
    with pytest.raises(ProviderSilent):
        desk.ask(APPROVES)


def test_sandbox_credentials_bring_simulated_money_and_say_so() -> None:
    ours = {**OURS, "api_user": "vpay_sandbox_ikawa", "api_key": "sk_sandbox_ikawa"}
    desk = Desk(ours=ours, theirs=Credentials(**ours))
    desk.charge(APPROVES)
    desk.wait(3)
    assert desk.ask(APPROVES).outcome is Outcome.PAID

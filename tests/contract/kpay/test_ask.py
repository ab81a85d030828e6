"""How charges end, told by `checkstatus`."""

import json
from dataclasses import replace

import pytest

from infra.local.simulators.faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from tests.contract.kpay.desk import OURS, Desk
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
    (charge,) = desk.charges
    assert said.outcome is Outcome.PAID
    assert (said.provider_ref, said.network_ref) == (charge.tid, charge.momtransactionid)
    assert said.stated is None
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


def test_an_attempt_that_never_came_is_not_found(desk: Desk) -> None:
    assert desk.ask().outcome is Outcome.NOT_FOUND


def test_asks_by_our_reference_and_by_kpays_when_it_is_known(desk: Desk) -> None:
    said = desk.charge(APPROVES)
    desk.ask(APPROVES)
    desk.ask(replace(APPROVES, provider_ref=said.provider_ref))
    asked = [json.loads(request.content) for request in desk.sent[1:]]
    assert asked == [
        {"action": "checkstatus", "refid": APPROVES.ref},
        {"action": "checkstatus", "refid": APPROVES.ref, "tid": said.provider_ref},
    ]


def test_another_sum_is_passed_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    desk.charge(APPROVES)
    desk.wait(3)
    said = desk.ask(APPROVES)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


def test_an_answer_about_another_reference_says_nothing(desk: Desk) -> None:
    desk.order(Fault.WRONG_REFID)
    desk.charge(APPROVES)
    desk.wait(3)
    with pytest.raises(ProviderSilent, match="another transaction"):
        desk.ask(APPROVES)


def test_an_answer_about_another_transaction_of_kpays_says_nothing(desk: Desk) -> None:
    desk.charge(APPROVES)
    desk.wait(3)
    with pytest.raises(ProviderSilent, match="another transaction"):
        desk.ask(replace(APPROVES, provider_ref="E0"))


def test_a_question_turned_away_says_nothing_about_the_money() -> None:
    desk = Desk(replace(OURS, password="wrong"))
    with pytest.raises(ProviderSilent):
        desk.ask()

"""How charges end, told by `verify`."""

from dataclasses import replace

import pytest

from infra.local.simulators.rwandapay_faults import Fault
from payments.errors import ProviderSilent
from payments.money import Money
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from tests.contract.rwandapay.desk import OURS, Desk, attempt

APPROVES = attempt(phone="0788000001")
AIRTEL_APPROVES = attempt(phone="0738000001", network=Network.AIRTEL)
DECLINES = attempt(phone="0788000003")
HAS_NO_FUNDS = attempt(phone="0788000004")
NEVER_ANSWERS = attempt(phone="0788000005")


@pytest.mark.parametrize("tried", [APPROVES, AIRTEL_APPROVES], ids=["MTN", "Airtel"])
def test_an_approved_prompt_is_paid_with_the_sum_that_was_asked(desk: Desk, tried: Attempt) -> None:
    desk.charge(tried)
    assert desk.ask(tried).outcome is Outcome.PENDING
    desk.wait(3)
    said = desk.ask(tried)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5000, "RWF"))
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


def test_what_the_customer_cancels_on_their_page_is_cancelled(desk: Desk) -> None:
    desk.till.habits.pushes = False
    desk.http.post(desk.charge().next_url or "", data={"cancel": "1"})
    said = desk.ask()
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.CANCELLED)


def test_a_failed_charge_that_turns_out_paid_is_paid(desk: Desk) -> None:
    said = desk.charge(DECLINES)
    desk.wait(3)
    assert desk.ask(DECLINES).outcome is Outcome.DECLINED
    assert desk.till.pay_late(said.provider_ref or "")
    assert desk.ask(DECLINES).outcome is Outcome.PAID


def test_an_attempt_that_never_came_is_not_found(desk: Desk) -> None:
    assert desk.ask().outcome is Outcome.NOT_FOUND


def test_a_session_that_expired_unprompted_is_not_found(desk: Desk) -> None:
    desk.till.habits.pushes = False
    desk.charge()
    assert desk.ask().outcome is Outcome.PENDING
    desk.wait(3600)
    assert desk.ask().outcome is Outcome.NOT_FOUND


def test_asks_with_our_keys(desk: Desk) -> None:
    desk.ask()
    assert desk.sent[0].headers["X-Public-Key"] == "pk_live_1"
    assert desk.sent[0].headers["X-Secret-Key"] == "sk_live_1"


def test_another_sum_is_passed_on_as_it_was_stated(desk: Desk) -> None:
    desk.order(Fault.WRONG_AMOUNT)
    desk.charge(APPROVES)
    desk.wait(3)
    said = desk.ask(APPROVES)
    assert (said.outcome, said.stated) == (Outcome.PAID, Money(5001, "RWF"))


def test_a_question_turned_away_says_nothing_about_the_money() -> None:
    desk = Desk(replace(OURS, secret_key="wrong"))
    with pytest.raises(ProviderSilent):
        desk.ask()


def test_a_question_too_many_says_nothing_about_the_money(desk: Desk) -> None:
    for _ in range(1000):
        desk.till.bucket.take()
    with pytest.raises(ProviderSilent):
        desk.ask()

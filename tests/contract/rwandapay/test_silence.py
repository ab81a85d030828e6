"""Silence at the call that prompts is not refusal; at the one that only opens a session it is."""

import pytest

from infra.local.simulators.rwandapay_faults import Fault
from payments.errors import ProviderSilent
from payments.payment import Attempt
from payments.report import Outcome, Reason
from tests.contract.rwandapay.desk import Desk, attempt

SILENT = {
    "lost reply": attempt(phone="0788000006"),
    "slow": attempt(phone="0788000007"),
    "502": attempt(phone="0788000008"),
}
APPROVES = attempt(phone="0788000001")


@pytest.mark.parametrize("tried", SILENT.values(), ids=SILENT)
def test_a_prompt_without_a_reply_is_unknown_and_later_found_paid_once(
    desk: Desk, tried: Attempt
) -> None:
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    desk.wait(3)
    assert desk.ask(tried).outcome is Outcome.PAID
    assert [charge.refid for charge in desk.till.paid()] == [tried.ref]
    assert desk.till.asked == {tried.ref: 1}


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SLOW, Fault.ERROR_500])
def test_a_lost_reply_sent_by_mistake_again_is_still_one_charge(desk: Desk, fault: Fault) -> None:
    desk.order(fault)
    for _ in range(2):
        with pytest.raises(ProviderSilent):
            desk.charge(APPROVES)
    desk.wait(3)
    assert desk.ask(APPROVES).outcome is Outcome.PAID
    assert len(desk.charges) == 1
    assert desk.till.asked == {APPROVES.ref: 1}


@pytest.mark.parametrize(
    "fault", [Fault.INITIALIZE_LOST_REPLY, Fault.INITIALIZE_SLOW, Fault.INITIALIZE_500]
)
def test_silence_before_anybody_could_be_prompted_is_a_refusal(desk: Desk, fault: Fault) -> None:
    desk.order(fault)
    said = desk.charge(APPROVES)
    assert (said.outcome, said.reason) == (Outcome.REFUSED, Reason.UNREACHABLE)
    assert len(desk.sent) == 1
    desk.wait(120)
    assert desk.charges == []
    assert desk.till.paid() == []

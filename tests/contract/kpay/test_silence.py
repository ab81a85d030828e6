"""Silence is not refusal: what was charged without a word is found by asking."""

import pytest

from infra.local.simulators.faults import Fault
from payments.errors import ProviderSilent
from payments.payment import Attempt
from payments.report import Outcome
from tests.contract.kpay.desk import Desk
from tests.examples import attempt

SILENT = {
    "lost reply": attempt(phone="0788000006"),
    "slow": attempt(phone="0788000007"),
    "500": attempt(phone="0788000008"),
}


@pytest.mark.parametrize("tried", SILENT.values(), ids=SILENT)
def test_a_charge_without_a_reply_is_unknown_and_later_found_paid_once(
    desk: Desk, tried: Attempt
) -> None:
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    desk.wait(3)
    said = desk.ask(tried)
    assert said.outcome is Outcome.PAID
    assert [charge.refid for charge in desk.charges] == [tried.ref]
    assert said.provider_ref == desk.charges[0].tid
    assert len(desk.till.charges.paid(tried.ref)) == 1
    assert desk.till.charges.asked[tried.ref] == 1


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SLOW, Fault.ERROR_500])
def test_a_lost_reply_sent_by_mistake_again_is_still_one_charge(desk: Desk, fault: Fault) -> None:
    tried = attempt(phone="0788000001")
    desk.order(fault)
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    assert desk.charge(tried).outcome is Outcome.PENDING
    desk.wait(3)
    assert desk.ask(tried).outcome is Outcome.PAID
    assert len(desk.charges) == 1

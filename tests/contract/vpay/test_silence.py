"""Silence is not refusal: what was charged without a word is found by asking."""

import pytest

from infra.local.simulators.vpay_faults import Fault
from payments.errors import ProviderSilent
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome
from tests.contract.vpay.desk import Desk
from tests.examples import attempt

SILENT = {
    "lost reply": attempt(phone="0788000006"),
    "slow": attempt(phone="0788000007"),
    "502": attempt(phone="0788000008"),
    "lost reply, Airtel": attempt(phone="0738000006", network=Network.AIRTEL),
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
    for _ in range(2):
        with pytest.raises(ProviderSilent):
            desk.charge(tried)
    desk.wait(3)
    assert desk.ask(tried).outcome is Outcome.PAID
    assert len(desk.charges) == 1


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SLOW, Fault.ERROR_500])
def test_a_reply_lost_after_a_renewal_is_not_sent_a_third_time(desk: Desk, fault: Fault) -> None:
    desk.charge(attempt(2))
    desk.order(Fault.TOKEN_EXPIRED)
    desk.order(fault)
    with pytest.raises(ProviderSilent):
        desk.charge(attempt(phone="0788000001"))
    assert desk.till.charges.asked[attempt().ref] == 1

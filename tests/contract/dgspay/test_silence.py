"""Silence is not refusal: what was charged without a word is found by its webhook alone."""

import pytest

from infra.local.simulators.dgspay_faults import Fault
from payments.errors import ProviderSilent
from payments.payment import Attempt
from payments.phone import Network
from payments.report import Outcome, Reason
from payments.status import AttemptStatus, SettledBy, Status
from settlement.judge import judge
from tests.contract.dgspay.desk import Desk
from tests.examples import ASKED, SOON, attempt, payment

SILENT = {
    "lost reply": attempt(phone="0788000006"),
    "slow": attempt(phone="0788000007"),
    "500": attempt(phone="0788000008"),
    "lost reply, Airtel": attempt(phone="0738000006", network=Network.AIRTEL),
}


@pytest.mark.parametrize("tried", SILENT.values(), ids=SILENT)
def test_a_charge_without_a_reply_is_unknown_until_its_webhook_shows_one_charge(
    desk: Desk, tried: Attempt
) -> None:
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    with pytest.raises(ProviderSilent):
        desk.ask(tried)
    desk.wait(3)
    (told,) = desk.told
    said = desk.hear(tried, told.notice)
    (charge,) = desk.charges
    assert said is not None
    assert (said.outcome, said.stated) == (Outcome.PAID, ASKED)
    assert said.provider_ref == charge.dgs_reference
    assert f"/{tried.ref}/" in told.url
    assert len(desk.till.charges.paid(tried.ref)) == 1
    assert desk.till.charges.asked[tried.ref] == 1


@pytest.mark.parametrize("tried", SILENT.values(), ids=SILENT)
def test_the_webhook_of_a_lost_reply_makes_the_payment_successful(
    desk: Desk, tried: Attempt
) -> None:
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    desk.wait(3)
    said = desk.hear(tried, desk.told[0].notice)
    assert said is not None
    after = judge(payment(tried), said, SettledBy.WEBHOOK, SOON)
    assert after is not None
    assert after.status is Status.SUCCESSFUL
    assert after.attempts[0].status is AttemptStatus.PAID
    assert after.attempts[0].provider_ref == desk.charges[0].dgs_reference


@pytest.mark.parametrize("fault", [Fault.LOST_REPLY, Fault.SLOW, Fault.ERROR_500])
def test_a_decline_after_a_lost_reply_is_heard_too(desk: Desk, fault: Fault) -> None:
    tried = attempt(phone="0788000004")
    desk.order(fault)
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    desk.wait(3)
    said = desk.hear(tried, desk.told[0].notice)
    assert said is not None
    assert (said.outcome, said.reason) == (Outcome.DECLINED, Reason.INSUFFICIENT_FUNDS)
    assert desk.till.charges.paid() == []


def test_without_reply_and_webhook_it_stays_unknown_and_is_never_called_missing(
    desk: Desk,
) -> None:
    tried = attempt(phone="0788000002")
    desk.order(Fault.LOST_REPLY)
    with pytest.raises(ProviderSilent):
        desk.charge(tried)
    desk.wait(600)
    assert desk.told == []
    with pytest.raises(ProviderSilent):
        desk.ask(tried)
    assert len(desk.till.charges.paid(tried.ref)) == 1

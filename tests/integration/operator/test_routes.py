import pytest

from infra.operator.deployment import Deployment
from infra.operator.refused import UnusableInput
from infra.operator.routes import read_routes
from tests.integration.operator.conftest import Run


def test_routes_are_set_whole(run: Run, deployment: Deployment, merchant_id: str) -> None:
    assert run("routes", "set", merchant_id, "mobile_money=kpay").stdout == "Changed\n"
    assert deployment.merchants.known(merchant_id).routes == {"mobile_money": ("kpay",)}


def test_routes_that_stand_already_change_nothing(run: Run, merchant_id: str) -> None:
    again = run("routes", "set", merchant_id, "mobile_money=kpay", "card=kpay")
    assert again.stdout == "It is so already\n"


@pytest.mark.parametrize(
    "words",
    [
        ["card"],
        ["card="],
        ["cash=kpay"],
        ["card=paypal"],
        ["card=kpay,kpay"],
        ["card=kpay,"],
        ["card=kpay", "card=kpay"],
    ],
)
def test_routes_that_lead_nowhere_are_refused(words: list[str]) -> None:
    with pytest.raises(UnusableInput):
        read_routes(words)


def test_refused_routes_change_nothing(run: Run, deployment: Deployment, merchant_id: str) -> None:
    before = deployment.merchants.known(merchant_id).routes
    refused = run("routes", "set", merchant_id, "card=paypal")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no provider 'paypal': kpay, vpay, dgspay, rwandapay\n"
    assert deployment.merchants.known(merchant_id).routes == before


def test_routes_for_nobody_are_refused(run: Run) -> None:
    refused = run("routes", "set", "mer_nobody000000", "card=kpay")
    assert refused.exit_code == 1
    assert "no merchant" in refused.stderr

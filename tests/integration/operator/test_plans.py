import pytest

from infra.operator.deployment import Deployment
from payments.plan import PLANS, Plan
from tests.integration.operator.conftest import Answer, Run


def test_the_plans_with_a_name_are_listed(answer: Answer) -> None:
    told = answer("plans", "list")
    assert {"plan": "starter", "per_minute": 20, "burst": 20, "per_day": 1000} in told
    assert [plan["plan"] for plan in told] == list(PLANS)


def test_a_merchant_and_its_keys_come_under_a_plan(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    assert run("plans", "set", merchant_id, "growth").stdout == "Changed\n"
    assert deployment.merchants.known(merchant_id).plan == PLANS["growth"]
    assert [key.plan for key in deployment.merchants.keys(merchant_id)] == [PLANS["growth"]]
    assert run("plans", "set", merchant_id, "growth").stdout == "It is so already\n"


def test_enterprise_is_whatever_was_agreed(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    agreed = ("--per-minute", "2000", "--burst", "5000", "--per-day", "900000")
    assert run("plans", "set", merchant_id, "enterprise", *agreed).exit_code == 0
    assert deployment.merchants.known(merchant_id).plan == Plan(
        name="enterprise", per_minute=2000, burst=5000, per_day=900_000
    )


def test_a_burst_that_nobody_named_is_a_minutes_worth(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    run("plans", "set", merchant_id, "enterprise", "--per-minute", "50", "--per-day", "1000")
    assert deployment.merchants.known(merchant_id).plan.burst == 50


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["golden"], "There is no plan 'golden'"),
        (["enterprise"], "Say what was agreed"),
        (["enterprise", "--per-minute", "5"], "Say what was agreed"),
        (["starter", "--per-day", "5"], "are its own"),
        (["enterprise", "--per-minute", "0", "--per-day", "5"], "--per-minute"),
        (["enterprise", "--per-minute", "many", "--per-day", "5"], "--per-minute"),
    ],
)
def test_a_plan_that_makes_no_sense_changes_nothing(
    run: Run, deployment: Deployment, merchant_id: str, words: list[str], says: str
) -> None:
    refused = run("plans", "set", merchant_id, *words)
    assert refused.exit_code in {1, 2}
    assert says in refused.stderr
    assert deployment.merchants.known(merchant_id).plan == PLANS["standard"]


def test_nobody_is_put_under_a_plan(run: Run) -> None:
    refused = run("plans", "set", "mer_nobody000000", "growth")
    assert refused.exit_code == 1
    assert "no merchant" in refused.stderr

"""Every provider has all that infra/ADDING_A_PROVIDER.md asks of a new one."""

from pathlib import Path

import pytest

from infra.local.simulators.simulated import simulated
from infra.operator.credentials import fields_of
from payments.payment import Method
from providers.registry import REGISTRY
from tests.unit.test_template import FUNCTIONS, TEMPLATE

ROOT = Path(__file__).parents[2]
PROVIDERS = sorted(set(REGISTRY) - {"sandbox"})


@pytest.mark.parametrize("provider", PROVIDERS)
def test_has_its_files(provider: str) -> None:
    for place in (
        f"functions/providers/{provider}.py",
        f"functions/webhooks/{provider}.py",
        f"infra/local/simulators/{provider}.py",
        f"tests/contract/{provider}",
        f"tests/payloads/{provider}/SOURCES.md",
    ):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("provider", PROVIDERS)
def test_has_its_place_in_the_template(provider: str) -> None:
    name = provider.title()
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    assert f"{name}BaseUrl" in TEMPLATE["Parameters"]
    assert f"{provider.upper()}_BASE_URL" in variables
    assert FUNCTIONS[f"{name}Webhook"]["Handler"] == f"webhooks/{provider}.handler"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_its_simulator_gives_what_the_operator_stores(provider: str) -> None:
    asked = fields_of(provider)
    given = {name for name, value in simulated(provider).credentials.items() if value}
    assert {field.name for field in asked if field.is_needed} <= given
    assert given <= {field.name for field in asked}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_offers_something_and_banks_only_by_bank(provider: str) -> None:
    offers = REGISTRY[provider].offers
    assert offers
    for method, offer in offers.items():
        assert offer.currencies
        assert bool(offer.banks) is (method is Method.BANK)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_its_guesses_are_told(provider: str) -> None:
    title = simulated(provider).title
    told = (ROOT / "infra/decisions/assumptions.md").read_text()
    guesses = (ROOT / f"functions/providers/{provider}.py").read_text().count("[assume]")
    assert told.count(f"| {title} |") >= guesses > 0

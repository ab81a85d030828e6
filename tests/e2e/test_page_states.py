"""Every page that customers meet, in every state and language, on a small phone in real Chromium.

Each is asked for as the browser's own language asks, and looked at by axe-core in both its colours.
Every test also fails on anything that a page's console calls an error (tests/e2e/conftest.py).
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import pytest
from axe_playwright_python.sync_playwright import (  # type: ignore[import-untyped]  # it says no types
    Axe,
)
from playwright.sync_api import BrowserContext, Page, Response, ViewportSize

from infra.local.stack_file import StackFile
from payments.clock import utc_now
from payments.logo import MOST_BYTES as LARGEST_LOGO
from tests.e2e.ledger_shop import ledger_shop
from tests.e2e.merchant import Merchant
from tests.page_states import NAMES, Sight, sight

NARROWEST: ViewportSize = {"width": 320, "height": 568}
LOCALES = {"en": "en-GB", "fr": "fr-FR", "rw": "rw-RW"}
MOST_BYTES = 30_000
# The rules that the pages are held to: https://github.com/dequelabs/axe-core, doc/API.md.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
LOOK = """only => axe.run({runOnly: only, resultTypes: ["violations"]}).then(
  found => found.violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html}`)))"""
STRANGE = """() => {
  const script = document.createElement("script");
  script.textContent = "window.strange = 1";
  document.body.append(script);
  document.body.setAttribute("onclick", "window.strange = 2");
  document.body.click();
  return window.strange ?? null;
}"""


@pytest.fixture(scope="module")
def sights(merchant: Merchant) -> Mapping[str, Sight]:
    """Every page, made once for all languages."""
    shop = ledger_shop(merchant.stack, merchant.administrator)
    return {name: sight(name, shop, utc_now()) for name in NAMES}


@pytest.fixture
def visit(
    stack: StackFile, new_phone: Callable[..., BrowserContext]
) -> Callable[[Sight, str], Page]:
    """Open a page in a language, and have it stay: it may not go on to the shop meanwhile."""

    def opened(one: Sight, language: str) -> Page:
        # Chromium's console calls every answer of 4xx and 5xx an error.
        phone = new_phone(locale=LOCALES[language], quiet=one.status is HTTPStatus.OK)
        phone.route(f"{stack['shop']}**", lambda route: route.fulfill(status=204))
        page = phone.new_page()
        answer = page.goto(stack["checkout"] + one.path)
        assert isinstance(answer, Response)
        assert answer.status == one.status
        return page

    return opened


def told(page: Page, selector: str, attribute: str) -> str | None:
    """What the first such element says, as the page stands; None where there is none."""
    found = page.query_selector(selector)
    return found.get_attribute(attribute) if found else None


def width_of_all(page: Page) -> int:
    width: int = page.evaluate("document.documentElement.scrollWidth")
    return width


def violations(page: Page) -> dict[str, list[str]]:
    """What axe-core finds wrong with a page: each rule with what breaks it, for every colour."""
    page.evaluate(Axe().axe_script)
    found: dict[str, list[str]] = {}
    found["light"] = page.evaluate(LOOK, RULES)
    page.emulate_media(color_scheme="dark")
    # Nothing but its colours changes.
    found["dark"] = page.evaluate(LOOK, ["color-contrast"])
    return found


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_whole_in_every_language_and_colour(
    sights: Mapping[str, Sight], visit: Callable[[Sight, str], Page], name: str, language: str
) -> None:
    page = visit(sights[name], language)
    assert told(page, "[data-state]", "data-state") == sights[name].state
    assert told(page, "html", "lang") == language
    assert violations(page) == {"light": [], "dark": []}
    page.set_viewport_size(NARROWEST)
    assert width_of_all(page) == NARROWEST["width"]


def test_a_page_runs_no_script_but_its_own(
    sights: Mapping[str, Sight], visit: Callable[[Sight, str], Page]
) -> None:
    # What is refused is told on the console, as the page of an error would be.
    page = visit(sights["not_found"], "en")
    assert page.evaluate(STRANGE) is None


@pytest.mark.parametrize("name", NAMES)
def test_a_page_and_the_largest_logo_come_in_less_than_30_kilobytes(
    merchant: Merchant, sights: Mapping[str, Sight], name: str
) -> None:
    for language in LOCALES:
        address = merchant.stack["checkout"] + sights[name].path
        answer = merchant.http.get(address, headers={"Accept-Language": language})
        assert answer.status_code == sights[name].status
        headers = sum(len(name) + len(value) + len(": \r\n") for name, value in answer.headers.raw)
        assert headers + len(answer.content) < MOST_BYTES - LARGEST_LOGO

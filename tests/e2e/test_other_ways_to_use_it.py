"""The happy path for those who touch no screen and for those whose browser runs no script."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from infra.local.stack_file import StackFile
from tests.e2e.customer import (
    PATIENCE_MS,
    answer_on_handset,
    buy,
    expect_paid_in_shop,
    expect_state,
    go_back_paid,
    pay,
    waiting_number,
)
from tests.e2e.merchant import Merchant

PAYS = "0780000000"
"""Test mode's magic number."""
MOST_STOPS = 25
STILL_OUTLINED = "['none', ''].indexOf(getComputedStyle(document.activeElement).outlineStyle) < 0"


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus, which shows wherever it stops."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        assert page.evaluate(STILL_OUTLINED), page.evaluate("document.activeElement.outerHTML")
        if page.locator(f"{selector}:focus").count() == 1:
            return
    raise AssertionError(f"{selector}: not within {MOST_STOPS} stops")


def test_pays_and_goes_back_by_keyboard_alone(
    stack: StackFile, merchant: Merchant, new_phone: Callable[..., BrowserContext]
) -> None:
    back = f"{stack['shop']}thanks"
    page = new_phone().new_page()
    # The page would go there by itself, and the key is to do it.
    page.route(f"{back}?**", lambda route: route.fulfill(status=204))
    page.goto(merchant.open("test", redirect_url=back)["payment_url"])
    tab_to(page, "#phone")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(PAYS)
    tab_to(page, "#pay")
    page.keyboard.press("Enter")
    expect_state(page, "paid")
    tab_to(page, "#back")
    with page.expect_request(f"{back}?**status=successful**"):
        page.keyboard.press("Enter")


def test_enter_in_the_number_pays(
    stack: StackFile, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone().new_page()
    buy(page, stack, "test")
    tab_to(page, "#phone")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(PAYS)
    page.keyboard.press("Enter")
    expect_paid_in_shop(page, stack)


@pytest.fixture
def plain(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    """A phone whose browser runs no script."""
    return new_phone(javascript=False)


def test_without_javascript_the_prompt_is_approved_and_the_page_moves_on(
    stack: StackFile,
    merchant: Merchant,
    plain: BrowserContext,
    new_phone: Callable[..., BrowserContext],
) -> None:
    page, number = plain.new_page(), waiting_number()
    session_id = buy(page, stack, "live")
    pay(page, number)
    expect_state(page, "check_phone")
    answer_on_handset(new_phone(), stack, number, "Approve")
    expect_paid_in_shop(page, stack)
    assert [charge["outcome"] for charge in merchant.charges(session_id)] == ["paid"]


def test_without_javascript_a_decline_leaves_room_for_another_try(
    stack: StackFile, plain: BrowserContext
) -> None:
    page = plain.new_page()
    buy(page, stack, "test")
    pay(page, "0780000001")
    expect(page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    pay(page, PAYS)
    go_back_paid(page, stack)


def test_without_javascript_the_language_is_chosen_and_kept(
    merchant: Merchant, plain: BrowserContext
) -> None:
    page = plain.new_page()
    page.goto(merchant.open("test")["payment_url"])
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("[hreflang=rw], [lang=rw]").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "rw")
    page.goto(merchant.open("test")["payment_url"])
    expect(page.locator("html")).to_have_attribute("lang", "rw")

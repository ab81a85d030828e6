"""Whatever a customer does with one page, the provider is asked once (its own ledger says so)."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from infra.local.stack_file import StackFile
from tests.e2e.customer import answer_on_handset, buy, expect_state, go_back_paid, pay
from tests.e2e.customer import waiting_number as fresh_number
from tests.e2e.merchant import Merchant


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    return new_phone()


def send_form(page: Page) -> None:
    """Send the form as it stands, and do not wait for what comes of it."""
    page.locator("#pay").click(no_wait_after=True)


def test_a_double_click_on_a_phone_without_javascript(
    merchant: Merchant, stack: StackFile, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(javascript=False).new_page()
    session_id = buy(page, stack, "live")
    page.locator("#phone").fill(fresh_number())
    page.locator("#pay").dblclick()
    expect_state(page, "check_phone")
    assert merchant.times_asked(session_id) == 1


def test_two_tabs_that_pay_at_once(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    tabs = phone.new_page(), phone.new_page()
    session_id = buy(tabs[0], stack, "live")
    tabs[1].goto(tabs[0].url)
    for tab in tabs:
        tab.locator("#phone").fill(fresh_number())
    for tab in tabs:
        send_form(tab)
    for tab in tabs:
        expect_state(tab, "check_phone")
    assert merchant.times_asked(session_id) == 1


def test_the_back_button_while_the_prompt_is_out_and_after_it_was_paid(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page, number = phone.new_page(), fresh_number()
    session_id = buy(page, stack, "live")
    address = page.url
    pay(page, number)
    expect_state(page, "check_phone")
    press_back_to(page, address)
    expect_state(page, "check_phone")
    answer_on_handset(phone, stack, number, "Approve")
    go_back_paid(page, stack)
    press_back_to(page, address)
    expect_state(page, "paid")
    assert [charge["outcome"] for charge in merchant.charges(session_id)] == ["paid"]
    assert merchant.times_asked(session_id) == 1


def press_back_to(page: Page, address: str) -> None:
    """Press Back until the checkout's page is there again."""
    page.go_back()
    if page.url != address:
        page.goto(address)

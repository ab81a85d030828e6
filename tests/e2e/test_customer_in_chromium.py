"""A customer with a phone: from the demo shop through the hosted page and back, in real Chromium.

Every test also fails on anything that a page's console calls an error (tests/e2e/conftest.py).
"""

import re
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


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    return new_phone()


def test_buys_with_a_phone_and_lands_back_in_the_shop_as_paid(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page, number = phone.new_page(), waiting_number()
    session_id = buy(page, stack, "live")
    expect(page.get_by_text("RWF 25,000").first).to_be_visible()
    pay(page, number)
    expect_state(page, "check_phone")
    expect(page.get_by_text(f"We asked {number[:4]} ••• {number[-3:]}")).to_be_visible()
    answer_on_handset(phone, stack, number, "Approve")
    expect_paid_in_shop(page, stack)
    assert [charge["outcome"] for charge in merchant.charges(session_id)] == ["paid"]


def test_declines_and_pays_at_the_second_try(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page, first, second = phone.new_page(), waiting_number(), "0738123456"
    session_id = buy(page, stack, "live")
    pay(page, first)
    expect_state(page, "check_phone")
    answer_on_handset(phone, stack, first, "Decline")
    expect_state(page, "declined")
    expect(page.get_by_role("alert")).to_contain_text("The payment was declined")
    pay(page, second)
    expect_state(page, "check_phone")
    answer_on_handset(phone, stack, second, "Approve")
    go_back_paid(page, stack)
    outcomes = [charge["outcome"] for charge in merchant.charges(session_id)]
    assert outcomes == ["failed", "paid"]


def test_pays_in_test_mode_without_javascript(
    stack: StackFile, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(javascript=False).new_page()
    buy(page, stack, "test")
    expect(page.get_by_text("Test mode: no money moves.")).to_be_visible()
    pay(page, "0780000000")
    go_back_paid(page, stack)


def test_a_double_click_and_a_reload_charge_once(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page, number = phone.new_page(), waiting_number()
    session_id = buy(page, stack, "live")
    page.locator("#phone").fill(number)
    page.locator("#pay").dblclick()
    expect_state(page, "check_phone")
    page.reload()
    expect_state(page, "check_phone")
    assert merchant.times_asked(session_id) == 1
    answer_on_handset(phone, stack, number, "Approve")
    go_back_paid(page, stack)
    assert merchant.times_asked(session_id) == 1


def test_a_second_tab_that_is_behind_charges_nothing(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page, behind = phone.new_page(), phone.new_page()
    session_id = buy(page, stack, "live")
    behind.goto(page.url)
    pay(page, waiting_number())
    expect_state(page, "check_phone")
    pay(behind, waiting_number())
    expect_state(behind, "check_phone")
    assert merchant.times_asked(session_id) == 1


def test_pays_by_card_on_the_providers_page(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page = phone.new_page()
    session_id = buy(page, stack, "live")
    page.locator("#card").click()
    expect_state(page, "go_to_provider")
    page.locator("#go").click()
    page.wait_for_url(f"{stack['providers']['kpay']}checkout/*")
    page.get_by_label("Card number").fill("5555 4444 3333 1111")
    page.get_by_label("Expires").fill("12/99")
    page.get_by_label("CVV").fill("123")
    page.get_by_role("button", name="Pay 25,000 RWF").click()
    merchant.ending(session_id)
    # The page would look by itself, three seconds after the return.
    page.reload()
    go_back_paid(page, stack)
    assert [charge["pmethod"] for charge in merchant.charges(session_id)] == ["cc"]


def test_a_declined_test_card_leaves_room_for_a_good_one(
    stack: StackFile, phone: BrowserContext
) -> None:
    page = phone.new_page()
    buy(page, stack, "test")
    choose_test_card(page, "4000 0000 0000 9995: insufficient funds")
    expect_state(page, "declined")
    expect(page.get_by_role("alert")).to_contain_text("not enough money")
    choose_test_card(page, "4111 1111 1111 1111: pays")
    go_back_paid(page, stack)


def choose_test_card(page: Page, card: str) -> None:
    page.locator("#card").click()
    expect_state(page, "go_to_provider")
    page.locator("#go").click()
    page.get_by_role("button", name=card).click()


def test_goes_back_to_the_shop_without_paying(
    merchant: Merchant, stack: StackFile, phone: BrowserContext
) -> None:
    page = phone.new_page()
    session_id = buy(page, stack, "live")
    page.get_by_role("button", name="Back to the shop without paying").click()
    page.wait_for_url(f"{stack['shop']}thanks?**", timeout=PATIENCE_MS)
    expect(page.locator("#status")).to_have_text("failed")
    assert merchant.charges(session_id) == []


def test_a_number_without_a_wallet_is_explained_and_kept_for_correction(
    merchant: Merchant, stack: StackFile, new_phone: Callable[..., BrowserContext]
) -> None:
    page = new_phone(quiet=False).new_page()
    session_id = buy(page, stack, "live")
    pay(page, "0771234567")
    expect(page.get_by_role("alert")).to_contain_text("No Rwandan wallet has this number")
    expect(page.locator("#phone")).to_have_value("0771234567")
    assert merchant.times_asked(session_id) == 0


def test_the_page_lets_nothing_in_and_is_kept_nowhere(merchant: Merchant) -> None:
    headers = merchant.http.get(merchant.open("live")["payment_url"]).headers
    assert re.match(
        r"default-src 'none'; style-src 'nonce-[\w-]{22}'; ", headers["Content-Security-Policy"]
    )
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"

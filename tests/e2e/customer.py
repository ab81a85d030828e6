"""What a customer does with a browser: orders, pays, answers the prompt, comes back."""

import random
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, Page, expect

from infra.local.stack_file import StackFile
from payments.phone import parse_phone
from tests.e2e.merchant import PATIENCE
from tests.e2e.patience import eventually

PATIENCE_MS = PATIENCE * 1000


def waiting_number() -> str:
    """A number that waits for the handset, and that no other prompt there has."""
    return f"07881{random.randrange(10**5):05}"  # noqa: S311  # no secret


def buy(page: Page, stack: StackFile, mode: str) -> str:
    """Order the basket in the demo shop; the session id of the page that this leads to."""
    page.goto(stack["shop"])
    page.get_by_label("Agaseke basket").check()
    page.get_by_label(f"{mode} keys").check()
    page.get_by_role("button", name="Buy").click()
    page.wait_for_url(f"{stack['checkout']}/checkout/CHK-*")
    expect_state(page, "choose")
    return urlsplit(page.url).path.rpartition("/")[2]


def expect_state(page: Page, state: str) -> None:
    expect(page.locator("#state")).to_have_attribute("data-state", state, timeout=PATIENCE_MS)


def pay(page: Page, number: str) -> None:
    page.locator("#phone").fill(number)
    page.locator("#pay").click()


def answer_on_handset(phone: BrowserContext, stack: StackFile, number: str, word: str) -> None:
    tab = phone.new_page()
    tab.goto(stack["handset"])
    prompt = tab.locator("section.card", has_text=parse_phone(number).msisdn)
    prompt.get_by_role("button", name=word).click()
    expect(prompt).to_have_count(0)
    tab.close()


def go_back_paid(page: Page, stack: StackFile) -> None:
    page.locator("#back").click(timeout=PATIENCE_MS)
    expect_paid_in_shop(page, stack)


def expect_paid_in_shop(page: Page, stack: StackFile) -> None:
    page.wait_for_url(f"{stack['shop']}thanks?**", timeout=PATIENCE_MS)
    expect(page.locator("#status")).to_have_text("successful")
    expect(page.get_by_role("heading", name="Thank you, your order is paid")).to_be_visible()

    def has_the_webhook() -> bool:
        if page.get_by_text("signature: good").count() == 1:
            return True
        page.reload()
        return False

    eventually(has_the_webhook, within=5, what="the webhook in the shop")
    expect(page.get_by_text("payment.successful", exact=True)).to_be_visible()

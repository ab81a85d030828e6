"""Seed 000's own browser sample, served from another origin, works as it stands.

seed_sample/*.js are the seed's functions to the letter; only the base address in them is replaced
on the way to the browser. The two pages around them are ours.
"""

from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import flask
import pytest
from playwright.sync_api import BrowserContext, expect

from infra.local.ports import Ports
from infra.local.servers import serving
from infra.local.stack_file import StackFile
from tests.e2e.merchant import Merchant, new_tx_ref

SAMPLE = Path(__file__).with_name("seed_sample")
SEEDS_BASE = "https://pay.rwandapay.rw"


@pytest.fixture
def site(stack: StackFile) -> Iterator[str]:
    """A merchant's static site; its address, "/" and all."""
    app = flask.Flask("site")

    def show(name: str) -> flask.Response:
        text = (SAMPLE / name).read_text(encoding="utf-8").replace(SEEDS_BASE, stack["checkout"])
        kind = "text/javascript" if name.endswith(".js") else "text/html"
        return flask.Response(text, mimetype=kind)

    app.get("/<any('buy.html', 'poll.html'):name>")(show)
    app.get("/<any('initialize_payment.js', 'poll_payment_status.js'):name>", endpoint="js")(show)
    app.get("/callback", endpoint="callback")(lambda: "<h1>Back at the merchant's</h1>")
    app.get("/favicon.ico", endpoint="icon")(lambda: ("", HTTPStatus.NO_CONTENT))
    with serving(app, Ports.free_ones().shop) as url:
        yield url


@pytest.fixture
def phone(new_phone: Callable[..., BrowserContext]) -> BrowserContext:
    return new_phone()


def test_the_sample_names_the_seeds_own_address() -> None:
    for script in SAMPLE.glob("*.js"):
        assert f"{SEEDS_BASE}/api/v1/checkout/" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize("mode", ["live", "test"])
def test_initialize_payment_redirects_to_the_hosted_page(
    merchant: Merchant, site: str, phone: BrowserContext, mode: str
) -> None:
    keys = merchant.stack["keys"][mode]
    order = {"amount": 5000, "tx_ref": new_tx_ref(), "redirect_url": f"{site}callback"}
    page = phone.new_page()
    page.goto(f"{site}buy.html?{urlencode(order | keys)}")
    page.locator("#pay-button").click()
    page.wait_for_url(f"{merchant.stack['checkout']}/checkout/CHK-*")
    expect(page.locator("#pay")).to_contain_text("Pay RWF 5,000")


def test_poll_payment_status_needs_no_keys_and_goes_back_when_paid(
    merchant: Merchant, site: str, phone: BrowserContext
) -> None:
    opened = merchant.open("test", redirect_url=f"{site}callback?cart=7")
    page = phone.new_page()
    with page.expect_response("**/verify") as first:
        page.goto(f"{site}poll.html?reference={opened['reference']}")
    assert first.value.json()["status"] == "pending"
    merchant.process(opened["session_id"], "0780000000")
    page.wait_for_url(f"{site}callback?**")
    query = parse_qs(urlsplit(page.url).query)
    assert query["cart"] == ["7"]
    assert query["reference"] == [opened["reference"]]
    assert query["status"] == ["successful"]
    assert query["transaction_id"][0].startswith("PAY-TEST-")


def test_poll_payment_status_shows_a_decline_and_goes_back(
    merchant: Merchant, site: str, phone: BrowserContext
) -> None:
    opened = merchant.open("test", redirect_url=f"{site}callback")
    merchant.process(opened["session_id"], "0780000008")
    page = phone.new_page()
    page.goto(f"{site}poll.html?reference={opened['reference']}")
    expect(page.locator("#error")).to_have_text("Payment failed")
    page.wait_for_url(f"{site}callback?**status=failed**")


def test_an_error_is_readable_from_another_origin(
    merchant: Merchant, site: str, new_phone: Callable[..., BrowserContext]
) -> None:
    opened = merchant.open("test")
    keys = merchant.stack["keys"]["test"]
    order = {"amount": 5000, "tx_ref": opened["reference"], "redirect_url": f"{site}callback"}
    page = new_phone(quiet=False).new_page()
    page.goto(f"{site}buy.html?{urlencode(order | keys)}")
    page.locator("#pay-button").click()
    expect(page.locator("#toast")).to_have_text("This tx_ref was already used")

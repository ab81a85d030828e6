import base64
from typing import Any

import pytest

from checkout import show_logo
from ledger.logos import Logos
from ledger.merchants import UnknownMerchant
from payments.logo import Logo
from plumbing import wiring
from tests.integration.gateway import Gateway
from tests.integration.rest_events import Answer, Request, call

PNG = Logo.of(b"\x89PNG\r\n\x1a\n\x00\xff")


@pytest.fixture
def logos(gateway: Gateway) -> Logos:
    return Logos(gateway.dynamodb, "Merchants")


def ask(merchant_id: str, digest: str) -> Answer:
    named = {"merchant_id": merchant_id, "digest": digest}
    resource = "/logos/{merchant_id}/{digest}"
    return call(show_logo.handler, Request(method="GET", resource=resource, parameters=named))


def address_of(gateway: Gateway) -> str:
    return f"https://pay.example/logos/{gateway.shop.merchant.merchant_id}/{PNG.digest}"


def look_again(gateway: Gateway) -> str:
    """The page, once the minute is over for which a merchant is remembered."""
    wiring.forget()
    session: Any = gateway.opened(tx_ref=f"LOGO-{len(gateway.payments())}")
    return gateway.page(session).text


def test_a_merchant_has_no_logo_at_first(gateway: Gateway) -> None:
    assert "<img" not in look_again(gateway)
    assert ask(gateway.shop.merchant.merchant_id, PNG.digest).status == 404


def test_a_logo_is_shown_and_kept_for_good(gateway: Gateway, logos: Logos) -> None:
    merchant_id = gateway.shop.merchant.merchant_id
    logos.put(merchant_id, PNG)
    assert f'<img src="{address_of(gateway)}" alt=""' in look_again(gateway)
    answer = ask(merchant_id, PNG.digest)
    assert (answer.status, base64.b64decode(answer.text)) == (200, PNG.content)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_an_address_shows_its_own_picture_or_none(gateway: Gateway, logos: Logos) -> None:
    merchant_id = gateway.shop.merchant.merchant_id
    logos.put(merchant_id, PNG)
    logos.put(merchant_id, Logo.of(PNG.content + b"x"))
    assert ask(merchant_id, PNG.digest).status == 404
    for strange in ("", "x", "mer_000000000000", "PROFILE", "%00", "../x"):
        assert ask(strange, PNG.digest).status == 404


def test_a_logo_that_was_removed_is_gone(gateway: Gateway, logos: Logos) -> None:
    merchant_id = gateway.shop.merchant.merchant_id
    logos.put(merchant_id, PNG)
    logos.remove(merchant_id)
    assert "<img" not in look_again(gateway)
    assert ask(merchant_id, PNG.digest).status == 404


def test_nobody_has_no_logo(gateway: Gateway, logos: Logos) -> None:
    before = gateway.dynamodb.scan(TableName="Merchants")["Count"]
    with pytest.raises(UnknownMerchant):
        logos.put("mer_nobody", PNG)
    with pytest.raises(UnknownMerchant):
        logos.remove("mer_nobody")
    assert gateway.dynamodb.scan(TableName="Merchants")["Count"] == before

"""DGS-Pay as the registry knows it."""

import json

import httpx
import pytest

from payments.payment import Method
from payments.phone import Network
from providers.dgspay import LISTING
from providers.port import Opening
from tests.contract.dgspay.desk import ADDRESSES
from tests.examples import NOW, PAYMENT, attempt


def test_offers_both_wallets_in_francs_and_nothing_else() -> None:
    assert set(LISTING.offers) == {Method.MOBILE_MONEY}
    offer = LISTING.offers[Method.MOBILE_MONEY]
    assert offer.currencies == {"RWF"}
    assert offer.networks == {Network.MTN, Network.AIRTEL}


def test_signs_its_webhooks() -> None:
    assert LISTING.signs


def test_the_operator_may_leave_out_the_account_number_alone() -> None:
    needed = {asked.name for asked in LISTING.credentials if asked.is_needed}
    assert needed == {"api_key", "webhook_secret"}
    assert {asked.name for asked in LISTING.credentials} == {*needed, "account_number"}
    shown = {asked.name for asked in LISTING.credentials if not asked.is_secret}
    assert shown == {"account_number"}


@pytest.mark.parametrize("account", [{}, {"account_number": "100200"}])
def test_opens_with_what_the_operator_stored(account: dict[str, str]) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, content=json.dumps({"transaction_status": "pending"}))

    provider = LISTING.open(
        Opening(
            http=httpx.Client(transport=httpx.MockTransport(answer)),
            base_url="https://dgspay.example/generation/v2",
            credentials={"api_key": "key", "webhook_secret": "secret", **account},
            clock=lambda: NOW,
            tokens={},
        )
    )
    provider.charge(PAYMENT, attempt(), ADDRESSES)
    assert str(sent[0].url) == "https://dgspay.example/generation/v2/charges"
    assert sent[0].headers.get("X-DGS-ACCOUNT-NUMBER") == account.get("account_number")

"""What the merchant's server and its customers do, over HTTP, as they would in life.

Errors: `NotAsDocumented`, and shop_gateway's.
"""

import re
import time
from itertools import count
from typing import Any

import httpx

from infra.local.demo.scenarios import PAYING_CARD, Scenario
from infra.local.demo_merchant import ALL
from infra.local.shop_gateway import Gateway
from infra.local.stack_file import StackFile
from payments.payment import BY_PHONE, Method

CUSTOMER = {"name": "Aline Uwase", "email": "aline@example.rw"}
TRY_FIELD = re.compile(r'name="try" value="(\d+)"')


class NotAsDocumented(Exception):
    """The checkout answered otherwise than it says it does."""


class Customer:
    """Orders and pays. `http` follows redirects, as a browser does."""

    def __init__(self, stack: StackFile, http: httpx.Client) -> None:
        self._stack = stack
        self._http = http
        keys = {name: told["keys"] for name, told in stack["merchants"].items()}
        self._gateways = {
            name: Gateway(stack["api"], each, http)
            for name, each in ({ALL: stack["keys"]} | keys).items()
        }
        self._run = int(time.time() * 1000)
        self._numbers = count(1)

    def open(self, scenario: Scenario) -> tuple[str, str]:
        """Have the merchant open a payment: its session id and tx_ref."""
        tx_ref = f"DEMO-{self._run}-{next(self._numbers)}"
        amount, currency = scenario.sum
        opened = self._gateways[scenario.through].initialize(
            scenario.mode.value,
            {
                "amount": amount,
                "currency": currency,
                "tx_ref": tx_ref,
                "customer": CUSTOMER | {"phone": scenario.phone},
                "redirect_url": f"{self._stack['shop']}thanks",
            },
        )
        return str(opened["session_id"]), tx_ref

    def verify(self, session_id: str) -> dict[str, Any]:
        """Ask without keys, as the customer's browser may."""
        return read(self._http.get(f"{self._stack['api']}/checkout/{session_id}/verify"))

    def verify_with_keys(self, scenario: Scenario, tx_ref: str) -> dict[str, Any]:
        """Ask as the merchant's server does."""
        return self._gateways[scenario.through].verify(scenario.mode.value, tx_ref)

    def pay(self, session_id: str, scenario: Scenario) -> str | None:
        """Pay on the merchant's own page: the address to go on at, if there is one."""
        payer = {"method": scenario.method.value}
        if scenario.method in BY_PHONE:
            payer["phone"] = scenario.phone
        if scenario.bank:
            payer["bank"] = scenario.bank
        told = self._process(session_id, payer, scenario.error)
        address: str | None = told.get("data", {}).get("authorization_url")
        return address

    def pay_by_card(self, address: str, card: str, home: str | None) -> None:
        """Pay on a provider's page, and come back where `home` says that it leads there."""
        self._see(self._http.get(address))
        form = {"number": card, "expiry": "12/40", "cvv": "123"}
        back = self._see(self._http.post(address, data=form))
        if home:
            self._require_home(back, home)

    def pay_by_wallet(self, address: str) -> None:
        """Choose the wallet on V-Pay's page: then it asks the phone."""
        self._see(self._http.get(address))
        self._see(self._http.post(address, data={"with": "wallet"}))

    def choose_test_card(self, address: str, home: str) -> None:
        """Choose a card that pays, in test mode, and come back."""
        self._see(self._http.get(address))
        self._require_home(self._see(self._http.post(address, data={"card": PAYING_CARD})), home)

    def pay_on_page(self, session_id: str, phone: str) -> None:
        """Fill in the hosted page's form and send it."""
        page = self._see(self._http.get(self._page(session_id)))
        found = TRY_FIELD.search(page.text)
        if found is None:
            raise NotAsDocumented("the page offers no form")
        form = {
            "try": found[1],
            "method": Method.MOBILE_MONEY.value,
            "phone": phone,
            "network": "",
        }
        self._see(self._http.post(self._page(session_id), data=form))

    def may_choose(self, session_id: str) -> bool:
        """Whether the hosted page, drawn anew, offers another try."""
        page = self._see(self._http.get(self._page(session_id)))
        return TRY_FIELD.search(page.text) is not None

    def ring_strange_webhook(self, attempt_ref: str) -> None:
        """Post to K-Pay's webhook for an attempt that there is not."""
        address = f"{self._stack['checkout']}/webhooks/kpay/{attempt_ref}/not-its-token"
        self._see(self._http.post(address, json={}))

    def _page(self, session_id: str) -> str:
        return f"{self._stack['checkout']}/checkout/{session_id}"

    def _require_home(self, page: httpx.Response, home: str) -> None:
        # Where the news was quicker than the browser, our page has sent it on to the shop.
        if home not in str(page.url) and not str(page.url).startswith(self._stack["shop"]):
            raise NotAsDocumented(f"the provider's page led to {page.url}")

    def _process(self, session_id: str, payer: dict[str, str], error: str | None) -> dict[str, Any]:
        answer = self._http.post(f"{self._page(session_id)}/process", json=payer)
        told = read(answer)
        code = told.get("error", {}).get("code")
        if code != error:
            raise NotAsDocumented(f"process answered {answer.status_code} {code}, not {error}")
        return told

    def _see(self, answer: httpx.Response) -> httpx.Response:
        if not answer.is_success:
            raise NotAsDocumented(f"{answer.request.method} of a page: {answer.status_code}")
        return answer


def read(answer: httpx.Response) -> dict[str, Any]:
    """Read an answer of the API, good or bad. Raises NotAsDocumented."""
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise NotAsDocumented(f"{answer.status_code} without a JSON object")
    return told

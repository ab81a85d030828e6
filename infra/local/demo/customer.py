"""What the merchant's server and its customers do, over HTTP, as they would in life.

Errors: `NotAsDocumented`, and shop_gateway's.
"""

import re
import time
from itertools import count
from typing import Any

import httpx

from infra.local.shop_gateway import Gateway
from infra.local.stack_file import StackFile
from payments.mode import Mode

AMOUNT = 2_500
CUSTOMER = {"name": "Aline Uwase", "email": "aline@example.rw", "phone": "0788123456"}
PAYING_CARD = "4111111111111111"
TRY_FIELD = re.compile(r'name="try" value="(\d+)"')
CHOOSE = 'data-state="choose"'


class NotAsDocumented(Exception):
    """The checkout answered otherwise than it says it does."""


class Customer:
    """Orders and pays. `http` follows redirects, as a browser does."""

    def __init__(self, stack: StackFile, http: httpx.Client) -> None:
        self._stack = stack
        self._http = http
        self._gateway = Gateway(stack["api"], stack["keys"], http)
        self._run = int(time.time() * 1000)
        self._numbers = count(1)

    def open(self, mode: Mode) -> tuple[str, str]:
        """Have the merchant open a payment: its session id and tx_ref."""
        tx_ref = f"DEMO-{self._run}-{next(self._numbers)}"
        opened = self._gateway.initialize(
            mode.value,
            {
                "amount": AMOUNT,
                "currency": "RWF",
                "tx_ref": tx_ref,
                "customer": CUSTOMER,
                "redirect_url": f"{self._stack['shop']}thanks",
            },
        )
        return str(opened["session_id"]), tx_ref

    def verify(self, session_id: str) -> dict[str, Any]:
        """Ask without keys, as the customer's browser may."""
        return read(self._http.get(f"{self._stack['api']}/checkout/{session_id}/verify"))

    def verify_with_keys(self, mode: Mode, tx_ref: str) -> dict[str, Any]:
        """Ask as the merchant's server does."""
        return self._gateway.verify(mode.value, tx_ref)

    def pay(self, session_id: str, phone: str, error: str | None) -> None:
        """Pay by wallet on the merchant's own page. `error` is the code that must answer."""
        self._process(session_id, {"phone": phone}, error)

    def pay_by_card(self, session_id: str, mode: Mode) -> None:
        """Pay by card: over to the provider's page, pay there, and come back."""
        told = self._process(session_id, {"method": "card"}, None)
        address = told["data"]["authorization_url"]
        self._see(self._http.get(address))
        card = (
            {"number": PAYING_CARD, "expiry": "12/40", "cvv": "123"}
            if mode is Mode.LIVE
            else {"card": PAYING_CARD}
        )
        back = self._see(self._http.post(address, data=card))
        if not str(back.url).endswith(session_id):
            raise NotAsDocumented(f"the card page led to {back.url}")

    def pay_on_page(self, session_id: str, phone: str) -> None:
        """Fill in the hosted page's form and send it."""
        page = self._see(self._http.get(self._page(session_id)))
        found = TRY_FIELD.search(page.text)
        if CHOOSE not in page.text or found is None:
            raise NotAsDocumented("the page offers no form")
        form = {"try": found[1], "method": "mobile_money", "phone": phone, "network": ""}
        self._see(self._http.post(self._page(session_id), data=form))

    def may_choose(self, session_id: str) -> bool:
        """Whether the hosted page, drawn anew, offers another try."""
        return CHOOSE in self._see(self._http.get(self._page(session_id))).text

    def ring_strange_webhook(self, attempt_ref: str) -> None:
        """Post to K-Pay's webhook for an attempt that there is not."""
        address = f"{self._stack['checkout']}/webhooks/kpay/{attempt_ref}/not-its-token"
        self._see(self._http.post(address, json={}))

    def _page(self, session_id: str) -> str:
        return f"{self._stack['checkout']}/checkout/{session_id}"

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

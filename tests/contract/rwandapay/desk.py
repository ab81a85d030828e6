"""RwandaPay's adapter facing RwandaPay's simulator, in one process and on a clock that is moved."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from infra.local.simulators.postbacks import Reply
from infra.local.simulators.rwandapay import Credentials, create_app, open_till
from infra.local.simulators.rwandapay_faults import Fault
from infra.local.simulators.rwandapay_sessions import Session
from payments.payment import Attempt
from payments.report import Report
from providers.port import Addresses, Notice
from providers.rwandapay import Rwandapay, RwandapayCredentials
from tests.examples import NOW, PAYMENT
from tests.examples import attempt as any_attempt

URL = "https://rwandapay.example/api/v1"
ADDRESSES = Addresses(
    callback_url="https://us.example/webhooks/rwandapay/0123456789ABCDEF01/token",
    return_url="https://us.example/checkout/CHK-0123456789ABCDEF",
)
OURS = RwandapayCredentials(public_key="pk_live_1", secret_key="sk_live_1", webhook_secret="whs")
THEIRS = Credentials(public_key="pk_live_1", secret_key="sk_live_1", webhook_secret="whs")
PAST_OUR_PATIENCE = 20.0


def attempt(number: int = 1, **changes: Any) -> Attempt:  # noqa: ANN401  # any field of an attempt
    return any_attempt(number, provider="rwandapay", **changes)


def notice_of(body: bytes, headers: Mapping[str, str]) -> Notice:
    return Notice(body=body, headers={name.lower(): value for name, value in headers.items()})


class Desk:
    """Us on one side, RwandaPay on the other. `credentials` are ours."""

    def __init__(
        self, credentials: RwandapayCredentials = OURS, theirs: Credentials = THEIRS
    ) -> None:
        self.now = NOW.timestamp()
        self.notices: list[Notice] = []
        self.till = open_till(clock=lambda: self.now, send=self._receive)
        app = create_app(self.till, theirs, sleep=self._sleep)
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app))
        self.rwandapay = Rwandapay(self.http, URL, credentials)
        self.sent: list[httpx.Request] = []
        self.http.event_hooks = {"request": [self.sent.append]}

    def _receive(self, method: str, _url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        if method == "POST":
            self.notices.append(notice_of(body, headers))
        return Reply(200, '{"status": "ok"}')

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds >= PAST_OUR_PATIENCE:
            # What a client with a time-out sees of a server that still thinks.
            raise httpx.ReadTimeout("timed out")

    def charge(self, tried: Attempt | None = None, **changes: Any) -> Report:  # noqa: ANN401  # any field of a payment
        return self.rwandapay.charge(replace(PAYMENT, **changes), tried or attempt(), ADDRESSES)

    def ask(self, tried: Attempt | None = None) -> Report:
        return self.rwandapay.ask(PAYMENT, tried or attempt())

    def hear(self, notice: Notice, tried: Attempt | None = None) -> Report | None:
        return self.rwandapay.hear(PAYMENT, tried or attempt(), notice)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order(self, fault: Fault) -> None:
        self.till.ordered.left[fault] = 1

    def sent_body(self, number: int) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.sent[number].content)
        return body

    @property
    def charges(self) -> list[Session]:
        """RwandaPay's own ledger: the truth."""
        return self.till.charges

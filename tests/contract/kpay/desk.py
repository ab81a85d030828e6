"""K-Pay's adapter facing K-Pay's simulator, in one process and on a clock that is moved."""

from dataclasses import replace
from typing import Any

import httpx

from infra.local.simulators.charges import Charge
from infra.local.simulators.faults import Fault
from infra.local.simulators.kpay import Credentials, create_app, open_till
from infra.local.simulators.postbacks import Reply
from payments.payment import Attempt
from payments.report import Report
from providers.kpay import Kpay, KpayCredentials
from providers.port import Addresses
from tests.examples import NOW, PAYMENT, attempt

URL = "https://kpay.example/"
ADDRESSES = Addresses(
    callback_url="https://us.example/webhooks/kpay/0123456789ABCDEF01/token",
    return_url="https://us.example/checkout/CHK-0123456789ABCDEF",
)
OURS = KpayCredentials(username="ikawa", password="pass", api_key="key", retailer_id="02")
THEIRS = Credentials(username="ikawa", password="pass", api_key="key", retailer_id="02")
PAST_OUR_PATIENCE = 20.0


class Desk:
    """Us on one side, K-Pay on the other. `credentials` are ours."""

    def __init__(self, credentials: KpayCredentials = OURS) -> None:
        self.now = NOW.timestamp()
        self.till = open_till(clock=lambda: self.now, send=lambda _url, _body: Reply(200, "OK"))
        app = create_app(self.till, THEIRS, sleep=self._sleep)
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app))
        self.kpay = Kpay(self.http, URL, credentials)
        self.sent: list[httpx.Request] = []
        self.http.event_hooks = {"request": [self.sent.append]}

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds >= PAST_OUR_PATIENCE:
            # What a client with a time-out sees of a server that still thinks.
            raise httpx.ReadTimeout("timed out")

    def charge(self, tried: Attempt | None = None, **changes: Any) -> Report:  # noqa: ANN401  # any field of a payment
        return self.kpay.charge(replace(PAYMENT, **changes), tried or attempt(), ADDRESSES)

    def ask(self, tried: Attempt | None = None) -> Report:
        return self.kpay.ask(PAYMENT, tried or attempt())

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order(self, fault: Fault) -> None:
        self.till.ordered.left[fault] = 1

    @property
    def charges(self) -> list[Charge]:
        """K-Pay's own ledger: the truth."""
        return self.till.charges.made

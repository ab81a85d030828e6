"""DGS-Pay's adapter facing DGS-Pay's simulator, in one process and on a clock that is moved."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import httpx

from infra.local.simulators.dgspay import Credentials, create_app, open_till
from infra.local.simulators.dgspay_charges import Charge
from infra.local.simulators.dgspay_faults import Fault
from infra.local.simulators.postbacks import Reply
from payments.payment import Attempt
from payments.report import Report
from providers.dgspay import Dgspay, DgspayCredentials
from providers.port import Addresses, Notice
from tests.examples import ATTEMPT, NOW, PAYMENT, attempt, payment

URL = "https://dgspay.example/"
SECRET = "dgs-webhook-secret"
OURS = DgspayCredentials(api_key="key", account_number="100200", webhook_secret=SECRET)
THEIRS = Credentials(api_key="key", account_number="100200", webhook_secret=SECRET)
PAST_OUR_PATIENCE = 20.0


def addresses_of(tried: Attempt) -> Addresses:
    return Addresses(
        callback_url=f"https://us.example/webhooks/dgspay/{tried.ref}/token",
        return_url="https://us.example/checkout/CHK-0123456789ABCDEF",
    )


ADDRESSES = addresses_of(ATTEMPT)


def signed(body: bytes, secret: str = SECRET) -> Notice:
    """A webhook with these bytes, signed as DGS-Pay signs."""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return Notice(body=body, headers={"x-dgs-signature": signature})


class Told(NamedTuple):
    """What reached one of our addresses."""

    url: str
    notice: Notice


class Desk:
    """Us on one side, DGS-Pay on the other. `credentials` are ours."""

    def __init__(self, credentials: DgspayCredentials = OURS) -> None:
        self.now = NOW.timestamp()
        self.told: list[Told] = []
        self.till = open_till(THEIRS, clock=lambda: self.now, send=self._receive)
        app = create_app(self.till, THEIRS, sleep=self._sleep)
        self.http = httpx.Client(transport=httpx.WSGITransport(app=app))
        self.dgspay = Dgspay(self.http, URL, credentials)
        self.sent: list[httpx.Request] = []
        self.http.event_hooks = {"request": [self.sent.append]}

    def _receive(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        heard = {name.lower(): value for name, value in headers.items()}
        self.told.append(Told(url, Notice(body=body, headers=heard)))
        return Reply(200, '{"status": "ok"}')

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds >= PAST_OUR_PATIENCE:
            # What a client with a time-out sees of a server that still thinks.
            raise httpx.ReadTimeout("timed out")

    def charge(self, tried: Attempt | None = None, **changes: Any) -> Report:  # noqa: ANN401  # any field of a payment
        trying = tried or attempt()
        return self.dgspay.charge(replace(PAYMENT, **changes), trying, addresses_of(trying))

    def begin(self, tried: Attempt) -> Attempt:
        """Charge, and give the attempt back with the reference that the reply named."""
        return replace(tried, provider_ref=self.charge(tried).provider_ref)

    def ask(self, tried: Attempt) -> Report:
        return self.dgspay.ask(payment(tried), tried)

    def hear(self, tried: Attempt, notice: Notice) -> Report | None:
        return self.dgspay.hear(payment(tried), tried, notice)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order(self, fault: Fault) -> None:
        self.till.ordered.left[fault] = 1

    @property
    def charges(self) -> list[Charge]:
        """DGS-Pay's own ledger: the truth."""
        return self.till.charges.made

"""V-Pay's adapter facing V-Pay's simulator, in one process and on a clock that is moved."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from infra.local.simulators.postbacks import Reply
from infra.local.simulators.vpay import Credentials, Pace, create_app, open_till
from infra.local.simulators.vpay_charges import Charge
from infra.local.simulators.vpay_faults import Fault
from payments.payment import Attempt, Method, Payment
from payments.phone import Network
from payments.report import Report
from providers.port import Addresses, Notice, Opening, Token
from providers.vpay import Vpay
from tests.examples import NOW, PAYMENT, attempt

URL = "https://vpay.example/api/"
ADDRESSES = Addresses(
    callback_url="https://us.example/webhooks/vpay/0123456789ABCDEF01/token",
    return_url="https://us.example/checkout/CHK-0123456789ABCDEF",
)
OURS = {
    "api_user": "vpay_live_ikawa",
    "api_key": "sk_live_ikawa",
    "webhook_secret": "whs_ikawa",
}
THEIRS = Credentials(**OURS)
PAST_OUR_PATIENCE = 20.0

AIRTEL = attempt(phone="0738123456", network=Network.AIRTEL)
CARD = attempt(method=Method.CARD, phone=None, network=None)


@dataclass
class Heard:
    """A webhook as V-Pay sent it."""

    url: str
    body: bytes
    headers: Mapping[str, str]

    @property
    def notice(self) -> Notice:
        lowered = {name.lower(): value for name, value in self.headers.items()}
        return Notice(body=self.body, headers=lowered)


class Desk:
    """Us on one side, V-Pay on the other."""

    def __init__(self, *, ours: Mapping[str, str] = OURS, theirs: Credentials = THEIRS) -> None:
        self.now = NOW.timestamp()
        self.heard: list[Heard] = []
        unhurried = Pace(requests_per_minute=1000)
        self.till = open_till(theirs, clock=lambda: self.now, send=self._hear, pace=unhurried)
        app = create_app(self.till, theirs, sleep=self._sleep)
        site = DispatcherMiddleware(NotFound(), {"/api": app})
        self.http = httpx.Client(transport=httpx.WSGITransport(app=site))
        self.sent: list[httpx.Request] = []
        self.http.event_hooks = {"request": [self.sent.append]}
        self.tokens: dict[str, Token] = {}
        self.ours = ours
        self.vpay = self.opened()

    def opened(self, url: str = URL) -> Vpay:
        """Another adapter in the same sandbox, as the next request makes one."""
        return opened(self.http, self.tokens, self.ours, self.clock, url)

    def clock(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def _hear(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        self.heard.append(Heard(url, body, headers))
        return Reply(200, '{"status":"ok"}')

    def _sleep(self, seconds: float) -> None:
        self.now += seconds
        if seconds >= PAST_OUR_PATIENCE:
            # What a client with a time-out sees of a server that still thinks.
            raise httpx.ReadTimeout("timed out")

    def charge(self, tried: Attempt | None = None, **changes: Any) -> Report:  # noqa: ANN401  # any field of a payment
        return self.vpay.charge(replace(PAYMENT, **changes), tried or attempt(), ADDRESSES)

    def ask(self, tried: Attempt | None = None) -> Report:
        return self.vpay.ask(PAYMENT, tried or attempt())

    def hear(self, notice: Notice, tried: Attempt | None = None) -> Report | None:
        return self.vpay.hear(PAYMENT, tried or attempt(), notice)

    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.till.tick()

    def order(self, fault: Fault) -> None:
        self.till.ordered.left[fault] = 1

    def calls_to(self, path: str) -> list[httpx.Request]:
        return [request for request in self.sent if request.url.path == f"/api{path}"]

    @property
    def charges(self) -> list[Charge]:
        """V-Pay's own ledger: the truth."""
        return self.till.charges.made


def opened(
    http: httpx.Client,
    tokens: MutableMapping[str, Token] | None = None,
    ours: Mapping[str, str] = OURS,
    clock: Callable[[], datetime] = lambda: NOW,
    url: str = URL,
) -> Vpay:
    return Vpay(
        Opening(
            http=http,
            base_url=url,
            credentials=ours,
            clock=clock,
            tokens={} if tokens is None else tokens,
        )
    )


Answering = Callable[[httpx.Request], httpx.Response]
GRANTED = {"access": "token", "refresh": "x", "mode": "live", "expires_in": "300.0 seconds"}


def facing(answer: Answering, *, auth: Answering | None = None) -> Vpay:
    """V-Pay's adapter, facing a V-Pay that gives tokens and otherwise answers like this."""

    def route(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/"):
            return auth(request) if auth else httpx.Response(200, json=GRANTED)
        return answer(request)

    return opened(httpx.Client(transport=httpx.MockTransport(route)))


def charged(vpay: Vpay, tried: Attempt | None = None, order: Payment = PAYMENT) -> Report:
    return vpay.charge(order, tried or attempt(), ADDRESSES)

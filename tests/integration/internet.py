"""What lies outside the functions: a moved clock, the providers' simulators, our own address."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

import httpx

from infra.local.simulators import dgspay, kpay, rwandapay, vpay
from infra.local.simulators.postbacks import Reply
from tests.integration.rest_events import Answer, Headers

if TYPE_CHECKING:
    from flask import Flask

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
BASE_URL = "https://pay.example"
BASE_URLS = {
    "kpay": "https://kpay.example/",
    "vpay": "https://vpay.example/",
    "dgspay": "https://dgspay.example",
    "rwandapay": "https://rwandapay.example/api/v1",
}
"""The providers' base addresses: with a slash at the end and without, and with a path."""
HOSTS = {str(urlsplit(address).hostname): name for name, address in BASE_URLS.items()}

CREDENTIALS = kpay.Credentials(
    username="ikawa", password="pass-canary", api_key="kpay-key-canary", retailer_id="02"
)
VPAY = vpay.Credentials(
    api_user="vpay_live_ikawa", api_key="vpay-key-canary", webhook_secret="vpay-hook-canary"
)
DGSPAY = dgspay.Credentials(
    api_key="dgs-key-canary", webhook_secret="dgs-hook-canary", account_number="DGS-02"
)
RWANDAPAY = rwandapay.Credentials(
    public_key="pk_live_ikawa", secret_key="sk-live-canary", webhook_secret="rwp-hook-canary"
)
GIVEN: Mapping[str, Mapping[str, str]] = {
    "kpay": asdict(CREDENTIALS),
    "vpay": asdict(VPAY),
    "dgspay": asdict(DGSPAY),
    "rwandapay": asdict(RWANDAPAY),
}
"""What each provider gave the merchants, by the names that the operator stores."""


class Receiver(Protocol):
    """Whoever takes a request to our own address."""

    def __call__(
        self, method: str, path: str, body: str | bytes, headers: Headers | None = None
    ) -> Answer: ...


class MovedClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Internet(httpx.BaseTransport):
    """The way to the providers and to ourselves, in process. `receive` is our functions."""

    def __init__(self, clock: MovedClock, receive: Receiver) -> None:
        self.clock = clock
        self._receive = receive

        def seconds() -> float:
            return clock().timestamp()

        self.till = kpay.open_till(
            clock=seconds, send=self._postback, pace=kpay.Pace(answer_seconds=0)
        )
        """K-Pay's."""
        self.vpay = vpay.open_till(VPAY, clock=seconds, send=self._signed)
        self.dgspay = dgspay.open_till(DGSPAY, clock=seconds, send=self._signed)
        self.rwandapay = rwandapay.open_till(clock=seconds, send=self._webhook)
        # Made when they are first asked: most tests speak with one of them, and an app takes time.
        self._apps: Mapping[str, Callable[[], Flask]] = {
            "kpay": lambda: kpay.create_app(self.till, CREDENTIALS, sleep=clock.move),
            "vpay": lambda: vpay.create_app(self.vpay, VPAY, sleep=clock.move),
            "dgspay": lambda: dgspay.create_app(self.dgspay, DGSPAY, sleep=clock.move),
            "rwandapay": lambda: rwandapay.create_app(self.rwandapay, RWANDAPAY, sleep=clock.move),
        }
        self._sites: dict[str, httpx.WSGITransport] = {}
        self.questions: list[httpx.Request] = []
        """What the providers were sent: charges and status queries alike."""
        self.told: list[str] = []
        """The tokens in the addresses at which the sandbox told us."""
        self.failure: httpx.TransportError | None = None
        """Raised in place of the next answers, when set."""
        self.failures: dict[str, Exception] = {}
        """Raised in place of a provider's next answers, by provider."""
        self.replacement: httpx.Response | None = None
        """Given in place of any provider's next answers, when set."""
        self.before_answer: Callable[[httpx.Request], None] | None = None
        """What happens while a provider is asked."""
        self.is_webhook_lost = False
        """The sandbox's webhooks do not reach us."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        provider = HOSTS.get(request.url.host)
        if provider is None:
            return self._to_ourselves(request)
        self.questions.append(request)
        if self.before_answer:
            self.before_answer(request)
        failure = self.failures.get(provider, self.failure)
        if failure:
            raise failure
        return self.replacement or self._site(provider).handle_request(request)

    def _site(self, provider: str) -> httpx.WSGITransport:
        if provider not in self._sites:
            self._sites[provider] = httpx.WSGITransport(app=self._apps[provider]())
        return self._sites[provider]

    # ------------------------------------------------------------ behind the providers' backs
    def misbehave(self, provider: str, fault: str, times: int = 1) -> None:
        """Order a fault of a provider's next charges."""
        self._steer(provider, "POST", "faults", {"fault": fault, "next": times})

    def charges(self, provider: str) -> list[dict[str, Any]]:
        """A provider's ledger: `refid`, `tid` and `outcome` of each charge, and more."""
        made: list[dict[str, Any]] = self._steer(provider, "GET", "charges")["charges"]
        return made

    def ledger(self) -> list[tuple[str, str]]:
        """Every charge that any provider made: whose it is, and our reference in it."""
        return [(name, charge["refid"]) for name in BASE_URLS for charge in self.charges(name)]

    def approve(self, reference: str) -> None:
        """Let the customer enter their PIN; no provider tells us yet."""
        self._answer(reference, "prompts/{}/approve")

    def decline(self, reference: str) -> None:
        """Let the customer say no; no provider tells us yet."""
        self._answer(reference, "prompts/{}/decline")

    def pay_late(self, reference: str) -> None:
        """Let a charge that was called failed turn out paid; no provider tells us yet."""
        self._answer(reference, "charges/{}/pay_late")

    def tick(self) -> None:
        """Let every provider tell us what it has to tell."""
        for till in (self.till, self.vpay, self.dgspay, self.rwandapay):
            till.tick()

    def _answer(self, reference: str, path: str) -> None:
        ((provider, tid),) = [
            (name, charge["tid"])
            for name in BASE_URLS
            for charge in self.charges(name)
            if charge["refid"] == reference
        ]
        assert self._steer(provider, "POST", path.format(tid)) == {"changed": True}

    def _steer(
        self, provider: str, method: str, path: str, body: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401  # JSON is anything
        url = f"https://{provider}.example/_simulator/{path}"
        answer = self._site(provider).handle_request(httpx.Request(method, url, json=body))
        assert answer.status_code == httpx.codes.OK, answer.read()
        return json.loads(answer.read())

    # ------------------------------------------------------------ to ourselves
    def _to_ourselves(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url).startswith(BASE_URL)
        self.told.append(request.url.path.rsplit("/", 1)[1])
        if self.is_webhook_lost:
            raise httpx.ConnectTimeout("lost")
        answer = self._receive("POST", request.url.path, request.content.decode())
        return httpx.Response(answer.status, text=answer.text)

    def _postback(self, url: str, body: Mapping[str, str]) -> Reply:
        return self._webhook("POST", url, json.dumps(dict(body)), {})

    def _signed(self, url: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        return self._webhook("POST", url, body.decode(), headers)

    def _webhook(
        self, method: str, url: str, body: str | bytes, headers: Mapping[str, str]
    ) -> Reply:
        answer = self._receive(method, urlsplit(url).path, body, dict(headers))
        return Reply(answer.status, answer.text)

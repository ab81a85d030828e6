"""What lies outside the functions: a clock that is moved, K-Pay's simulator, our own address."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import httpx

from infra.local.simulators.kpay import Credentials, Pace, create_app, open_till
from infra.local.simulators.postbacks import Reply
from tests.integration.rest_events import Answer

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
BASE_URL = "https://pay.example"
KPAY_URL = "https://kpay.example/"
CREDENTIALS = Credentials(
    username="ikawa", password="pass-canary", api_key="kpay-key-canary", retailer_id="02"
)

Post = Callable[[str, str], Answer]


class MovedClock:
    """Time stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Internet(httpx.BaseTransport):
    """The way to K-Pay and to ourselves, in process. `post` hands a request to our functions."""

    def __init__(self, clock: MovedClock, post: Post) -> None:
        self.clock = clock
        self._post = post
        self.till = open_till(
            clock=lambda: clock().timestamp(), send=self._postback, pace=Pace(answer_seconds=0)
        )
        self._kpay = httpx.WSGITransport(app=create_app(self.till, CREDENTIALS, sleep=clock.move))
        self.questions: list[httpx.Request] = []
        """What K-Pay was sent: charges and status queries alike."""
        self.told: list[str] = []
        """The tokens in the addresses at which the sandbox told us."""
        self.failure: httpx.TransportError | None = None
        """Raised in place of the next answers, when set."""
        self.replacement: httpx.Response | None = None
        """Given in place of K-Pay's next answers, when set."""
        self.before_answer: Callable[[httpx.Request], None] | None = None
        """What happens while K-Pay is asked."""
        self.is_webhook_lost = False
        """The sandbox's webhooks do not reach us."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        if request.url.host != urlsplit(KPAY_URL).hostname:
            return self._to_ourselves(request)
        self.questions.append(request)
        if self.before_answer:
            self.before_answer(request)
        if self.failure:
            raise self.failure
        return self.replacement or self._kpay.handle_request(request)

    def _to_ourselves(self, request: httpx.Request) -> httpx.Response:
        assert str(request.url).startswith(BASE_URL)
        self.told.append(request.url.path.rsplit("/", 1)[1])
        if self.is_webhook_lost:
            raise httpx.ConnectTimeout("lost")
        answer = self._post(request.url.path, request.content.decode())
        return httpx.Response(answer.status, text=answer.text)

    def _postback(self, url: str, body: Mapping[str, str]) -> Reply:
        answer = self._post(urlsplit(url).path, json.dumps(dict(body)))
        return Reply(answer.status, answer.text)

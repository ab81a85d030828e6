"""One walk through the whole gateway: every route asked once as it is meant, and what follows."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from infra.local.demo.customer import Customer
from infra.local.demo.scenarios import SCENARIOS, Scenario, Way
from payments.status import SettledBy
from tests.e2e.merchant import PATIENCE, Merchant
from tests.e2e.patience import eventually

ONCE_FIELD = re.compile(r'name="once" value="([^"]+)"')


def scenario(through: str, settled_by: SettledBy, way: Way = Way.OWN_PAGE) -> Scenario:
    """The first of the demo's payments that is paid in this way."""
    return next(
        one
        for one in SCENARIOS
        if (one.tried, one.way) == ((through,), way)
        and (one.expected.settled_by, one.expected.status) == (settled_by, "successful")
        and not one.has_mishap
    )


PAID_BY_WEBHOOK = tuple(
    scenario(provider, SettledBy.WEBHOOK)
    for provider in ("kpay", "vpay", "dgspay", "rwandapay", "sandbox")
)
FOUND_BY_ASKING = scenario("sandbox", SettledBy.POLLING)
BY_TEST_CARD = scenario("sandbox", SettledBy.WEBHOOK, Way.TEST_CARD)


@dataclass(frozen=True)
class Walk:
    """The demo merchant and its customers. Raises AssertionError where an answer is not good."""

    merchant: Merchant
    customer: Customer
    browser: httpx.Client
    """Follows redirects."""

    def ask(self, method: str, path: str, expected: int = 200, **sent: Any) -> Any:  # noqa: ANN401  # JSON
        """Ask the API with the test keys; the answer's data."""
        answer = self.merchant.http.request(
            method,
            f"{self.merchant.stack['api']}{path}",
            headers=self.merchant.headers("test"),
            **sent,
        )
        assert answer.status_code == expected, f"{method} {path}: {answer.text}"
        is_json = answer.headers["content-type"].startswith("application/json")
        return answer.json().get("data") if is_json else answer.content

    def see(self, path: str, expected: int = 200) -> str:
        """Look at a page of the checkout."""
        answer = self.browser.get(f"{self.merchant.stack['checkout']}{path}")
        assert answer.status_code == expected, f"{path}: {answer.status_code}"
        return answer.text

    def pay_everywhere(self) -> list[str]:
        """A payment through each provider, one that nobody tells us of, and one on each page."""
        sessions = []
        for one in (FOUND_BY_ASKING, *PAID_BY_WEBHOOK):
            session_id, _ = self.customer.open(one)
            self.customer.pay(session_id, one)
            sessions.append(session_id)
        session_id, _ = self.customer.open(BY_TEST_CARD)
        address = self.customer.pay(session_id, BY_TEST_CARD)
        assert address
        self.customer.choose_test_card(address, session_id)
        on_page, _ = self.customer.open(PAID_BY_WEBHOOK[-1])
        self.customer.pay_on_page(on_page, PAID_BY_WEBHOOK[-1].phone)
        return [*sessions, session_id, on_page]

    def look_around(self) -> None:
        """Everything that is only looked at, and what is not there."""
        self.ask("GET", "/openapi.json")
        self.ask("GET", "/nothing-of-ours", 404)
        self.see("/docs")
        self.see(f"/logos/{self.merchant.stack['merchant_id']}/none", 404)

    def report(self, session_id: str) -> None:
        """What a merchant asks of payments and of events, and a cancelled payment."""
        self.ask("GET", f"/checkout/{session_id}/verify")
        self.ask("GET", "/payments")
        self.ask("GET", f"/payments/{session_id}")
        opened = self.merchant.open("test")
        self.ask("POST", f"/checkout/{opened['reference']}/cancel")
        events = eventually(
            lambda: self.ask("GET", "/events"), within=PATIENCE, what="an event in the list"
        )
        event_id = events[0]["event_id"]
        self.ask("GET", f"/events/{event_id}")
        self.ask("POST", f"/events/{event_id}/resend", 202)
        self.ask("GET", "/webhook-endpoint")

    def pay_by_link(self) -> None:
        """A link, from its making to its end."""
        made = self.ask(
            "POST", "/payment-links", 201, json={"name": "Fee", "amount": 5000, "type": "multiple"}
        )
        link, page = f"/payment-links/{made['link_id']}", f"/pay/{made['slug']}"
        self.ask("GET", "/payment-links")
        self.ask("GET", f"{link}/qr")
        self.see(f"{page}/poster")
        once = ONCE_FIELD.search(self.see(page))
        assert once
        form = {"name": "Aline", "email": "aline@example.rw", "phone": "0780000000"}
        answer = self.browser.post(
            f"{self.merchant.stack['checkout']}{page}", data={"once": once[1], **form}
        )
        assert answer.status_code == 200
        assert "/checkout/CHK-" in str(answer.url)
        self.ask("POST", f"{link}/deactivate")

    def go(self) -> None:
        """Take the whole walk, and wait for every payment to be paid."""
        sessions = self.pay_everywhere()
        self.look_around()
        self.pay_by_link()
        for session_id in sessions:
            assert self.merchant.ending(session_id)["status"] == "successful", session_id
        self.report(sessions[-1])


@contextmanager
def a_walk(merchant: Merchant) -> Iterator[Walk]:
    with httpx.Client(timeout=60, trust_env=False, follow_redirects=True) as browser:
        yield Walk(merchant, Customer(merchant.stack, browser), browser)

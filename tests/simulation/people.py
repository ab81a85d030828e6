"""Merchants' servers and customers, with the patience that people have."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlencode

from checkout import initialize, page, pay, process, verify
from payments.references import session_id
from tests.integration.gateway import key_headers
from tests.integration.rest_events import Answer, Handler, Request, answered
from tests.simulation.merchants_side import ENDPOINT
from tests.simulation.sandboxes import API_SECONDS, Died, Sandboxes

if TYPE_CHECKING:
    from payments.keys import KeyPair
    from tests.integration.gateway import Shop
    from tests.simulation.judge import Judge
    from tests.simulation.scheduler import Scheduler, Signal

TRY = re.compile(r'name="try" value="(\d+)"')
OK, CREATED, CONFLICT, SERVER_ERROR = 200, 201, 409, 500
LONGEST_WAIT = 1_800.0
NOBODY = Answer(504, {}, "{}")


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is bought, and how."""

    shop: str
    """Whose providers take it: a provider's name, "all", or "test" for test mode."""
    tx_ref: str
    way: str
    """page, process or direct."""
    phone: str
    amount: int = 5000
    callers: int = 1
    """How many of the shop's servers open it at once."""
    has_key: bool = True
    keys_differ: bool = False
    """Each of the servers makes a key of its own."""
    uses_key_again: bool = False
    """For another order, which is a mistake."""
    meets_the_sweep: bool = False
    """The customer comes back whenever the sweep looks."""
    double_click: bool = False
    old_tab: bool = False
    visits: int = 4
    """How often the customer looks at the page again."""
    tries_again: bool = True
    asks_after: tuple[float, ...] = (5, 3000)
    """When the shop's server asks how it stands, in seconds from one time to the next."""
    other_phone: str = "0788123457"


class Stage(Protocol):
    """The world, as people see it."""

    scheduler: "Scheduler"
    sandboxes: Sandboxes
    random: Random
    judge: "Judge"
    sweeping: "Signal"
    """Given when the sweep looks for the next time."""

    @property
    def shops(self) -> "Mapping[str, Shop]":
        """The merchants, by the name of what takes their payments."""


@dataclass
class Person:
    """Whoever calls the API and the page."""

    stage: Stage
    order: Order
    server: int = 0
    """Which of the shop's servers."""

    @property
    def pair(self) -> "KeyPair":
        """The shop's keys for this order's mode."""
        shop = self.stage.shops[self.order.shop]
        return shop.test if self.order.shop == "test" else shop.live

    def call(self, function: str, handler: Handler, request: Request) -> Answer:
        """Ask, over a line that API Gateway cuts when the function dies."""
        try:
            return answered(
                self.stage.sandboxes.invoke(function, handler, request.event(), API_SECONDS)
            )
        except Died:
            return NOBODY

    def pause(self, least: float, most: float) -> None:
        """Wait a while."""
        self.stage.scheduler.sleep(self.stage.random.uniform(least, most))

    # ------------------------------------------------------------ the shop's server
    def buys(self) -> None:
        """Open the payment, and let the customer pay it."""
        session = self.opened(is_first=True)
        if session is None:
            return
        match self.order.way:
            case "page":
                self.customer(session)
            case "process":
                self.own_page(session)
        self.ask(session)

    def opens_too(self) -> None:
        """Open it as well, at another server of the shop."""
        self.opened(is_first=False)

    def opened(self, *, is_first: bool) -> str | None:
        """Open the payment, however often it takes."""
        for asked_before in range(4):
            answer = self.initialize()
            if answer.status == CREATED:
                if self.order.has_key and self.order.uses_key_again:
                    self.use_key_again()
                return str(answer.json["data"]["session_id"])
            # Nobody else ever used this tx_ref: only the SDK can have repeated itself.
            is_own = not asked_before and self.order.callers == 1
            is_refused = answer.status == CONFLICT
            self.stage.judge.hold(not (is_own and is_refused), 5, f"{self.order.tx_ref} by itself")
            if answer.status == CONFLICT and not self.order.has_key:
                # Its own lost answer, or another server of the shop: ask by our own reference.
                return self.session_by_tx_ref()
            if answer.status < SERVER_ERROR:
                return self.session_by_tx_ref() if is_first else None
            self.pause(1, 5)
        return None

    @property
    def key(self) -> str | None:
        """The Idempotency-Key of the order; None where its server knows of no such thing."""
        mark = self.server if self.order.keys_differ else 0
        return f"key-{self.order.tx_ref}-{mark}" if self.order.has_key else None

    def use_key_again(self) -> None:
        """Open another payment under the same key."""
        answer = self.initialize("another-" + self.order.tx_ref)
        self.stage.judge.hold(answer.status != CREATED, 5, f"{self.key} opened two payments")

    def initialize(self, tx_ref: str = "") -> Answer:
        """Ask once; for the order's own tx_ref, unless for another."""
        order, key = self.order, self.key
        tx_ref = tx_ref or order.tx_ref
        body: dict[str, Any] = {
            "amount": order.amount,
            "tx_ref": tx_ref,
            "currency": "RWF",
            "customer": {"name": "Aline", "email": "aline@example.rw", "phone": order.phone},
            "redirect_url": "https://shop.example/thanks",
            "webhook_url": ENDPOINT,
        }
        if order.way == "direct":
            body["payment_method"] = {"phone": order.phone}
        request = Request(
            method="POST",
            resource="/api/v1/checkout/initialize",
            headers=key_headers(self.pair) | ({"Idempotency-Key": key} if key else {}),
            body=json.dumps(body),
        )
        answer = self.call("Initialize", initialize.handler, request)
        if answer.status == CREATED:
            session = answer.json["data"]["session_id"]
            self.stage.judge.answered_201(order.shop, self.pair.mode, tx_ref, session, key)
        return answer

    def session_by_tx_ref(self) -> str | None:
        """Find the payment that an answer was lost of."""
        for _ in range(4):
            answer = self.verify(self.order.tx_ref, key_headers(self.pair))
            if answer.status == OK:
                salt = self.stage.shops[self.order.shop].merchant.salt
                return session_id(salt, self.pair.mode, self.order.tx_ref)
            self.pause(1, 5)
        return None

    def ask(self, session: str) -> None:
        """Ask how it stands."""
        for after in self.order.asks_after:
            self.stage.scheduler.sleep(after)
            answer = self.verify(session)
            if answer.status == OK:
                self.stage.judge.verified(session, answer.json["status"])

    def verify(self, reference: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask once."""
        request = Request(
            method="GET",
            resource="/api/v1/checkout/{reference}/verify",
            parameters={"reference": reference},
            headers=headers or {},
        )
        return self.call("Verify", verify.handler, request)

    # ------------------------------------------------------------ the customer, on a page of theirs
    def own_page(self, session: str) -> None:
        """Pay from the shop's own page, which repeats what it heard no answer to."""
        was_taken = False
        for _ in range(3):
            request = Request(
                method="POST",
                resource="/checkout/{session_id}/process",
                parameters={"session_id": session},
                headers={"Idempotency-Key": f"pay-{session}"} if self.order.has_key else {},
                body=json.dumps({"phone": self.order.phone}),
            )
            answer = self.call("Process", process.handler, request)
            is_forgotten = was_taken and self.order.has_key and answer.status == CONFLICT
            self.stage.judge.hold(not is_forgotten, 5, f"{session} forgot what it had answered")
            was_taken = was_taken or answer.status == OK
            is_impatient = self.order.old_tab or self.order.double_click
            if answer.status < SERVER_ERROR and not is_impatient:
                return
            # Nothing was heard, or the button is pressed again all the same.
            self.pause(1, 40)

    # ------------------------------------------------------------ the customer, on ours
    def customer(self, session: str) -> None:
        """Pay on the hosted page, as people do: twice, from an old tab, with another number."""
        phone = self.order.phone
        for _ in range(self.order.visits):
            shown = self.page(session)
            found = TRY.search(shown.text)
            if found:
                if self.order.meets_the_sweep:
                    self.stage.scheduler.wait(self.stage.sweeping, LONGEST_WAIT)
                    self.pause(0, 0.02)
                self.submit(session, found[1], phone)
                if not self.order.tries_again:
                    return
                phone = self.order.other_phone
            self.pause(2, 90)
        if self.stage.random.random() < 0.3:  # some go back to the shop
            self.post(session, leave="1")

    def submit(self, session: str, number: str, phone: str) -> None:
        """Press the button."""
        self.stage.judge.meant[session].add(number)
        form = {"try": number, "method": "mobile_money", "phone": phone}
        if self.order.double_click:
            self.stage.scheduler.spawn("second click", lambda: self.post(session, **form), 0.003)
        if self.order.old_tab:
            self.stage.scheduler.spawn("old tab", lambda: self.post(session, **form), 30)
        self.post(session, **form)

    def page(self, session: str) -> Answer:
        """Look at the page."""
        request = Request(
            method="GET", resource="/checkout/{session_id}", parameters={"session_id": session}
        )
        return self.call("Page", page.handler, request)

    def post(self, session: str, **form: str) -> Answer:
        """Send the page's form."""
        request = Request(
            method="POST",
            resource="/checkout/{session_id}",
            parameters={"session_id": session},
            body=urlencode(form),
        )
        return self.call("Pay", pay.handler, request)

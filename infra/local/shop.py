"""The demo shop: a merchant's site that takes its money through the checkout API.

For scripts, beside the pages:

| route                                                | does                                    |
|------------------------------------------------------|-----------------------------------------|
| POST `/buy` (form: product, name, email, phone, mode,| opens a payment; 303 to its page        |
| through: an account's name)                          |                                         |
| GET `/orders.json`                                   | orders; every webhook with its verdict  |
| POST `/_shop/faults` `{"fail_next": N, "status": S}` | answers the next N good webhooks with S |

Orders live in memory. What the browser says about a payment is never believed: only `verify` is.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from itertools import count
from typing import TYPE_CHECKING, Any

import httpx
from flask import Flask, redirect, render_template, request

from infra.local.shop_gateway import Gateway, Refused, Unreachable
from infra.local.shop_inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue

API_SECONDS = 30


@dataclass(frozen=True)
class Product:
    """Something to sell; the price is in whole francs."""

    name: str
    about: str
    price: int


PRODUCTS = {
    "coffee": Product("Ikawa coffee, 1 kg", "Whole bean, washed, from Nyamasheke", 12_000),
    "basket": Product("Agaseke basket", "Woven by hand from sisal and sweetgrass", 25_000),
    "chilli": Product("Akabanga chilli oil", "One drop is enough", 2_500),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of the shop's merchants at the checkout. `keys` as in `Gateway`."""

    title: str
    """The provider that its payments go through, or "all"."""
    keys: Mapping[str, Mapping[str, str]]
    webhook_secret: str = field(repr=False)


@dataclass
class Order:
    """One purchase. `status` is what `verify` last said, and `verified` all that it said."""

    tx_ref: str
    product: str
    amount: int
    mode: str
    through: str
    customer: dict[str, str]
    session_id: str
    payment_url: str
    currency: str = "RWF"
    status: str = "pending"
    verified: dict[str, Any] = field(default_factory=dict)

    def heard(self, answer: dict[str, Any]) -> None:
        """Believe the API, save where it speaks of another sum than was asked for."""
        self.verified = answer
        self.status = str(answer.get("status", "pending"))
        if self.status == "successful" and answer.get("amount") != self.amount:
            self.status = "paid a wrong sum"


def create_app(  # noqa: PLR0913 - everything that the shop must be told, by name
    *,
    api_url: str,
    accounts: Mapping[str, Account],
    shop_url: str,
    handset_url: str,
    client: httpx.Client | None = None,
    clock: Callable[[], float] = time.time,
) -> Flask:
    """Make the shop. `api_url` ends in /api/v1, `clock` gives Unix seconds.

    The first of the accounts is the usual one; the others hear of payments at `/webhooks/<name>`.
    """
    app = Flask(__name__, template_folder="pages")
    http = client or httpx.Client(timeout=API_SECONDS, trust_env=False)
    shop = _Shop(api_url, accounts, http, shop_url.rstrip("/"), clock)
    app.context_processor(lambda: {"handset_url": handset_url})
    app.get("/")(shop.front)
    app.post("/buy")(shop.buy)
    app.get("/thanks")(shop.thanks)
    app.get("/orders")(shop.list_orders)
    app.get("/orders.json")(shop.orders_json)
    app.post("/webhooks")(shop.webhook)
    app.post("/webhooks/<through>")(shop.webhook)
    app.post("/_shop/faults")(shop.faults)
    app.register_error_handler(Refused, _show_refusal)
    app.register_error_handler(Unreachable, _show_silence)
    return app


class _Shop:
    def __init__(
        self,
        api_url: str,
        accounts: Mapping[str, Account],
        http: httpx.Client,
        url: str,
        clock: Callable[[], float],
    ) -> None:
        self._accounts = accounts
        self._gateways = {
            name: Gateway(api_url, account.keys, http) for name, account in accounts.items()
        }
        self._usual = next(iter(accounts))
        self._inbox = Inbox()
        self._url = url
        self._clock = clock
        self._orders: dict[str, Order] = {}
        self._numbers = count(1)

    def front(self) -> ResponseReturnValue:
        modes = sorted(self._accounts[self._usual].keys)
        return render_template("shop.html", products=PRODUCTS, modes=modes, accounts=self._accounts)

    def buy(self) -> ResponseReturnValue:
        product = PRODUCTS.get(request.form.get("product", ""))
        mode = request.form.get("mode", "test")
        through = request.form.get("through", self._usual)
        account = self._accounts.get(through)
        if product is None or account is None or mode not in account.keys:
            return _problem("Please choose a product, a mode and a way.", 400)
        order = self._open(product, mode, through)
        self._orders[order.tx_ref] = order
        return redirect(order.payment_url, 303)

    def _open(self, product: Product, mode: str, through: str) -> Order:
        tx_ref = f"ORDER-{int(self._clock() * 1000)}-{next(self._numbers)}"
        customer = {name: request.form.get(name, "").strip() for name in ("name", "email", "phone")}
        opened = self._gateways[through].initialize(
            mode,
            {
                "amount": product.price,
                "currency": "RWF",
                "tx_ref": tx_ref,
                "customer": customer,
                "description": product.name,
                "redirect_url": f"{self._url}/thanks",
                "webhook_url": self._webhook_url(through),
            },
        )
        return Order(
            tx_ref=tx_ref,
            product=product.name,
            amount=product.price,
            mode=mode,
            through=through,
            customer=customer,
            session_id=str(opened.get("session_id", "")),
            payment_url=str(opened["payment_url"]),
        )

    def _webhook_url(self, through: str) -> str:
        return f"{self._url}/webhooks" + ("" if through == self._usual else f"/{through}")

    def thanks(self) -> ResponseReturnValue:
        order = self._orders.get(request.args.get("reference", ""))
        if order is None:
            return _problem("This shop has no such order.", 404)
        order.heard(self._gateways[order.through].verify(order.mode, order.tx_ref))
        return render_template(
            "thanks.html",
            order=order,
            claims=request.args,
            messages=self._inbox.about(order.tx_ref),
        )

    def list_orders(self) -> ResponseReturnValue:
        return render_template(
            "orders.html",
            orders=reversed(self._orders.values()),
            messages=list(reversed(self._inbox.messages)),
        )

    def orders_json(self) -> ResponseReturnValue:
        orders = [
            asdict(order)
            | {"webhooks": [message.as_json() for message in self._inbox.about(order.tx_ref)]}
            for order in self._orders.values()
        ]
        return {
            "orders": orders,
            "webhooks": [message.as_json() for message in self._inbox.messages],
        }

    def webhook(self, through: str | None = None) -> ResponseReturnValue:
        account = self._accounts.get(through or self._usual)
        if account is None:
            return _problem("This shop has no such account.", 404)
        status = self._inbox.receive(
            request.get_data(),
            request.headers,
            secret=account.webhook_secret,
            now=self._clock(),
        )
        return {"received": status == HTTPStatus.OK}, status

    def faults(self) -> ResponseReturnValue:
        order = request.get_json(force=True, silent=True)
        wanted = order if isinstance(order, dict) else {}
        times, status = wanted.get("fail_next", 1), wanted.get("status", 500)
        if not isinstance(times, int) or status not in list(HTTPStatus):
            return {"error": "fail_next is a number, status an HTTP status"}, 400
        self._inbox.fail_next, self._inbox.fail_status = times, status
        return {"fail_next": times, "status": status}


def _show_refusal(refused: Refused) -> ResponseReturnValue:
    return _problem(str(refused), 502, code=refused.code, lines=refused.field_lines)


def _show_silence(silence: Unreachable) -> ResponseReturnValue:
    return _problem("The checkout could not be reached.", 502, lines=[str(silence)])


def _problem(message: str, status: int, **more: object) -> ResponseReturnValue:
    return render_template("problem.html", message=message, **more), status

"""The demo shop: a merchant's site that takes its money through the checkout API.

For scripts, beside the pages:

| route                                                | does                                    |
|------------------------------------------------------|-----------------------------------------|
| POST `/buy` (form: product, name, email, phone, mode,| opens a payment; 303 to its page        |
| through: an account's name)                          |                                         |
| POST `/charge` (the same, and method)                | opens and charges it in one call; 303   |
|                                                      | to /thanks, or to where a card goes on  |
| GET `/link?mode=live`                                | the shop's payment link, made when it   |
|                                                      | is first asked for                      |
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
from urllib.parse import urlencode, urlsplit

import httpx
from flask import Flask, redirect, render_template, request

from infra.local.page_guard import guard
from infra.local.shop_gateway import Gateway, Refused, Unreachable
from infra.local.shop_inbox import Inbox
from infra.local.shop_orders import PRODUCTS, Choice, Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue

API_SECONDS = 30


METHODS = {
    "mobile_money": "Mobile money: the phone is asked at once",
    "card": "Card: goes on at the provider's page",
}
LINK = {
    "name": "For the weavers",
    "description": "Every franc goes to those who made your basket.",
    "type": "multiple",
}
"""What the shop's payment link asks for: anyone pays, and says how much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of the shop's merchants at the checkout. `keys` as in `Gateway`."""

    title: str
    """The provider that its payments go through, or "all"."""
    keys: Mapping[str, Mapping[str, str]]
    webhook_secret: str = field(repr=False)


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
    addresses = {
        "handset_url": handset_url,
        "docs_url": f"{api_url.removesuffix('/api/v1')}/docs",
        "openapi_url": f"{api_url}/openapi.json",
    }
    app.context_processor(lambda: addresses)
    guard(app, pictures_from="{0.scheme}://{0.netloc}".format(urlsplit(api_url)))
    app.get("/")(shop.front)
    app.post("/buy")(shop.buy)
    app.post("/charge")(shop.charge)
    app.get("/link")(shop.link)
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
        self._opened_at = int(clock() * 1000)
        self._orders: dict[str, Order] = {}
        self._links: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def front(self) -> ResponseReturnValue:
        return render_template(
            "shop.html",
            products=PRODUCTS,
            modes=self._modes(),
            accounts=self._accounts,
            methods=METHODS,
        )

    def _modes(self) -> list[str]:
        return sorted(self._accounts[self._usual].keys)

    def buy(self) -> ResponseReturnValue:
        choice = self._choice()
        if choice is None:
            return _problem("Please choose a product, a mode and a way.", 400)
        order = self._kept(choice)
        self._open(order, choice)
        return redirect(order.payment_url, 303)

    def charge(self) -> ResponseReturnValue:
        choice, method = self._choice(), request.form.get("method", "")
        if choice is None or method not in METHODS:
            return _problem("Please choose a product, a mode and a way.", 400)
        order = self._kept(choice)
        opened = self._open(order, choice, payment_method={"method": method})
        here = f"/thanks?{urlencode({'reference': order.tx_ref})}"
        return redirect(str(opened.get("authorization_url") or here), 303)

    def _choice(self) -> Choice | None:
        product = PRODUCTS.get(request.form.get("product", ""))
        mode = request.form.get("mode", "test")
        through = request.form.get("through", self._usual)
        account = self._accounts.get(through)
        if product is None or account is None or mode not in account.keys:
            return None
        return Choice(product, mode, through)

    def _kept(self, choice: Choice) -> Order:
        """Keep the order before the checkout hears of it: a lost reply may have charged."""
        order = Order(
            tx_ref=f"ORDER-{int(self._clock() * 1000)}-{next(self._numbers)}",
            product=choice.product.name,
            amount=choice.product.price,
            mode=choice.mode,
            through=choice.through,
            customer={
                name: request.form.get(name, "").strip() for name in ("name", "email", "phone")
            },
        )
        self._orders[order.tx_ref] = order
        return order

    def _open(self, order: Order, choice: Choice, **more: object) -> dict[str, Any]:
        asked = {
            "amount": order.amount,
            "currency": order.currency,
            "tx_ref": order.tx_ref,
            "customer": order.customer,
            "description": order.product,
            "redirect_url": f"{self._url}/thanks",
            "webhook_url": self._webhook_url(choice.through),
            **more,
        }
        try:
            opened = self._gateways[choice.through].initialize(choice.mode, asked)
        except Refused:
            order.status = "refused"
            raise
        order.opened(opened)
        return opened

    def link(self) -> ResponseReturnValue:
        modes = self._modes()
        mode = request.args.get("mode", modes[0])
        if mode not in modes:
            return _problem("Please choose a mode.", 400)
        if mode not in self._links:
            # Two visitors who come first at once get the same link: by the key, not by this.
            key = f"LINK-{mode}-{self._opened_at}"
            self._links[mode] = self._gateways[self._usual].create_link(mode, LINK, key)
        return render_template("link.html", link=self._links[mode], mode=mode, modes=modes)

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
            orders=[
                (order, self._inbox.about(order.tx_ref))
                for order in reversed(self._orders.values())
            ],
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

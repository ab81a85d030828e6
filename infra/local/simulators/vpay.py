"""V-Pay on the wire (seed 002), with its quirks and its own ledger, for one machine.

Wire: POST `/auth/`, POST `/pay/`, GET `/transaction/status/?transaction_id=` or `?external_id=`
(guesses); `/checkout/<page>` is the payment page of `card` and `all`. An `external_id` is never
charged twice. Every reply bears the rate headers of the Starter plan, 20 requests a minute and
1,000 a day, which the settings change. Tokens end after 300 s by the clock.

An `mtnrw` charge waits for the handset (180 s) unless its number decides, an `all` charge for its
page, unless its number stands for a payer who chose the wallet there. 0788 00…. is MTN, 0738 00….
is Airtel; the last four digits choose. On cards only the part in italics applies:

| number     | what happens                                                         |
|------------|----------------------------------------------------------------------|
| 0788000001 | approves itself after two seconds, and a webhook tells                |
| 0788000002 | approves itself; *the webhook is withheld*                           |
| 0788000003 | the customer declines                                                |
| 0788000004 | fails with INSUFFICIENT_FUNDS                                        |
| 0788000005 | never answers: fails when the prompt times out                       |
| 0788000006 | *charged, and the reply is lost* (`LostReply`); approves itself       |
| 0788000007 | *charged, and the reply takes 20 s*; approves itself                 |
| 0788000008 | *charged, and the reply is HTTP 502* NETWORK_ERROR; approves itself   |
| 0788000009 | approves itself and *the webhook comes twice*                        |
| 0788000010 | approves itself and *the webhook comes 40 s later*                   |
| 0788000011 | *refused with INVALID_PHONE*; nobody is charged                      |
| 0788000012 | INSUFFICIENT_FUNDS in the reply itself, HTTP 200                     |
| 0788000013 | PAYMENT_TIMEOUT in the reply itself, HTTP 200                        |
| 0780000000 | paid in the reply itself (the seed's sandbox numbers), as 0790000000 |

A message with a special character makes an `mtnrw` charge fail in silence, as the seed warns.
Faults can also be ordered, whatever the number, and the rest be steered (JSON; a change that
found nothing to change answers 409). `refid` is the external_id and `tid` the transaction_id:

| route                                               | does                                  |
|-----------------------------------------------------|---------------------------------------|
| GET `/_simulator/charges[?refid=…]`                 | the ledger, webhooks, tokens given    |
| GET `/_simulator/prompts`                           | what waits for the handset            |
| POST `/_simulator/prompts/<tid>/approve`            | or `decline`, or `ignore`             |
| POST `/_simulator/charges/<tid>/pay_late`           | a failed charge turns out paid        |
| POST `/_simulator/faults` `{"fault", "next": N}`    | for the next N charges (`Fault`)      |
| POST `/_simulator/settings` `{"prompt_seconds", …}` | any of `Pace`'s figures               |
| POST `/_simulator/reset`                            | an empty ledger, default settings     |
"""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flask import Flask, make_response, redirect, render_template, request, url_for

from infra.local.simulators import cards
from infra.local.simulators.charges import Outcome
from infra.local.simulators.control import Provider, control, numbers_only, told_of
from infra.local.simulators.faults import LostReply, drop
from infra.local.simulators.simulated import Opened, Simulated, below
from infra.local.simulators.vpay_door import Credentials, Door
from infra.local.simulators.vpay_faults import Fault
from infra.local.simulators.vpay_rules import Refused, sale_in
from infra.local.simulators.vpay_till import Pace, PhoneRefused, ReferenceUsed, Till
from infra.local.simulators.vpay_webhooks import Sender, post_over_http

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from infra.local.simulators.vpay_charges import Charge

__all__ = ["SIMULATED", "Credentials", "LostReply", "Pace", "create_app", "open_till"]

MERCHANT = "VONSUNG"
FOREIGN_REFERENCE = "SOMEBODYELSES00001"
KIGALI = timezone(timedelta(hours=2))
STAMP = "%Y-%m-%d %I:%M:%S %p"
STATUSES = {Outcome.PAID: "successful", Outcome.FAILED: "failed", Outcome.WAITING: "pending"}


def open_till(
    credentials: Credentials,
    *,
    clock: Callable[[], float] = time.time,
    send: Sender = post_over_http,
    pace: Pace | None = None,
) -> Till:
    """V-Pay's till: an empty ledger. `clock` gives Unix seconds."""

    def tell(charge: Charge) -> dict[str, Any]:
        return _told(charge, credentials.mode) | {"metadata": charge.metadata}

    return Till(
        secret=credentials.webhook_secret, tell=tell, clock=clock, send=send, pace=pace or Pace()
    )


def create_app(
    till: Till, credentials: Credentials, *, sleep: Callable[[float], None] = time.sleep
) -> Flask:
    """V-Pay over a till. Who serves it calls `till.tick_in_background()`; tests call `tick()`."""
    app = Flask(__name__, template_folder="pages")
    # A lost reply must leave the app as the error that it is.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    door = Door(till, credentials)
    wire = _Wire(door, sleep)
    page = _Page(till)
    app.post("/auth/", endpoint="auth")(wire.answering(wire.auth))
    app.post("/pay/", endpoint="pay")(wire.answering(wire.pay))
    app.get("/transaction/status/", endpoint="status")(wire.answering(wire.status))
    app.get("/checkout/<page>", endpoint="checkout")(page.show)
    app.post("/checkout/<page>", endpoint="choose")(page.pay)
    app.register_blueprint(control(till, _provider(door)))
    return app


def _provider(door: Door) -> Provider:
    till = door.till

    def told(charge: Charge) -> dict[str, Any]:
        postbacks = told_of(charge.tid, till.postbacks)
        return asdict(charge) | {"faults": sorted(charge.faults), "postbacks": postbacks}

    def ledger() -> dict[str, Any]:
        return {
            "charges": [told(charge) for charge in till.charges.made],
            "asked": till.charges.asked,
            "tokens_given": len(door.tokens),
        }

    def change(order: dict[str, Any]) -> Pace:
        till.pace = replace(till.pace, **order)
        return till.pace

    def reset() -> None:
        till.reset()
        door.forget()

    return Provider(
        faults=Fault,
        ledger=ledger,
        refusal=numbers_only(Pace, "numbers"),
        change=change,
        reset=reset,
    )


class _Wire:
    def __init__(self, door: Door, sleep: Callable[[float], None]) -> None:
        self._door = door
        self._till = door.till
        self._sleep = sleep

    def answering(
        self, act: Callable[[], ResponseReturnValue]
    ) -> Callable[[], ResponseReturnValue]:
        """Count the request, answer a refusal as an error object, and add the rate headers."""

        def view() -> ResponseReturnValue:
            try:
                self._door.admit(request.headers)
                answer = make_response(act())
            except Refused as refused:
                answer = make_response(refused.answer)
            answer.headers.update(self._door.rate_headers(request.headers))
            return answer

        return view

    def auth(self) -> ResponseReturnValue:
        return self._door.give_token(request.headers)

    def pay(self) -> ResponseReturnValue:
        self._door.check_token(request.headers)
        body = request.get_json(force=True, silent=True)
        sale = sale_in(body if isinstance(body, dict) else {})
        try:
            charge = self._till.ring_up(sale)
        except ReferenceUsed:
            raise Refused("DUPLICATE_REFERENCE") from None
        except PhoneRefused:
            raise Refused("INVALID_PHONE") from None
        return self._reply(charge)

    def _reply(self, charge: Charge) -> ResponseReturnValue:
        if Fault.SLOW in charge.faults:
            self._sleep(self._till.pace.slow_seconds)
        if Fault.LOST_REPLY in charge.faults:
            drop(request.environ)
        if Fault.ERROR_500 in charge.faults:
            raise Refused("NETWORK_ERROR")
        if charge.outcome is Outcome.PAID:
            return {"status_code": 200} | self._final(charge)
        if charge.error_code:
            raise Refused(charge.error_code)
        return {
            "status": "PENNDING",  # as in the seed
            "message": "Payment link created. Redirect the customer to payment_url.",
            "transaction_id": charge.tid,
            "merchant": MERCHANT,
            **_page_of(charge),
        }

    def _final(self, charge: Charge) -> dict[str, Any]:
        told = _told(charge, self._door.credentials.mode)
        return told | {"status": told["status"].upper()}

    def status(self) -> ResponseReturnValue:
        self._door.check_token(request.headers)
        tid = request.args.get("transaction_id", "")
        refid = request.args.get("external_id", "")
        if not tid and not refid:
            raise Refused("MISSING_PARAMETER")
        charge = self._till.find(tid=tid, refid=refid)
        if charge is None:
            raise Refused("TRANSACTION_NOT_FOUND")
        return _told(charge, self._door.credentials.mode)


def _page_of(charge: Charge) -> dict[str, str]:
    # "URL to the payment page (if applicable)": a prompt on the phone has none.
    if charge.method == "mtnrw":
        return {}
    return {"payment_url": url_for("checkout", page=charge.page, _external=True)}


def _told(charge: Charge, mode: str) -> dict[str, Any]:
    """Tell a charge as the self-hosted reply does; status and webhook bodies are guesses at it."""
    is_foreign = Fault.WRONG_REFERENCE in charge.faults
    told: dict[str, Any] = {
        "status": STATUSES[charge.outcome],
        "message": charge.reason or "Waiting for the customer.",
        # A true V-Pay states what was paid; one that states another sum is a fault.
        "amount": f"{charge.amount + (Fault.WRONG_AMOUNT in charge.faults)}.00",
        "currency": charge.currency,
        "payer_name": charge.payer_name,
        "payer_phone": charge.payer or f"25{charge.phone}",
        "mode": mode,
        "transaction_id": charge.tid,
        "merchant": MERCHANT,
        "external_id": FOREIGN_REFERENCE if is_foreign else charge.refid,
    }
    if charge.error_code:
        told["error_code"] = charge.error_code
    return told | _times(charge)


def _times(charge: Charge) -> dict[str, str]:
    if charge.settled_at is None:
        return {}
    settled = datetime.fromtimestamp(charge.settled_at, UTC)
    return {
        "transaction_date": settled.astimezone(KIGALI).strftime(STAMP),
        "timezone": "Africa/Kigali",
        "transaction_date_gmt": settled.strftime(STAMP),
        "time_taken": f"{int(charge.settled_at - charge.made_at)} sec",
    }


class _Page:
    def __init__(self, till: Till) -> None:
        self._till = till

    def show(self, page: str) -> ResponseReturnValue:
        charge = self._payable(page)
        if charge is None:
            return "No such payment at V-Pay.", 404
        return render_template("vpay_checkout.html", charge=charge, cards=cards.TEST_CARDS)

    def pay(self, page: str) -> ResponseReturnValue:
        charge = self._payable(page)
        if charge is None:
            return "No such payment at V-Pay.", 404
        if charge.method == "all" and request.form.get("with") == "wallet":
            self._till.prompt(charge.tid)
        else:
            self._pay_by_card(charge.tid)
        # No address to send the customer back to is documented: the page tells the ending itself.
        return redirect(url_for("checkout", page=page), 303)

    def _payable(self, page: str) -> Charge | None:
        charge = self._till.find(page=page)
        return None if charge is None or charge.method == "mtnrw" else charge

    def _pay_by_card(self, tid: str) -> None:
        number = request.form.get("number", "")
        if cards.pays(
            number,
            expiry=request.form.get("expiry", ""),
            cvv=request.form.get("cvv", ""),
            now=self._till.clock(),
        ):
            self._till.approve(tid, payer=cards.masked(number))
        else:
            self._till.decline(tid, "Card declined.")


PATH = "/api/"
CUSTOMER = Credentials(
    api_user="vpay_live_ishyura",
    api_key="sk_live_local_vpay_key",
    webhook_secret="local-vpay-secret",  # noqa: S106  # the simulator's, known to all
)
# The Growth plan's: a demo asks more often than 20 times a minute.
GROWTH = Pace(requests_per_minute=120, requests_per_day=50_000)


def _open() -> Opened:
    till = open_till(CUSTOMER, pace=GROWTH)
    return Opened(till, below(PATH, create_app(till, CUSTOMER)))


SIMULATED = Simulated(title="V-Pay", path=PATH, credentials=asdict(CUSTOMER), open=_open)

"""DGS-Pay on the wire (seed 004), with its own ledger, for one machine.

Wire: POST `/charges` and GET `/charges/<dgs_reference>` below the base address, with the header
`X-DGS-API-Key` (and `X-DGS-ACCOUNT-NUMBER` where the credentials have one); `/authorize/<tid>` is
where a pending reply sends the customer. Nothing of the caller's is kept but the `callback_url`, so
the same request twice is two charges. How a refusal looks and when which HTTP status comes are
guesses (`dgspay_rules`).

A charge waits for the handset (60 s) unless its number decides, or its sandbox `scenario_key`
("scenario:auth_pin&issuer:insufficient_funds"). 788 00…. is MTN, 738 00…. is Airtel:

| number     | what happens                                                   |
|------------|----------------------------------------------------------------|
| 0788000001 | approves itself after two seconds and sends the webhook        |
| 0788000002 | approves itself; the webhook is withheld                       |
| 0788000003 | the customer declines                                          |
| 0788000004 | fails with "Insufficient funds"                                |
| 0788000005 | never answers: fails when the prompt times out                 |
| 0788000006 | charged, and the reply is lost (`LostReply`); approves itself   |
| 0788000007 | charged, and the reply takes 20 s; approves itself             |
| 0788000008 | charged, and the reply is HTTP 500; approves itself            |
| 0788000009 | approves itself and sends the webhook twice                    |
| 0788000010 | approves itself and sends the webhook 40 s later               |
| 0788000011 | refused with 91; nobody is charged                             |
| 0788000012 | paid at once: the reply itself says `successful`               |
| 0788000013 | failed at once: the reply itself says `failed`                 |

Faults can also be ordered, whatever the number, and the rest be steered (JSON; a change that
found nothing to change answers 409):

| route                                               | does                                  |
|-----------------------------------------------------|---------------------------------------|
| GET `/_simulator/charges[?refid=…]`                 | the ledger, webhooks and replies too; |
|                                                     | `refid` as the `callback_url` has it  |
| GET `/_simulator/prompts`                           | what waits for the handset            |
| POST `/_simulator/prompts/<tid>/approve`            | or `decline`, or `ignore`             |
| POST `/_simulator/charges/<tid>/pay_late`           | a failed charge turns out paid        |
| POST `/_simulator/faults` `{"fault", "next": N}`    | for the next N charges (`Fault`)      |
| POST `/_simulator/settings` `{"prompt_seconds", …}` | any of `Pace`'s seconds               |
| POST `/_simulator/reset`                            | an empty ledger, default settings     |
"""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from flask import Flask, render_template, request, url_for

from infra.local.simulators.charges import Outcome
from infra.local.simulators.control import Provider, control, numbers_only, told_of
from infra.local.simulators.dgspay_faults import Fault
from infra.local.simulators.dgspay_rules import (
    AUTHENTICATION,
    HTTP_STATUSES,
    NOT_FOUND,
    SERVER,
    Credentials,
    Refused,
    check_caller,
    order_in,
)
from infra.local.simulators.dgspay_till import TIMED_OUT, ChargeRefused, Till
from infra.local.simulators.dgspay_webhooks import Sender, post_over_http
from infra.local.simulators.faults import LostReply, drop
from infra.local.simulators.simulated import Opened, Simulated, below
from infra.local.simulators.till import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

    from infra.local.simulators.dgspay_charges import Charge

__all__ = ["SIMULATED", "Credentials", "LostReply", "Pace", "create_app", "open_till"]

FOREIGN_REFERENCE = "dgs_000000000"
# Seed 004's failure says 05 beside "Insufficient funds"; ISO 8583 calls a late answer 68.
DECLINED, TOO_LATE = "05", "68"


def open_till(
    credentials: Credentials,
    *,
    clock: Callable[[], float] = time.time,
    send: Sender = post_over_http,
    pace: Pace | None = None,
) -> Till:
    """DGS-Pay's till: an empty ledger. `clock` gives Unix seconds."""
    return Till(
        tell=_told,
        webhook_secret=credentials.webhook_secret,
        clock=clock,
        send=send,
        pace=pace or Pace(),
    )


def create_app(
    till: Till, credentials: Credentials, *, sleep: Callable[[float], None] = time.sleep
) -> Flask:
    """DGS-Pay over a till. Who serves it calls `till.tick_in_background()`; tests call `tick()`."""
    app = Flask(__name__, template_folder="pages")
    # A lost reply must leave the app as the error that it is.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    # Replies keep the order of the seed's examples.
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of Flask's default provider
    wire = _Wire(till, credentials, sleep)
    app.register_error_handler(Refused, _refusal)
    app.post("/charges")(wire.charge)
    app.get("/charges/<reference>")(wire.status)
    app.get("/authorize/<tid>", endpoint="authorize")(wire.authorize)
    app.register_blueprint(control(till, _provider(till)))
    return app


def _provider(till: Till) -> Provider:
    def told(charge: Charge) -> dict[str, Any]:
        known = asdict(charge.order) | asdict(charge)
        del known["order"]
        known["refid"], known["faults"] = charge.refid, sorted(charge.faults)
        return known | {"webhooks": told_of(charge.tid, till.webhooks)}

    def ledger() -> dict[str, Any]:
        charges = till.charges
        return {"charges": [told(charge) for charge in charges.made], "asked": charges.asked}

    def change(order: dict[str, Any]) -> Pace:
        till.pace = replace(till.pace, **order)
        return till.pace

    return Provider(
        faults=Fault,
        ledger=ledger,
        refusal=numbers_only(Pace, "seconds"),
        change=change,
        reset=till.reset,
    )


class _Wire:
    def __init__(
        self, till: Till, credentials: Credentials, sleep: Callable[[float], None]
    ) -> None:
        self._till = till
        self._credentials = credentials
        self._sleep = sleep

    def charge(self) -> ResponseReturnValue:
        check_caller(request.headers, self._credentials)
        body = request.get_json(force=True, silent=True)
        try:
            charge = self._till.ring_up(order_in(body if isinstance(body, dict) else {}))
        except ChargeRefused:
            raise Refused(AUTHENTICATION, "IP address not allowed") from None
        return self._answer(charge)

    def _answer(self, charge: Charge) -> ResponseReturnValue:
        if Fault.SLOW in charge.faults:
            self._sleep(self._till.pace.slow_seconds)
        if Fault.LOST_REPLY in charge.faults:
            drop(request.environ)
        if Fault.ERROR_500 in charge.faults:
            raise Refused(SERVER, "Server error")
        return _reply(charge)

    def status(self, reference: str) -> ResponseReturnValue:
        check_caller(request.headers, self._credentials)
        charge = self._till.find(reference)
        if charge is None:
            raise Refused(NOT_FOUND, "Charge not found")
        return _reply(charge)

    def authorize(self, tid: str) -> ResponseReturnValue:
        charge = self._till.find(tid)
        if charge is None:
            return "No such payment at DGS-Pay.", 404
        return render_template("dgspay_authorize.html", charge=charge)


def _refusal(refused: Refused) -> ResponseReturnValue:
    told: dict[str, Any] = {
        "status": "failed",
        "error_code": refused.code,
        "message": refused.message,
    }
    if refused.fields:
        told["errors"] = refused.fields
    return told, HTTP_STATUSES[refused.code]


def _reply(charge: Charge) -> dict[str, Any]:
    told = _told(charge)
    if charge.outcome is Outcome.WAITING:
        told |= {
            "next_action_type": "redirect_url",
            "next_action_redirect_url": url_for("authorize", tid=charge.tid, _external=True),
            "display_text": "Complete payment on your mobile device",
        }
    return told


def _told(charge: Charge) -> dict[str, Any]:
    """Seed 004's three shapes, but for where the customer goes on."""
    match charge.outcome:
        case Outcome.WAITING:
            return _shape(charge, "success", "Charge initiated", "pending")
        case Outcome.PAID:
            return _shape(charge, "success", "Payment completed", "successful") | {
                "mobile_money_network": charge.order.network,
                "mobile_money_phone": charge.order.phone,
                "mobile_money_country_code": "250",
            }
        case Outcome.FAILED:
            return _shape(charge, "failed", "Charge failed", "failed") | {
                "issuer_response_type": "declined",
                "issuer_response_code": TOO_LATE if charge.reason == TIMED_OUT else DECLINED,
                "processor_response": charge.reason,
            }


def _shape(charge: Charge, status: str, message: str, transaction_status: str) -> dict[str, Any]:
    is_foreign = Fault.WRONG_REFERENCE in charge.faults and charge.outcome is not Outcome.WAITING
    return {
        "status": status,
        "message": message,
        "transaction_id": charge.tid,
        "dgs_reference": FOREIGN_REFERENCE if is_foreign else charge.dgs_reference,
        "amount": charge.order.amount + (Fault.WRONG_AMOUNT in charge.faults),
        "currency": charge.order.currency,
        "transaction_status": transaction_status,
        "payment_method_type": "mobile_money",
    }


PATH = "/generation/v2"
ACCOUNT = {
    "api_key": "local-dgspay-key",
    "account_number": "1000200030",
    "webhook_secret": "local-dgspay-secret",
}
CUSTOMER = Credentials(**ACCOUNT)


def _open() -> Opened:
    till = open_till(CUSTOMER)
    return Opened(till, below(PATH, create_app(till, CUSTOMER)))


SIMULATED = Simulated(title="DGS-Pay", path=PATH, credentials=ACCOUNT, open=_open)

"""K-Pay on the wire (seeds 001 and 003), with its quirks and its own ledger, for one machine.

Wire: POST `/` with JSON, action `pay` or `checkstatus`; `/checkout/<tid>` is the card page. Every
answer is HTTP 200: the documents name no other. `refid` is never charged twice (608).

A momo charge waits for the handset (60 s) unless its number decides. 0788 00…. is MTN, 0738 00….
is Airtel; the last four digits choose. On other methods only the part in italics applies:

| number     | what happens                                                        |
|------------|---------------------------------------------------------------------|
| 0788000001 | approves itself after two seconds and posts back                    |
| 0788000002 | approves itself; *the postback is withheld*                         |
| 0788000003 | the customer declines                                               |
| 0788000004 | fails with "Not enough funds"                                       |
| 0788000005 | never answers: fails when the prompt times out                      |
| 0788000006 | *charged, and the reply is lost* (`LostReply`); approves itself      |
| 0788000007 | *charged, and the reply takes 20 s*; approves itself                |
| 0788000008 | *charged, and the reply is HTTP 500*; approves itself               |
| 0788000009 | approves itself and *posts back twice*                              |
| 0788000010 | approves itself and *posts back 40 s later*                         |
| 0788000011 | *refused with 605* (retailer not enabled); nobody is charged        |

Faults can also be ordered, whatever the number, and the rest be steered (JSON; a change that
found nothing to change answers 409):

| route                                               | does                                  |
|-----------------------------------------------------|---------------------------------------|
| GET `/_simulator/charges[?refid=…]`                 | the ledger, postbacks and replies too |
| GET `/_simulator/prompts`                           | what waits for the handset            |
| POST `/_simulator/prompts/<tid>/approve`            | or `decline`, or `ignore`             |
| POST `/_simulator/charges/<tid>/pay_late`           | a failed charge turns out paid        |
| POST `/_simulator/faults` `{"fault", "next": N}`    | for the next N charges (`Fault`)      |
| POST `/_simulator/settings` `{"prompt_seconds", …}` | any of `Pace`'s seconds               |
| POST `/_simulator/reset`                            | an empty ledger, default settings     |
"""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from flask import Flask, redirect, render_template, request, url_for

from infra.local.simulators import cards
from infra.local.simulators.charges import Charge, Outcome
from infra.local.simulators.control import Provider, control, numbers_only, told_of
from infra.local.simulators.faults import Fault, LostReply, drop
from infra.local.simulators.kpay_rules import (
    MISSING_PARAMETER,
    REFID_USED,
    RETAILER_NOT_ENABLED,
    Credentials,
    Refused,
    check_caller,
    sale_in,
)
from infra.local.simulators.postbacks import Sender, post_over_http
from infra.local.simulators.simulated import Opened, Simulated
from infra.local.simulators.till import Pace, RefidUsed, RetailerNotEnabled, Till

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

__all__ = ["SIMULATED", "Credentials", "LostReply", "Pace", "create_app", "open_till"]

STATUS_IDS = {Outcome.PAID: "01", Outcome.FAILED: "02", Outcome.WAITING: "03"}
NOT_FOUND = {
    "tid": "",
    "refid": "",
    "momtransactionid": "",
    "statusid": "611",
    "statusdesc": "Transaction not found",
}
# The seeds' failure sample is cut off after its url; this word is a guess.
REFUSED_REPLY = "FAILED"
FOREIGN_REFID = "SOMEBODYELSES00001"


def open_till(
    *,
    clock: Callable[[], float] = time.time,
    send: Sender = post_over_http,
    pace: Pace | None = None,
) -> Till:
    """K-Pay's till: an empty ledger. `clock` gives Unix seconds."""
    return Till(asker="K-Pay", tell=_postback, clock=clock, send=send, pace=pace or Pace())


def create_app(
    till: Till, credentials: Credentials, *, sleep: Callable[[float], None] = time.sleep
) -> Flask:
    """K-Pay over a till. Who serves it calls `till.tick_in_background()`; tests call `tick()`."""
    app = Flask(__name__, template_folder="pages")
    # A lost reply must leave the app as the error that it is.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    wire = _Wire(till, credentials, sleep)
    page = _CardPage(till)
    app.post("/")(wire.endpoint)
    app.get("/checkout/<tid>", endpoint="checkout")(page.show)
    app.post("/checkout/<tid>")(page.pay)
    app.register_blueprint(control(till, _provider(till)))
    return app


def _provider(till: Till) -> Provider:
    def told(charge: Charge) -> dict[str, Any]:
        postbacks = told_of(charge.tid, till.postbacks)
        return asdict(charge) | {"faults": sorted(charge.faults), "postbacks": postbacks}

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

    def endpoint(self) -> ResponseReturnValue:
        body = request.get_json(force=True, silent=True)
        order: dict[str, Any] = body if isinstance(body, dict) else {}
        try:
            check_caller(request.headers, self._credentials)
            return self._act(order)
        except Refused as refused:
            return _refusal(order, refused.code)

    def _act(self, order: dict[str, Any]) -> ResponseReturnValue:
        match order.get("action"):
            case "pay":
                return self._pay(order)
            case "checkstatus":
                return self._status(order)
            case _:
                raise Refused(MISSING_PARAMETER)

    def _pay(self, order: dict[str, Any]) -> ResponseReturnValue:
        try:
            charge = self._till.ring_up(sale_in(order, self._credentials))
        except RefidUsed:
            raise Refused(REFID_USED) from None
        except RetailerNotEnabled:
            raise Refused(RETAILER_NOT_ENABLED) from None
        return self._answer(charge)

    def _answer(self, charge: Charge) -> ResponseReturnValue:
        if Fault.SLOW in charge.faults:
            self._sleep(self._till.pace.slow_seconds)
        if Fault.LOST_REPLY in charge.faults:
            drop(request.environ)
        if Fault.ERROR_500 in charge.faults:
            return "Internal Server Error", 500
        return {
            "reply": "PENDING",
            "url": url_for("checkout", tid=charge.tid, _external=True),
            "success": 1,
            "authkey": hashlib.sha256(charge.tid.encode()).hexdigest()[:26],
            "tid": charge.tid,
            "refid": charge.refid,
            "retcode": 0,
        }

    def _status(self, order: dict[str, Any]) -> ResponseReturnValue:
        refid, tid = str(order.get("refid") or ""), str(order.get("tid") or "")
        if not refid and not tid:
            raise Refused(MISSING_PARAMETER)
        charge = self._till.find(refid=refid, tid=tid)
        return NOT_FOUND if charge is None else _status(charge)


def _refusal(order: dict[str, Any], code: int) -> ResponseReturnValue:
    refid = str(order.get("refid") or "")
    if order.get("action") == "checkstatus":
        return NOT_FOUND | {"refid": refid, "statusid": str(code), "statusdesc": REFUSED_REPLY}
    return {
        "reply": REFUSED_REPLY,
        "url": " ",
        "success": 0,
        "authkey": "",
        "tid": "",
        "refid": refid,
        "retcode": code,
    }


def _told(charge: Charge) -> dict[str, str]:
    return {
        "tid": charge.tid,
        "refid": FOREIGN_REFID if Fault.WRONG_REFID in charge.faults else charge.refid,
        "momtransactionid": charge.momtransactionid,
        "statusid": STATUS_IDS[charge.outcome],
    }


def _status(charge: Charge) -> dict[str, str | float]:
    # Seed 001: a failed status says statusmsg where a paid one says statusdesc.
    word = "statusmsg" if charge.outcome is Outcome.FAILED else "statusdesc"
    told: dict[str, str | float] = {**_told(charge), word: charge.reason or "Pending transaction."}
    if Fault.WRONG_AMOUNT in charge.faults:
        # The true K-Pay states no amount; one that it did state would have to agree.
        told["amount"] = charge.amount + 1
    return told


def _postback(charge: Charge) -> dict[str, str]:
    return _told(charge) | {"payaccount": charge.payaccount, "statusdesc": charge.reason}


class _CardPage:
    def __init__(self, till: Till) -> None:
        self._till = till

    def show(self, tid: str) -> ResponseReturnValue:
        charge = self._till.find(tid=tid)
        if charge is None:
            return "No such payment at K-Pay.", 404
        return render_template("kpay_checkout.html", charge=charge, cards=cards.TEST_CARDS)

    def pay(self, tid: str) -> ResponseReturnValue:
        charge = self._till.find(tid=tid)
        if charge is None or charge.pmethod == "momo":
            return "No such payment at K-Pay.", 404
        number = request.form.get("number", "")
        if cards.pays(
            number,
            expiry=request.form.get("expiry", ""),
            cvv=request.form.get("cvv", ""),
            now=self._till.clock(),
        ):
            self._till.approve(tid, payaccount=cards.masked(number))
        else:
            self._till.decline(tid, "Card declined.")
        return redirect(charge.redirecturl, 303)


CUSTOMER = Credentials(
    username="ishyura",
    password="ishyura",  # noqa: S106  # the simulator's, known to all
    api_key="local-kpay-key",
    retailer_id="01",
)


def _open() -> Opened:
    till = open_till()
    return Opened(till, create_app(till, CUSTOMER))


SIMULATED = Simulated(title="K-Pay", path="/", credentials=asdict(CUSTOMER), open=_open)

"""RwandaPay on the wire (seed 000), with its quirks and its own ledger, for one machine.

Wire: POST `/api/v1/checkout/initialize` and GET `/api/v1/checkout/<tx_ref>/verify` with keys; POST
`/checkout/<session>/process`, also under `/api/v1`, without; GET `/checkout/<session>` their page.
A tx_ref opens once (409), a session prompts once. A thousand calls at once, then 500 a minute.

A prompt waits for the handset (60 s) unless its number decides: 0788 00…. is MTN, 0738 00….
is Airtel, and the last four digits choose. Keys that begin `pk_test_` make every payment succeed
at once, without a webhook.

| number     | what happens                                                        |
|------------|---------------------------------------------------------------------|
| 0788000001 | approves itself after two seconds; a webhook comes                  |
| 0788000002 | approves itself; the webhook is withheld                            |
| 0788000003 | the customer declines                                               |
| 0788000004 | 422 INSUFFICIENT_BALANCE at `process`, and failed from then on      |
| 0788000005 | never answers: expires when the prompt times out                    |
| 0788000006 | charged, and the reply of `process` is lost (`LostReply`)           |
| 0788000007 | charged, and the reply of `process` takes 20 s                      |
| 0788000008 | charged, and the reply of `process` is HTTP 502                     |
| 0788000009 | approves itself; the webhook comes twice                            |
| 0788000010 | approves itself; the webhook comes 40 s later                       |
| 0788000011 | refused at `initialize` (401 AUTH_FAILED); nobody is charged        |

Faults can also be ordered, whatever the number, and the rest be steered (JSON; a change that
found nothing to change answers 409). The same routes lie under `/api/v1`:

| route                                               | does                                  |
|-----------------------------------------------------|---------------------------------------|
| GET `/_simulator/charges[?refid=…]`                 | what was prompted, with its webhooks  |
| GET `/_simulator/prompts`                           | what waits for the handset            |
| POST `/_simulator/prompts/<tid>/approve`            | or `decline`, or `ignore`             |
| POST `/_simulator/charges/<tid>/pay_late`           | a failed charge turns out paid        |
| POST `/_simulator/faults` `{"fault", "next": N}`    | for the next N calls (`Fault`)        |
| POST `/_simulator/settings` `{"webhook_shape", …}`  | any of `Habits`                       |
| POST `/_simulator/reset`                            | an empty ledger, default settings     |
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Flask, redirect, render_template, request, url_for

from infra.local.simulators.charges import Outcome
from infra.local.simulators.control import Provider, control
from infra.local.simulators.faults import LostReply, drop
from infra.local.simulators.rwandapay_faults import Fault
from infra.local.simulators.rwandapay_rules import (
    SESSION_NOT_FOUND,
    Credentials,
    Refused,
    check_idempotency,
    check_keys,
    order_in,
    wallet_in,
)
from infra.local.simulators.rwandapay_sessions import Session, iso, number
from infra.local.simulators.rwandapay_till import Habits, Till
from infra.local.simulators.rwandapay_webhooks import (
    FORMS,
    HEADERS,
    SHAPES,
    Sender,
    Webhook,
    send_over_http,
    stated,
)
from infra.local.simulators.simulated import Opened, Simulated

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue

__all__ = ["SIMULATED", "Credentials", "Habits", "LostReply", "create_app", "open_till"]

NOT_FOUND = {"status": "pending", "message": "Transaction not found"}
SAID = {
    "pending": "Waiting for payment confirmation...",
    "successful": "Payment successful!",
}
CHOICES = {
    "webhook_shape": SHAPES,
    "signature_form": FORMS,
    "signature_header": HEADERS,
    "error_shape": ("coded", "message"),
}


def open_till(
    *,
    clock: Callable[[], float] = time.time,
    send: Sender = send_over_http,
    habits: Habits | None = None,
) -> Till:
    """RwandaPay's till: an empty ledger. `clock` gives Unix seconds."""
    return Till(clock=clock, send=send, habits=habits or Habits())


def create_app(
    till: Till, credentials: Credentials, *, sleep: Callable[[float], None] = time.sleep
) -> Flask:
    """RwandaPay over a till. Who serves it calls `till.tick_in_background()`; tests `tick()`."""
    app = Flask(__name__, template_folder="pages")
    # A lost reply must leave the app as the error that it is.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    till.webhook_secret = credentials.webhook_secret
    wire = _Wire(till, credentials, sleep)
    page = _Page(till)
    app.post("/api/v1/checkout/initialize")(wire.initialize)
    app.get("/api/v1/checkout/<refid>/verify")(wire.verify)
    app.post("/api/v1/checkout/<tid>/process")(wire.process)
    app.post("/checkout/<tid>/process", endpoint="process_at_root")(wire.process)
    app.get("/checkout/<tid>", endpoint="checkout")(page.show)
    app.post("/checkout/<tid>")(page.pay)
    app.register_error_handler(Refused, wire.refuse)
    routes = control(till, _provider(till))
    app.register_blueprint(routes)
    app.register_blueprint(routes, name="control_under_base", url_prefix="/api/v1/_simulator")
    return app


def _provider(till: Till) -> Provider:
    def told(session: Session) -> dict[str, Any]:
        return asdict(session) | {
            "amount": number(session.amount),
            "faults": sorted(session.faults),
            "outcome": session.outcome,
            "webhooks": [_hook(hook) for hook in till.webhooks if hook.tid == session.tid],
        }

    def ledger() -> dict[str, Any]:
        charges = [told(session) for session in till.charges]
        return {"charges": charges, "asked": till.asked, "opened": till.opened}

    def refusal(order: dict[str, Any]) -> dict[str, Any] | None:
        usual = asdict(till.habits)
        if all(name in usual and _fits(name, value) for name, value in order.items()):
            return None
        return {"error": "no such settings", "settings": usual, "choices": CHOICES}

    def change(order: dict[str, Any]) -> Habits:
        till.habits = replace(till.habits, **order)
        return till.habits

    return Provider(faults=Fault, ledger=ledger, refusal=refusal, change=change, reset=till.reset)


def _fits(name: str, value: object) -> bool:
    if name in CHOICES:
        return value in CHOICES[name]
    is_switch = isinstance(getattr(Habits, name), bool)
    return isinstance(value, bool) if is_switch else type(value) in (int, float)


def _hook(hook: Webhook) -> dict[str, Any]:
    return {
        "url": hook.url,
        "body": hook.body.decode(),
        "headers": dict(hook.headers),
        "due_at": hook.due_at,
        "sent_at": hook.sent_at,
        "probe": hook.probe,
        "reply": hook.reply,
        "acknowledged": hook.acknowledged,
    }


class _Wire:
    def __init__(
        self, till: Till, credentials: Credentials, sleep: Callable[[float], None]
    ) -> None:
        self._till = till
        self._credentials = credentials
        self._sleep = sleep

    def initialize(self) -> ResponseReturnValue:
        self._till.bucket.take()
        check_keys(request.headers, self._credentials)
        check_idempotency(request.headers)
        session, faults = self._till.open(order_in(_body(), self._credentials.mode))
        if Fault.INITIALIZE_SLOW in faults:
            self._sleep(self._till.habits.slow_seconds)
        if Fault.INITIALIZE_LOST_REPLY in faults:
            drop(request.environ)
        return {
            "success": True,
            "message": "Checkout session created successfully",
            "data": _opened(session),
        }, 201

    def process(self, tid: str) -> ResponseReturnValue:
        self._till.bucket.take()
        if not self._till.habits.pushes:
            return {"message": f"The route checkout/{tid}/process could not be found."}, 404
        check_idempotency(request.headers)
        msisdn, network = wallet_in(_body())
        session = self._standing(self._till.find(tid=tid))
        self._till.prompt(session, msisdn, network)
        return self._answer(session)

    def _answer(self, session: Session) -> ResponseReturnValue:
        if Fault.SLOW in session.faults:
            self._sleep(self._till.habits.slow_seconds)
        if Fault.LOST_REPLY in session.faults:
            drop(request.environ)
        if Fault.ERROR_500 in session.faults:
            return "Bad Gateway", 502
        # Documented nowhere: a guess after the reply of `initialize`.
        return {
            "success": True,
            "message": "Approve the payment on your phone",
            "data": {
                "reference": session.refid,
                "session_id": session.tid,
                "status": session.status,
                "mode": session.mode,
            },
        }

    def verify(self, refid: str) -> ResponseReturnValue:
        self._till.bucket.take()
        check_keys(request.headers, self._credentials)
        session = self._till.find(refid=refid)
        if session is None:
            return NOT_FOUND
        return _verified(self._standing(session), self._till.clock())

    def _standing(self, session: Session | None) -> Session:
        now = self._till.clock()
        if session is None or (session.prompted_at is None and session.expires_at <= now):
            raise Refused(*SESSION_NOT_FOUND)
        return session

    def refuse(self, refused: Refused) -> ResponseReturnValue:
        if self._till.habits.error_shape == "message":
            return {"message": refused.message}, refused.status
        error = {"code": refused.code, "message": refused.message}
        return {"success": False, "error": error}, refused.status


def _body() -> dict[str, Any]:
    try:
        body = json.loads(request.get_data(), parse_float=Decimal)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _opened(session: Session) -> dict[str, Any]:
    return {
        "reference": session.refid,
        "session_id": session.tid,
        "payment_url": url_for("checkout", tid=session.tid, _external=True),
        "status": "pending",
        "amount": number(session.amount),
        "currency": session.currency,
        "mode": session.mode,
        "expires_at": iso(session.expires_at),
    }


def _verified(session: Session, now: float) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": session.status,
        "completed": session.settled_at is not None,
        "success": session.outcome is Outcome.PAID,
        "message": SAID.get(session.status, session.reason),
    }
    if session.settled_at is None:
        return told | {"elapsed_seconds": int(now - session.made_at), "mode": session.mode}
    told["redirect_url"] = session.return_url
    if session.outcome is Outcome.FAILED:
        return told
    if session.mode == "test":
        told["message"] = "Test payment successful!"
    return told | {"amount": number(stated(session)), "mode": session.mode}


class _Page:
    def __init__(self, till: Till) -> None:
        self._till = till

    def show(self, tid: str) -> ResponseReturnValue:
        session = self._till.find(tid=tid)
        if session is None:
            return "No such payment at RwandaPay.", 404
        if session.settled_at is not None and session.redirect_url:
            return redirect(session.return_url, 303)
        return render_template("rwandapay_checkout.html", session=session)

    def pay(self, tid: str) -> ResponseReturnValue:
        session = self._till.find(tid=tid)
        if session is None:
            return "No such payment at RwandaPay.", 404
        if "cancel" in request.form:
            self._till.cancel(tid)
        else:
            payer = {"customer_name": session.name, "email": session.email}
            # A wallet without funds ends the session; the page then sends the customer back.
            self._prompt(session, dict(request.form) | payer)
        return redirect(url_for("checkout", tid=tid), 303)

    def _prompt(self, session: Session, form: dict[str, str]) -> None:
        try:
            self._till.prompt(session, *wallet_in(form))
        except Refused as refused:
            session.reason = refused.message


CUSTOMER = Credentials(
    public_key="pk_live_local_rwandapay",
    secret_key="sk_live_local_rwandapay",  # noqa: S106  # the simulator's, known to all
    webhook_secret="local-rwandapay-secret",  # noqa: S106 - likewise
)


def _open() -> Opened:
    till = open_till()
    return Opened(till, create_app(till, CUSTOMER))


SIMULATED = Simulated(title="RwandaPay", path="/api/v1", credentials=asdict(CUSTOMER), open=_open)

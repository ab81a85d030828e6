"""`/_simulator/…`: what tests and the demo ask of RwandaPay's simulator behind its back. JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from infra.local.simulators.rwandapay_faults import Fault
from infra.local.simulators.rwandapay_sessions import Session, number
from infra.local.simulators.rwandapay_till import Habits
from infra.local.simulators.rwandapay_webhooks import FORMS, HEADERS, SHAPES, Webhook

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from infra.local.simulators.rwandapay_till import Till

CHOICES = {
    "webhook_shape": SHAPES,
    "signature_form": FORMS,
    "signature_header": HEADERS,
    "error_shape": ("coded", "message"),
}


def control(till: Till) -> Blueprint:
    """Routes over one till; the table of them stands in the provider's module."""
    routes = Blueprint("control", __name__, url_prefix="/_simulator")
    views = _Control(till)
    routes.get("/charges")(views.charges)
    routes.get("/prompts")(views.prompts)
    routes.post("/prompts/<tid>/<any(approve, decline, ignore):answer>")(views.answer)
    routes.post("/charges/<tid>/pay_late")(views.pay_late)
    routes.post("/faults")(views.faults)
    routes.post("/settings")(views.settings)
    routes.post("/reset")(views.reset)
    return routes


class _Control:
    def __init__(self, till: Till) -> None:
        self._till = till

    def charges(self) -> ResponseReturnValue:
        self._till.find()
        wanted = request.args.get("refid")
        made = [self._told(session) for session in self._till.charges]
        return {
            "charges": [told for told in made if wanted in (None, told["refid"])],
            "asked": self._till.asked,
            "opened": self._till.opened,
        }

    def _told(self, session: Session) -> dict[str, Any]:
        hooks = [hook for hook in self._till.webhooks if hook.tid == session.tid]
        return asdict(session) | {
            "amount": number(session.amount),
            "faults": sorted(session.faults),
            "outcome": session.outcome,
            "webhooks": [_hook(hook) for hook in hooks],
        }

    def prompts(self) -> ResponseReturnValue:
        return {"prompts": [asdict(prompt) for prompt in self._till.prompts()]}

    def answer(self, tid: str, answer: str) -> ResponseReturnValue:
        acts = {
            "approve": self._till.approve,
            "decline": self._till.decline,
            "ignore": self._till.ignore,
        }
        return _changed(acts[answer](tid))

    def pay_late(self, tid: str) -> ResponseReturnValue:
        return _changed(self._till.pay_late(tid))

    def faults(self) -> ResponseReturnValue:
        order = _body()
        if order.get("fault") not in list(Fault) or not isinstance(order.get("next", 1), int):
            return {"error": "fault must be a fault, next a number", "faults": list(Fault)}, 400
        self._till.ordered.left[Fault(order["fault"])] = order.get("next", 1)
        return {"ordered": self._till.ordered.left}

    def settings(self) -> ResponseReturnValue:
        order = _body()
        usual = asdict(self._till.habits)
        if not all(name in usual and _fits(name, value) for name, value in order.items()):
            return {"error": "no such settings", "settings": usual, "choices": CHOICES}, 400
        self._till.habits = Habits(**usual | order)
        return asdict(self._till.habits)

    def reset(self) -> ResponseReturnValue:
        self._till.reset()
        return {"reset": True}


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


def _changed(changed: bool) -> ResponseReturnValue:  # noqa: FBT001 - the answer itself
    return {"changed": changed}, 200 if changed else 409


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}

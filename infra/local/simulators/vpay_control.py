"""`/_simulator/…` of V-Pay: what tests and the demo ask behind the provider's back. JSON."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from infra.local.simulators.vpay_faults import Fault
from infra.local.simulators.vpay_till import Pace

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from infra.local.simulators.vpay_charges import Charge
    from infra.local.simulators.vpay_door import Door


def control(door: Door) -> Blueprint:
    """Routes over one door and its till; the table of them stands in the provider's module."""
    routes = Blueprint("control", __name__, url_prefix="/_simulator")
    views = _Control(door)
    routes.get("/charges")(views.charges)
    routes.get("/prompts")(views.prompts)
    routes.post("/prompts/<tid>/<any(approve, decline, ignore):answer>")(views.answer)
    routes.post("/charges/<tid>/pay_late")(views.pay_late)
    routes.post("/faults")(views.faults)
    routes.post("/settings")(views.settings)
    routes.post("/reset")(views.reset)
    return routes


class _Control:
    def __init__(self, door: Door) -> None:
        self._door = door
        self._till = door.till

    def charges(self) -> ResponseReturnValue:
        self._till.find()
        wanted = request.args.get("refid")
        made = [self._told(charge) for charge in self._till.charges.made]
        return {
            "charges": [told for told in made if wanted in (None, told["refid"])],
            "asked": self._till.charges.asked,
            "tokens_given": len(self._door.tokens),
        }

    def _told(self, charge: Charge) -> dict[str, Any]:
        told = asdict(charge) | {"faults": sorted(charge.faults)}
        told["postbacks"] = [
            asdict(webhook) | {"acknowledged": webhook.acknowledged}
            for webhook in self._till.postbacks
            if webhook.tid == charge.tid
        ]
        return told

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
        known = {pace.name for pace in fields(Pace)}
        if not order.keys() <= known or not all(
            isinstance(figure, int | float) for figure in order.values()
        ):
            return {"error": "settings are numbers", "settings": sorted(known)}, 400
        self._till.pace = Pace(**asdict(self._till.pace) | order)
        return asdict(self._till.pace)

    def reset(self) -> ResponseReturnValue:
        self._till.reset()
        self._door.forget()
        return {"reset": True}


def _changed(changed: bool) -> ResponseReturnValue:  # noqa: FBT001 - the answer itself
    return {"changed": changed}, 200 if changed else 409


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}

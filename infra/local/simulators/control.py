"""`/_simulator/…`: what tests and the demo ask of a simulator behind its provider's back. JSON."""

from __future__ import annotations

from dataclasses import Field, asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from flask import Blueprint, request

from infra.local.handset import Prompter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from enum import StrEnum

    from _typeshed import DataclassInstance
    from flask.typing import ResponseReturnValue


class Orders(Protocol):
    """Faults ordered for what is to come."""

    @property
    def left(self) -> dict[Any, int]:
        """How many times each fault still falls."""


class Till(Prompter, Protocol):
    """A provider behind its wire. Whatever is asked of it first lets happen what is due."""

    @property
    def ordered(self) -> Orders:
        """The faults to come."""

    def pay_late(self, tid: str) -> bool:
        """Turn a failed charge into a paid one; False if there is none."""


class Message(Protocol):
    """A dataclass: what the provider told whoever asked to be told of a charge."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    tid: str

    @property
    def acknowledged(self) -> bool:
        """Whether the receiver took it."""


@dataclass(frozen=True, kw_only=True)
class Provider:
    """In what one provider's control differs from another's."""

    faults: type[StrEnum]
    ledger: Callable[[], dict[str, Any]]
    """{"charges": [{"refid", …}, …], "asked": {refid: times}, …} as it stands."""
    refusal: Callable[[dict[str, Any]], dict[str, Any] | None]
    """The answer to settings that cannot be: {"error", "settings", …}. None when they can."""
    change: Callable[[dict[str, Any]], DataclassInstance]
    """Puts settings in force, {name: value}, and gives all of them."""
    reset: Callable[[], None]
    """Starts again: an empty ledger, default settings."""


def control(till: Till, provider: Provider) -> Blueprint:
    """Routes over one till; the table of them stands in the provider's module."""
    routes = Blueprint("control", __name__, url_prefix="/_simulator")
    views = _Control(till, provider)
    routes.get("/charges")(views.charges)
    routes.get("/prompts")(views.prompts)
    routes.post("/prompts/<tid>/<any(approve, decline, ignore):answer>")(views.answer)
    routes.post("/charges/<tid>/pay_late")(views.pay_late)
    routes.post("/faults")(views.faults)
    routes.post("/settings")(views.settings)
    routes.post("/reset")(views.reset)
    return routes


def numbers_only(
    settings: type[DataclassInstance], kind: str
) -> Callable[[dict[str, Any]], dict[str, Any] | None]:
    """`Provider.refusal` where every setting is a number; `kind` says of what."""
    known = sorted(setting.name for setting in fields(settings))

    def refusal(order: dict[str, Any]) -> dict[str, Any] | None:
        are_numbers = all(isinstance(figure, int | float) for figure in order.values())
        if are_numbers and order.keys() <= set(known):
            return None
        return {"error": f"settings are {kind}", "settings": known}

    return refusal


def told_of(tid: str, messages: Iterable[Message]) -> list[dict[str, Any]]:
    """The messages about one charge: their fields and "acknowledged"."""
    return [
        asdict(message) | {"acknowledged": message.acknowledged}
        for message in messages
        if message.tid == tid
    ]


class _Control:
    def __init__(self, till: Till, provider: Provider) -> None:
        self._till = till
        self._provider = provider

    def charges(self) -> ResponseReturnValue:
        # Asked for what it lets happen by now.
        self._till.prompts()
        wanted = request.args.get("refid")
        ledger = self._provider.ledger()
        found = [told for told in ledger["charges"] if wanted in (None, told["refid"])]
        return ledger | {"charges": found}

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
        order, known = _body(), self._provider.faults
        if order.get("fault") not in list(known) or not isinstance(order.get("next", 1), int):
            return {"error": "fault must be a fault, next a number", "faults": list(known)}, 400
        self._till.ordered.left[known(order["fault"])] = order.get("next", 1)
        return {"ordered": self._till.ordered.left}

    def settings(self) -> ResponseReturnValue:
        order = _body()
        refusal = self._provider.refusal(order)
        if refusal is not None:
            return refusal, 400
        return asdict(self._provider.change(order))

    def reset(self) -> ResponseReturnValue:
        self._provider.reset()
        return {"reset": True}


def _changed(changed: bool) -> ResponseReturnValue:  # noqa: FBT001 - the answer itself
    return {"changed": changed}, 200 if changed else 409


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    return body if isinstance(body, dict) else {}

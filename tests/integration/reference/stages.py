"""What must have happened before an operation's example can be asked for, and the asking itself."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.test import Client, TestResponse

from infra.openapi.operation import Keys, Operation
from infra.openapi.operations import OPERATIONS
from tests.integration.bridge import STAGE, app
from tests.integration.gateway import Gateway, key_headers, make_machines

BY_NAME: Mapping[str, Operation] = {operation.name: operation for operation in OPERATIONS}

# Ids hang on a salt or on chance; keys and cursors hang on them. All else must be as documented.
MASKS: Mapping[str, str] = {
    r"CHK-[0-9A-Z]{16}": "CHK-V0CFMJGNI8ZWIJBR",
    r"(?<=evt_)[0-9A-Z]{16}": "V0CFMJGNI8ZWIJBR",
    r"^[0-9A-Z]{16}(?=[0-9]{2}$)": "V0CFMJGNI8ZWIJBR",
    r"(?<=SANDBOX-)[0-9A-Z]{16}": "V0CFMJGNI8ZWIJBR",
    r"(?<=PAY-TEST-)[0-9A-Z]{8}": "1A2B3C4D",
    r"lnk_[0-9a-z]{12}": "lnk_0v3f8a1k2m9x",
    r"(?<=monthly-fee-)[0-9a-z]{6}": "1k2m9x",
    r"^whsec_.+": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
    r"^[0-9A-Za-z_-]{60,}$": "WyIyMDI2LTExLTIxVDE0OjMwOjAwWiIsIkNIS...",
}


@dataclass(frozen=True)
class Stage:
    """A deployment, and a client of it that speaks HTTP."""

    gateway: Gateway
    client: Client

    def ask(self, operation: Operation, **named: str) -> TestResponse:
        """Send an operation's example, with these in place of the path's examples."""
        path = operation.path
        for parameter in operation.parameters:
            path = path.replace(
                f"{{{parameter.name}}}", named.get(parameter.name, parameter.example)
            )
        headers = {} if operation.keys is Keys.NONE else key_headers(self.gateway.shop.test)
        return self.client.open(
            f"{STAGE}{path}",
            method=operation.method,
            headers=headers,
            query_string=dict(operation.asked),
            json=operation.example,
        )

    def data(self, name: str, **named: str) -> Any:  # noqa: ANN401  # JSON is anything
        """The `data` that another operation's example answers with."""
        answer = self.ask(BY_NAME[name], **named)
        assert answer.status_code < 300, answer.text
        return answer.json["data"]  # type: ignore[index]  # an object, here

    def opened(self) -> str:
        """The session id of a payment."""
        return str(self.data("initialize")["session_id"])

    def paid(self) -> str:
        """The session id of a payment that was paid, and whose event was written."""
        make_machines()
        session = self.opened()
        self.data("process", reference=session)
        self.gateway.pump()
        assert self.gateway.payment(session).paid_at
        return session


def nothing(_: Stage) -> dict[str, str]:
    return {}


def an_order(stage: Stage) -> dict[str, str]:
    stage.opened()
    return {}


def a_session(stage: Stage) -> dict[str, str]:
    session = stage.opened()
    return {"reference": session, "session_id": session}


def a_paid_order(stage: Stage) -> dict[str, str]:
    stage.paid()
    return {}


def an_event(stage: Stage) -> dict[str, str]:
    stage.paid()
    (event,) = stage.data("list_events")
    return {"event_id": event["event_id"]}


def an_endpoint(stage: Stage) -> dict[str, str]:
    stage.data("set_endpoint")
    return {}


def a_link(stage: Stage) -> dict[str, str]:
    return {"link_id": stage.data("create_link")["link_id"]}


STAGES: Mapping[str, Callable[[Stage], dict[str, str]]] = {
    "initialize": nothing,
    "verify": a_paid_order,
    "process": a_session,
    "process_by_session": a_session,
    "cancel": an_order,
    "list_payments": a_paid_order,
    "show_payment": a_paid_order,
    "create_link": nothing,
    "list_links": a_link,
    "show_link": a_link,
    "deactivate_link": a_link,
    "draw_qr": a_link,
    "list_events": a_paid_order,
    "show_event": an_event,
    "resend": an_event,
    "resend_range": an_event,
    "show_endpoint": an_endpoint,
    "set_endpoint": nothing,
    "enable_endpoint": an_endpoint,
    "test_endpoint": an_endpoint,
    "rotate_secret": nothing,
    "describe": nothing,
}


def played(gateway: Gateway, operation: Operation) -> TestResponse:
    """The answer to an operation's example, once everything before it has happened."""
    stage = Stage(gateway, Client(app))
    return stage.ask(operation, **STAGES[operation.name](stage))


def masked(told: Any) -> Any:  # noqa: ANN401  # JSON is anything
    """An answer with the examples' ids, keys and cursors in place of its own."""
    if isinstance(told, dict):
        return {name: masked(part) for name, part in told.items()}
    if isinstance(told, list):
        return [masked(part) for part in told]
    if isinstance(told, str):
        for pattern, example in MASKS.items():
            told = re.sub(pattern, example, told)
    return told


def written(told: Any) -> str:  # noqa: ANN401  # JSON is anything
    """An example's answer as its file has it."""
    return json.dumps(masked(told), ensure_ascii=False, indent=2) + "\n"

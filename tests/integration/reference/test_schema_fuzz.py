"""Every operation under requests that its schema allows, and that it does not: schemathesis.

No answer is a 5xx, every answer is as documented (status, content type, headers, schema), what the
schema refuses is refused, and what it allows is refused for a reason that no schema can tell.
"""

import json
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import make_server
from werkzeug.test import Client

from infra.openapi.document import document
from infra.openapi.operation import Operation
from infra.openapi.operations import OPERATIONS
from payments.plan import Plan
from tests.integration.bridge import STAGE, app
from tests.integration.gateway import Gateway, key_headers
from tests.integration.reference.stages import STAGES, Stage

MOST_EXAMPLES = 12
SEED = 20261121
BOUNDLESS = Plan(name="enterprise", per_minute=10**6, burst=10**6, per_day=10**6)
# Rules that JSON Schema cannot tell.
BEYOND_SCHEMA: Mapping[str, str] = {
    "amount": "its limits hang on the currency, and on the deployment's rates",
    "cursor": "only one that we wrote leads anywhere",
    "expires_at": "it must be to come",
    "from": "a day that its month has, in the last 30 days",
    "mode": "that of the keys",
    "max_uses": "1.0 is a whole number to JSON Schema; a one_off link is used once",
    "overlap_hours": "1.0 is a whole number to JSON Schema",
    "to": "a day that its month has, and not before `from`",
    "url": "its port must be one that the mode allows",
}


@pytest.fixture
def address(gateway: Gateway) -> Iterator[str]:  # noqa: ARG001  # it must stand first
    """Where the deployment listens."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{STAGE}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_whatever_comes_is_answered_as_documented(
    gateway: Gateway, address: str, operation: Operation
) -> None:
    gateway.shop = gateway.enrol("Boundless", plan=BOUNDLESS)
    named = STAGES[operation.name](Stage(gateway, Client(app)))
    told = about(operation, named)
    schema = schemathesis.openapi.from_dict(told, config=config(gateway, address))
    complaints, answered = fuzz(schema)
    assert not complaints, "\n\n".join(complaints)
    assert int(operation.answer.status) in answered


def about(operation: Operation, named: Mapping[str, str]) -> dict[str, Any]:
    """The document of one operation, its examples leading to what is there."""
    told = document()
    only = json.loads(json.dumps(told["paths"][operation.path][operation.method.lower()]))
    for parameter in only["parameters"]:
        if parameter["name"] in named:
            parameter["example"] = named[parameter["name"]]
    del told["webhooks"]
    return {**told, "paths": {operation.path: {operation.method.lower(): only}}}


def config(gateway: Gateway, address: str) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict(
        {
            "base-url": address,
            "seed": SEED,
            "headers": key_headers(gateway.shop.test),
            "continue-on-failure": True,
            "generation": {"max-examples": MOST_EXAMPLES, "database": "none"},
            # A method that is no route is the gateway's own to refuse: 403 on AWS, here 404.
            "checks": {"unsupported_method": {"enabled": False}},
            "phases": {"stateful": {"enabled": False}},
        }
    )


def fuzz(schema: Any) -> tuple[list[str], set[int]]:  # noqa: ANN401  # schemathesis names no type
    """What was wrong, in words, and every status that came."""
    complaints: list[str] = []
    answered: set[int] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            complaints.append(repr(event))
        if not isinstance(event, events.ScenarioFinished):
            continue
        for case, checks in event.recorder.checks.items():
            response = event.recorder.interactions[case].response
            assert response is not None
            answered.add(response.status_code)
            complaints += [
                f"{check.failure_info.failure}\n{check.failure_info.code_sample}\n"
                f"{response.content!r}"
                for check in checks
                if check.failure_info and not is_beyond_schema(check.name, response.content)
            ]
    return complaints, answered


def is_beyond_schema(check: str, answer: bytes | None) -> bool:
    """Whether a request that the schema allows was refused for what the schema cannot tell."""
    if check != "positive_data_acceptance":
        return False
    error = json.loads(answer or b"{}")["error"]
    return error["code"] != "VALIDATION_ERROR" or set(error["fields"]) <= BEYOND_SCHEMA.keys()

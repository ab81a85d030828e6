"""Every example of the document, sent to the real handlers: what it says is what comes."""

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types
from openapi_spec_validator import validate

from infra.openapi.document import EXAMPLES, document, example_of
from infra.openapi.operation import Operation
from infra.openapi.operations import OPERATIONS
from tests.integration.gateway import Gateway
from tests.integration.reference.stages import BY_NAME, STAGES, masked, played

DOCUMENT = document()
EVERY = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)


def schema_at(*path: str) -> Draft202012Validator:
    """A validator of a part of the document, which the whole document's names resolve in."""
    pointer = "/".join(part.replace("~", "~0").replace("/", "~1") for part in path)
    return Draft202012Validator({**DOCUMENT, "$ref": f"#/{pointer}"})


def answer_schema(operation: Operation) -> Draft202012Validator:
    status = str(int(operation.answer.status))
    return schema_at(
        "paths", operation.path, operation.method.lower(), "responses", status,
        "content", "application/json", "schema",
    )  # fmt: skip


def test_the_document_is_openapi() -> None:
    validate(DOCUMENT)


def test_every_operation_has_an_example_here() -> None:
    assert STAGES.keys() == {operation.name for operation in OPERATIONS}
    assert len(STAGES) == len(OPERATIONS)
    of_json = {one.name for one in OPERATIONS if one.answer.told and one.name != "describe"}
    assert {path.stem for path in EXAMPLES.iterdir()} == of_json


@EVERY
def test_the_example_is_answered_as_documented(gateway: Gateway, operation: Operation) -> None:
    answer = played(gateway, operation)
    assert answer.status_code == operation.answer.status, answer.text
    assert answer.content_type in operation.answer.media or answer.content_type.startswith(
        "application/json"
    )
    if answer.content_type.startswith("application/json"):
        answer_schema(operation).validate(answer.json)
    if operation.name != "describe" and operation.answer.told:
        assert masked(answer.json) == example_of(operation)


@EVERY
def test_the_example_is_what_its_schema_allows(operation: Operation) -> None:
    if operation.body is not None and operation.example is not None:
        schema_at(
            "paths", operation.path, operation.method.lower(), "requestBody",
            "content", "application/json", "schema",
        ).validate(operation.example)  # fmt: skip


def test_the_webhook_that_is_sent_is_the_one_documented(gateway: Gateway) -> None:
    played(gateway, BY_NAME["list_events"])
    (event,) = [item for item in gateway.items() if item["sk"].startswith("EVENT#")]
    letter: dict[str, Any] = json.loads(event["body"])
    schema_at(
        "webhooks", letter["event"], "post", "requestBody", "content", "application/json", "schema"
    ).validate(letter)


@pytest.mark.parametrize("digit", range(10))
def test_every_test_number_is_answered_as_documented(gateway: Gateway, digit: int) -> None:
    session = gateway.opened(gateway.shop.test)
    answer = gateway.process(session, phone=f"078000000{digit}")
    operation = BY_NAME["process_by_session"]
    responses = DOCUMENT["paths"][operation.path]["post"]["responses"]
    told = responses[str(answer.status)]
    pointer = told["$ref"].split("/")[1:] if "$ref" in told else [
        "paths", operation.path, "post", "responses", str(answer.status)
    ]  # fmt: skip
    schema_at(*pointer, "content", "application/json", "schema").validate(answer.json)

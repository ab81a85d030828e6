"""The OpenAPI document against the code and the template that it is made from."""

import json
from typing import Any

import pytest
from openapi_spec_validator import validate
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

from infra.openapi.__main__ import WRITTEN
from infra.openapi.document import ROOT, document, text
from infra.openapi.failures import NOT_THE_MERCHANTS, TABLE
from infra.openapi.left_out import LEFT_OUT
from infra.openapi.operations import OPERATIONS, TAGS
from payments import errors
from plumbing.error_answers import ANSWERS

DOCUMENT: dict[str, Any] = document()
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
SOME_SECRETS = ("sk_live_", "sk_test_")


def opened_to_the_world() -> set[str]:
    """Every method and path of the template, but for the preflights of browsers."""
    events = [
        event["Properties"]
        for resource in TEMPLATE["Resources"].values()
        for event in resource.get("Properties", {}).get("Events", {}).values()
        if resource["Type"] == "AWS::Serverless::Function" and event["Type"] == "Api"
    ]
    return {f"{one['Method']} {one['Path']}" for one in events if one["Method"] != "OPTIONS"}


def documented() -> set[str]:
    return {
        f"{method.upper()} {path}"
        for path, methods in DOCUMENT["paths"].items()
        for method in methods
    }


def test_the_checked_in_document_is_the_one_that_the_code_makes() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == text(), "run `make openapi`"


def test_it_is_openapi() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    validate(DOCUMENT)


def test_every_route_is_documented_or_left_out_for_a_reason() -> None:
    assert documented().isdisjoint(LEFT_OUT)
    assert documented() | LEFT_OUT.keys() == opened_to_the_world()
    assert all(LEFT_OUT.values())


def test_every_operation_has_a_name_of_its_own_and_a_tag_that_is_explained() -> None:
    names = [operation.name for operation in OPERATIONS]
    assert len(set(names)) == len(names)
    assert {operation.tag for operation in OPERATIONS} | {"webhooks"} == TAGS.keys()


def test_every_error_of_the_table_is_explained() -> None:
    assert set(ANSWERS.values()) <= set(TABLE)
    guide = DOCUMENT["info"]["description"]
    for said in TABLE:
        assert f"| `{said.code}` | {int(said.status)} | {said.message} |" in guide


def test_every_error_that_a_merchant_can_meet_is_said_by_some_operation() -> None:
    told = json.dumps(DOCUMENT["components"]["responses"])
    for happened, said in ANSWERS.items():
        assert (f'"{said.code}"' in told) is (happened not in NOT_THE_MERCHANTS), said.code


def test_only_the_errors_of_webhooks_and_values_are_outside_of_the_table() -> None:
    raised = {
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.PaymentError)
    }
    inner = {
        errors.PaymentError,
        errors.UnusableAddress,
        errors.UnusableAmount,
        errors.UnusablePhone,
        errors.ProviderSilent,
    }
    assert raised - inner == ANSWERS.keys()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_what_both_keys_ask_for_tells_what_is_left(operation: Any) -> None:  # noqa: ANN401  # JSON is anything
    told = DOCUMENT["paths"][operation.path][operation.method.lower()]
    good = told["responses"][str(int(operation.answer.status))]
    limited = told["responses"].get("429")
    assert ("headers" in good) is ("security" in told and bool(told["security"]))
    assert (limited is not None) is bool(told["security"])
    if limited:
        refusal = DOCUMENT["components"]["responses"][limited["$ref"].rsplit("/", 1)[1]]
        assert refusal["headers"].keys() == {
            "Retry-After",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
        }


def test_every_write_that_is_counted_takes_an_idempotency_key() -> None:
    for operation in OPERATIONS:
        told = DOCUMENT["paths"][operation.path][operation.method.lower()]
        names = {parameter["name"] for parameter in told["parameters"]}
        assert ("Idempotency-Key" in names) is (operation.method != "GET"), operation.name


def test_it_holds_no_key() -> None:
    told = text().replace("sk_live_…", "").replace("sk_test_…", "")
    assert not any(secret in told for secret in SOME_SECRETS)

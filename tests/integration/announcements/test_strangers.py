"""Whoever cannot say who they are learns nothing and changes nothing, on every route."""

from collections.abc import Callable
from typing import Any

import pytest

from announcements import arrange_endpoint, list_events, resend, show_event
from payments import keys
from payments.mode import Mode
from tests.integration.announcements.asking import (
    ENDPOINT,
    EVENT,
    RESEND,
    RESEND_RANGE,
    failed_payment,
)
from tests.integration.gateway import Gateway, key_headers
from tests.integration.rest_events import Handler, Request, call

ROUTES: list[tuple[Handler, str, str]] = [
    (list_events.handler, "GET", "/api/v1/events"),
    (show_event.handler, "GET", EVENT),
    (resend.handler, "POST", RESEND),
    (resend.handler, "POST", RESEND_RANGE),
    (arrange_endpoint.handler, "GET", ENDPOINT),
    (arrange_endpoint.handler, "PUT", ENDPOINT),
    (arrange_endpoint.handler, "POST", f"{ENDPOINT}/enable"),
    (arrange_endpoint.handler, "POST", f"{ENDPOINT}/test"),
    (arrange_endpoint.handler, "POST", f"{ENDPOINT}/rotate-secret"),
]


def no_keys(_: Gateway) -> dict[str, str]:
    return {}


def wrong_secret(gateway: Gateway) -> dict[str, str]:
    secret = keys.mint(Mode.LIVE).secret_key
    return {"X-Public-Key": gateway.shop.live.public_key, "X-Secret-Key": secret}


def public_key_alone(gateway: Gateway) -> dict[str, str]:
    return {"X-Public-Key": gateway.shop.live.public_key}


def unknown_keys(_: Gateway) -> dict[str, str]:
    return key_headers(keys.mint(Mode.LIVE))


def secret_of_the_other_mode(gateway: Gateway) -> dict[str, str]:
    return {
        "X-Public-Key": gateway.shop.live.public_key,
        "X-Secret-Key": gateway.shop.test.secret_key,
    }


def revoked_keys(gateway: Gateway) -> dict[str, str]:
    gateway.merchants.revoke(gateway.shop.live.public_key, gateway.clock())
    return key_headers(gateway.shop.live)


@pytest.mark.parametrize(
    "headers",
    [
        no_keys,
        wrong_secret,
        public_key_alone,
        unknown_keys,
        secret_of_the_other_mode,
        revoked_keys,
    ],
)
def test_nobody_gets_in_without_keys_that_fit(
    gateway: Gateway, headers: Callable[[Gateway], dict[str, str]]
) -> None:
    event_id = failed_payment(gateway, "ORDER-1")
    given = headers(gateway)
    before = (gateway.items(), merchants(gateway))
    for handler, method, route in ROUTES:
        parameters = {"event_id": event_id} if "{event_id}" in route else {}
        request = Request(
            method=method, resource=route, parameters=parameters, headers=given, body='{"x": 1}'
        )
        answer = call(handler, request)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED"), route
        assert event_id not in answer.text
    assert (gateway.items(), merchants(gateway)) == before


def merchants(gateway: Gateway) -> list[Any]:
    """All that is kept of endpoints."""
    found = gateway.dynamodb.scan(TableName="Merchants")["Items"]
    return [item for item in found if item["sk"]["S"].startswith("ENDPOINT")]


@pytest.mark.parametrize(
    ("handler", "method", "path"),
    [
        (resend.handler, "POST", "/api/v1/events/evt_1/resend/more"),
        (arrange_endpoint.handler, "DELETE", ENDPOINT),
        (arrange_endpoint.handler, "POST", f"{ENDPOINT}/disable"),
    ],
)
def test_what_is_no_route_is_not_there(
    gateway: Gateway, handler: Handler, method: str, path: str
) -> None:
    request = Request(method=method, resource=path, headers=key_headers(gateway.shop.live))
    answer = call(handler, request)
    assert (answer.status, answer.code) == (404, "NOT_FOUND")

"""A deployment in process whose operator looks at what stays open."""

from collections.abc import Iterator
from typing import Any

import pytest

from polling import ask_provider
from tests.integration.gateway import Gateway, aws_calls, gateway, make_machines
from tests.integration.operator.conftest import STACK
from tests.integration.operator.stand_in_cloudformation import Stacks
from tests.integration.rest_events import Context
from tests.integration.stand_in_lambda import StandInLambda, serving

__all__ = ["aws_calls", "gateway"]

ASKING = "arn:aws:lambda:eu-west-1:123456789012:function:AskProvider:live"


@pytest.fixture(autouse=True)
def _deployed(
    gateway: Gateway,
    stacks: Stacks,
    deployment: object,  # noqa: ARG001  # it names the stack's outputs first
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[None]:
    assert gateway.items() == []
    make_machines()
    stacks[STACK]["AskProviderFunction"] = ASKING

    def asked(given: dict[str, Any]) -> dict[str, bool]:
        answer: dict[str, bool] = ask_provider.handler(given, Context())  # type: ignore[arg-type]  # as much of one as it reads
        return answer

    with serving(StandInLambda({ASKING: asked})) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", address)
        yield

"""The line between the functions and AWS: the SDK's own requests, as they are about to be sent.

moto answers those of DynamoDB and SSM, our machines those of Step Functions. The SDK meets the
line's trouble as it would in life, and does what it does then: its own retries are real.
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from botocore.retries import quota
from botocore.retries.quota import RetryQuota
from moto.core.botocore_stubber import MockRawResponse
from moto.core.models import botocore_stubber

from plumbing.aws_clients import AWS
from tests.integration import quick_moto
from tests.simulation.faults import Fate

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

    from tests.simulation.sandboxes import Sandboxes

Answer = Callable[["AWSPreparedRequest"], AWSResponse]
THROTTLING = {
    "dynamodb": "com.amazonaws.dynamodb.v20120810#ThrottlingException",
    "states": "com.amazonaws.swf.service.v2.model#ThrottlingException",
    "ssm": "ThrottlingException",
}


class SimulatedAws(boto3.Session):
    """A session whose clients go over the line; each is made once, since that is slow."""

    def __init__(self) -> None:
        super().__init__(region_name="eu-west-1")
        self.sandboxes: Sandboxes | None = None
        """Whose functions go over the line; nobody's trouble while there are none."""
        self.machines: Answer | None = None
        self.after_write: Callable[[], None] = lambda: None
        """Called when DynamoDB has done something, before whoever asked hears of it."""
        self._kept: dict[str, Any] = {}
        self._quotas: list[RetryQuota] = []
        # Nobody here looks at signatures, and they take time.
        self.events.register("choose-signer", lambda **_: UNSIGNED)
        hooks: Any = self.events
        hooks.unregister("before-send", botocore_stubber)
        hooks.register("before-send", self._send)

    def rest(self) -> None:
        """Let the clients forget what they met: they retry less after a long row of troubles."""
        for met in self._quotas:
            met.release(RetryQuota.INITIAL_CAPACITY)

    def client(self, service_name: str, **_: Any) -> Any:  # type: ignore[override]  # noqa: ANN401  # one for all services
        """A client as the functions have it: with their time-outs and their retries."""
        if service_name not in self._kept:
            with quick_moto.put(quota, "RetryQuota", self._quota):
                made: Any = super().client(service_name, config=AWS)  # type: ignore[call-overload]  # a name that is not literal
            self._kept[service_name] = made
        return self._kept[service_name]

    def _quota(self) -> RetryQuota:
        made = RetryQuota()
        self._quotas.append(made)
        return made

    def _send(self, event_name: str, request: "AWSPreparedRequest", **_: Any) -> AWSResponse:  # noqa: ANN401  # botocore says more than we need
        def act() -> AWSResponse:
            if event_name.startswith("before-send.sfn"):
                assert self.machines is not None
                return self.machines(request)
            if event_name.startswith("before-send.dynamodb"):
                answer = quick_moto.answer(request)
                self.after_write()
                return answer
            answered = botocore_stubber(event_name, request)
            assert answered is not None, f"moto does not know {request.url}"
            return answered

        if self.sandboxes is None:
            return act()
        operation = event_name.removeprefix("before-send.")
        return self.sandboxes.line(operation, act, lambda fate: trouble(fate, request))


def trouble(fate: Fate, request: "AWSPreparedRequest") -> AWSResponse:
    """What the SDK sees of a request that went wrong."""
    if fate is Fate.FAILS_BEFORE:
        raise ConnectionClosedError(endpoint_url=request.url, request=request)
    if fate is Fate.REPLY_LOST:
        raise ReadTimeoutError(endpoint_url=request.url)
    kind = next(kind for service, kind in THROTTLING.items() if service in request.url)
    return json_response(request, 400, {"__type": kind, "message": "Rate exceeded"})


def json_response(request: "AWSPreparedRequest", status: int, body: object) -> AWSResponse:
    """An answer of AWS's JSON protocol."""
    raw: Any = MockRawResponse(json.dumps(body))
    return AWSResponse(request.url, status, HTTPHeaders(), raw)

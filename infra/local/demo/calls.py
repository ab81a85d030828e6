"""Which AWS calls the functions made: read from the local AWS's CloudTrail."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.local.environments import CREDENTIALS
from infra.local.stack_file import StackFile

MOST_EVENTS = 50  # LookupEvents answers with no more, newest first, and has no next page here


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One AWS call by a function. `function` is its role's access key, one per function."""

    id: str
    at: float
    function: str
    operation: str
    request: str
    """The parameters, as JSON."""

    def names(self, payment_id: str) -> bool:
        """Whether it speaks of the payment: its id, an attempt's reference or an event's id."""
        return payment_id.removeprefix("CHK-") in self.request


class Trail:
    """The calls of the functions' roles. The demo's own, by the root's key, are left out.

    A call that a role was denied is not recorded; nor is what a state machine does by itself.
    """

    def __init__(self, stack: StackFile, http: httpx.Client) -> None:
        self._url = stack["endpoint"]
        self._http = http
        self._own_key = CREDENTIALS["AWS_ACCESS_KEY_ID"]
        self._signer = SigV4Auth(
            Credentials(self._own_key, CREDENTIALS["AWS_SECRET_ACCESS_KEY"]),
            "cloudtrail",
            stack["region"],
        )

    def during(self, act: Callable[[], object]) -> list[Call]:
        """Act, and tell what the functions called meanwhile, oldest first."""
        began = time.time()
        act()
        return self.since(began)

    def since(self, began: float) -> list[Call]:
        """Every call since then (Unix seconds), oldest first."""
        found: dict[str, Call] = {}
        until = time.time()
        while True:
            page = self._page(began, until)
            fresh = {event["EventId"] for event in page} - found.keys()
            found |= {event["EventId"]: _call(event) for event in page}
            if len(page) < MOST_EVENTS or not fresh:
                break
            until = page[-1]["EventTime"]
        calls = (call for call in found.values() if call.function != self._own_key)
        return sorted(calls, key=lambda call: call.at)

    def _page(self, began: float, until: float) -> list[dict[str, Any]]:
        # Not through boto3: it cuts times to whole seconds, and one second can hold more events
        # than an answer does.
        body = json.dumps({"StartTime": began, "EndTime": until, "MaxResults": MOST_EVENTS})
        request = AWSRequest(
            "POST",
            self._url,
            data=body,
            headers={
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": "CloudTrail_20131101.LookupEvents",
            },
        )
        self._signer.add_auth(request)
        answer = self._http.post(self._url, content=body, headers=dict(request.headers.items()))
        events: list[dict[str, Any]] = answer.raise_for_status().json()["Events"]
        return events


def _call(event: dict[str, Any]) -> Call:
    told = json.loads(event["CloudTrailEvent"])
    return Call(
        id=event["EventId"],
        at=event["EventTime"],
        function=event["AccessKeyId"],
        operation=event["EventName"],
        request=json.dumps(told["requestParameters"]),
    )

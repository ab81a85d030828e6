"""A merchant's endpoint that does not answer as it should, and what it hears again."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import flask
import pytest
from standardwebhooks.webhooks import Webhook

from infra.local.ports import Ports
from infra.local.servers import serving
from ledger.events import DeliveryState
from tests.e2e.merchant import PATIENCE, Merchant
from tests.e2e.patience import eventually


@dataclass
class Endpoint:
    """A merchant's endpoint that gives these answers, then 200; and all that came to it."""

    answers: list[int]
    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    arrived_at: list[float] = field(default_factory=list)

    def hear(self) -> tuple[str, int]:
        """Take one message."""
        self.arrived_at.append(time.monotonic())
        self.headers.append({name.lower(): value for name, value in flask.request.headers.items()})
        self.bodies.append(flask.request.get_data())
        return "", self.answers.pop(0) if self.answers else 200

    def heard(self, times: int) -> bool:
        """Wait for so many messages."""
        return eventually(
            lambda: len(self.bodies) >= times, within=PATIENCE, what=f"message {times}"
        )


@pytest.fixture
def endpoint() -> Iterator[Callable[..., Endpoint]]:
    with ExitStack() as running:

        def listen(*answers: int) -> Endpoint:
            listening = Endpoint([*answers])
            app = flask.Flask("endpoint")
            app.post("/")(listening.hear)
            listening.url = running.enter_context(serving(app, Ports.free_ones().shop))
            return listening

        yield listen


def pay(merchant: Merchant, listening: Endpoint) -> str:
    opened = merchant.open("test", webhook_url=listening.url)
    session_id: str = opened["session_id"]
    assert merchant.process(session_id, "0780000000").status_code == 200
    return session_id


def state_of(merchant: Merchant, session_id: str, heard: Endpoint) -> DeliveryState:
    version = int(heard.headers[0]["webhook-id"].rpartition("_")[2])
    event = merchant.events().get(session_id, version)
    assert event
    return event.state


def test_a_failing_endpoint_hears_the_same_again_after_five_seconds(
    merchant: Merchant, endpoint: Callable[..., Endpoint]
) -> None:
    failing = endpoint(503)
    session_id = pay(merchant, failing)
    failing.heard(2)
    first, second = failing.arrived_at
    assert 3.5 <= second - first <= 9
    assert failing.bodies[0] == failing.bodies[1]
    assert failing.headers[0]["webhook-id"] == failing.headers[1]["webhook-id"]
    eventually(
        lambda: state_of(merchant, session_id, failing) is DeliveryState.DELIVERED,
        within=5,
        what="the delivery written down",
    )
    # Another library than ours judges every signature, the second timestamp's too.
    for body, headers in zip(failing.bodies, failing.headers, strict=True):
        Webhook(merchant.stack["webhook_secret"]).verify(body.decode(), headers)


def test_an_endpoint_that_is_gone_is_left_alone(
    merchant: Merchant, endpoint: Callable[..., Endpoint]
) -> None:
    gone = endpoint(410)
    session_id = pay(merchant, gone)
    gone.heard(1)
    eventually(
        lambda: state_of(merchant, session_id, gone) is DeliveryState.GONE,
        within=5,
        what="the end of the delivery",
    )
    assert len(gone.bodies) == 1

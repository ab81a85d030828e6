"""The demo's hands: what it counts, orders and pays over HTTP, against stand-ins in process."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from infra.local.demo.books import Books
from infra.local.demo.calls import MOST_EVENTS, Trail
from infra.local.demo.control import Control, NoSimulator
from infra.local.demo.customer import Customer, NotAsDocumented
from infra.local.demo.play import Play
from infra.local.demo.scenarios import ORDINARY_PAYMENT, PAYING_CARD, SCENARIOS
from infra.local.demo.show import VARIABLE, a_stack
from infra.local.demo.ticker import Ticker
from infra.local.demo.warm import Measurement, NotRecorded
from infra.local.refusals import NotRunning
from infra.local.simulators import kpay
from infra.local.simulators.simulated import PROVIDERS, simulated
from infra.local.stack_file import published
from tests.unit.local.test_stack_file import STACK

CREDENTIALS = kpay.Credentials(username="u", password="p", api_key="k", retailer_id="01")


def answering(handle: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(handle))


def recorded(number: int, key: str) -> dict[str, Any]:
    return {
        "EventId": str(number),
        "EventName": "GetItem",
        "EventTime": float(number),
        "AccessKeyId": key,
        "CloudTrailEvent": json.dumps({"requestParameters": {"number": number}}),
    }


class CloudTrail:
    """As the local AWS answers LookupEvents: newest first, fifty at most, and no next page."""

    def __init__(self, events: list[dict[str, Any]]) -> None:
        self._events = events
        self.asked = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        assert request.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=test/")
        order = json.loads(request.content)
        found = [
            event
            for event in reversed(self._events)
            if order["StartTime"] <= event["EventTime"] <= order["EndTime"]
        ]
        return httpx.Response(200, json={"Events": found[:MOST_EVENTS]})


def test_calls_are_found_beyond_one_answer_and_without_our_own() -> None:
    trail = CloudTrail([recorded(n, "ASIAPAY" if n % 2 else "test") for n in range(1, 201)])
    calls = Trail(STACK, answering(trail)).since(0.0)
    assert [call.at for call in calls] == [float(n) for n in range(1, 201, 2)]
    assert trail.asked > 200 // MOST_EVENTS


def test_a_stack_that_records_nothing_is_refused() -> None:
    opened = {"data": {"session_id": "CHK-AAAAAAAAAAAAAAAA", "payment_url": "http://x"}}
    api = answering(lambda _: httpx.Response(201, json=opened))
    measurement = Measurement(
        Customer(STACK, api),
        Control(STACK, api),
        Books(STACK),
        Trail(STACK, answering(CloudTrail([]))),
    )
    with pytest.raises(NotRecorded):
        measurement.take()


@pytest.fixture
def simulators() -> Iterator[Control]:
    """All four, each at the address that the stack's file tells."""
    mounts = {
        address: httpx.WSGITransport(app=simulated(name).open().app)
        for name, address in STACK["providers"].items()
    }
    by_origin = {f"http://{httpx.URL(url).netloc.decode()}": app for url, app in mounts.items()}
    with httpx.Client(mounts=by_origin) as client:
        yield Control(STACK, client)


@pytest.mark.parametrize("name", PROVIDERS)
def test_every_simulator_is_steered_alike(simulators: Control, name: str) -> None:
    simulators.require_simulators()
    with simulators.prompts_lapse_after(name, 28):
        simulators.order_fault(name, "lost_reply")
    assert simulators.ledger() == []


def test_the_simulators_own_pace_comes_back() -> None:
    till = kpay.open_till()
    app = kpay.create_app(till, CREDENTIALS)
    control = Control(STACK, httpx.Client(transport=httpx.WSGITransport(app=app)))
    with control.prompts_lapse_after("kpay", 28):
        assert till.pace.prompt_seconds == 28
        control.order_fault("kpay", "no_postback")
    assert till.pace.prompt_seconds == 60
    assert till.ordered.left == {"no_postback": 1}


def test_somebody_elses_provider_is_not_steered() -> None:
    control = Control(STACK, answering(lambda _: httpx.Response(200, text="K-Pay")))
    with pytest.raises(NoSimulator, match="PROVIDERS_KPAY"):
        control.require_simulators()


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (httpx.Response(503, json={"error": {"code": "PROVIDER_UNAVAILABLE"}}), None),
        (httpx.Response(200, json={"success": True}), "PAYMENT_DECLINED"),
        (httpx.Response(502, text="Bad Gateway"), "PAYMENT_DECLINED"),
    ],
)
def test_an_answer_that_was_not_expected_is_told(
    answer: httpx.Response, expected: str | None
) -> None:
    customer = Customer(STACK, answering(lambda _: answer))
    with pytest.raises(NotAsDocumented):
        customer.pay("CHK-AAAAAAAAAAAAAAAA", replace(ORDINARY_PAYMENT, error=expected))


def test_a_card_page_must_lead_back_to_the_checkout() -> None:
    customer = Customer(STACK, answering(lambda _: httpx.Response(200)))
    page = "http://cards.example.rw/pay"
    with pytest.raises(NotAsDocumented, match=r"led to http://cards\.example\.rw/pay"):
        customer.pay_by_card(page, PAYING_CARD, home="CHK-AAAAAAAAAAAAAAAA")
    customer.pay_by_card(page, PAYING_CARD, home=None)


def test_a_payment_that_cannot_be_made_is_told_and_the_others_go_on() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody listens", request=request)

    silent = answering(refuse)
    play = Play(Customer(STACK, silent), Control(STACK, silent), Books(STACK), Ticker())
    first, second = play.run(SCENARIOS[:2])
    assert "nobody listens" in (first.trouble or "")
    assert "nobody listens" in (second.trouble or "")


def test_a_running_stack_that_is_named_is_used(tmp_path: Path) -> None:
    named = {VARIABLE: str(tmp_path / "stack.json")}
    with published(tmp_path, STACK), a_stack(named) as (stack, folder):
        assert (stack, folder) == (STACK, tmp_path)
    with pytest.raises(NotRunning), a_stack(named):
        pytest.fail("there is no stack")

"""Many callers at once with one tx_ref."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import httpx
import pytest

from tests.e2e.merchant import Merchant, new_tx_ref
from tests.figures import publish

# Each caller at once is a worker that starts, on a machine that may have two cores.
PATIENCE = 240
FIGURE = "same `tx_ref` from 2-50 callers at once"


@pytest.fixture(scope="module")
def patient(merchant: Merchant) -> Iterator[Merchant]:
    """The merchant with as many connections as callers, and time to wait for all of them."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=20)
    with httpx.Client(timeout=PATIENCE, trust_env=False, limits=limits) as client:
        yield replace(merchant, http=client)


def all_at_once(
    merchant: Merchant, callers: int, headers: dict[str, str] | None = None
) -> list[httpx.Response]:
    tx_ref = new_tx_ref()
    start = Barrier(callers)

    def call(_: int) -> httpx.Response:
        start.wait()
        return merchant.initialize("live", headers=headers, tx_ref=tx_ref)

    with ThreadPoolExecutor(callers) as pool:
        return list(pool.map(call, range(callers)))


@pytest.mark.parametrize("callers", [2, 10, 50])
def test_one_tx_ref_is_one_payment_however_many_ask_at_once(
    patient: Merchant, callers: int
) -> None:
    answers = all_at_once(patient, callers)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: callers - 1}
    refused = [answer.json() for answer in answers if answer.status_code == 409]
    assert {answer["error"]["code"] for answer in refused} == {"DUPLICATE_REFERENCE"}
    publish(FIGURE, f"on the local stack, {callers} callers: one 201")


@pytest.mark.parametrize("callers", [10, 50])
def test_callers_with_one_idempotency_key_all_get_the_same_answer(
    patient: Merchant, callers: int
) -> None:
    answers = all_at_once(patient, callers, {"Idempotency-Key": new_tx_ref()})
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    publish(FIGURE, f"on the local stack, {callers} with a key: one answer for all")


def test_ten_clicks_at_once_charge_once(merchant: Merchant) -> None:
    session_id = merchant.open("live")["session_id"]
    start = Barrier(10)

    def click(_: int) -> int:
        start.wait()
        return merchant.process(session_id, "0788000001").status_code

    with ThreadPoolExecutor(10) as pool:
        codes = Counter(pool.map(click, range(10)))
    assert codes == {200: 1, 409: 9}
    assert merchant.ending(session_id)["status"] == "successful"
    assert merchant.times_asked(session_id) == 1

"""One tx_ref and as many callers as come, all of them past their reading before one writes."""

from collections import Counter

import pytest

from tests.figures import publish
from tests.integration.gateway import ORDER, Gateway
from tests.integration.races import at_once
from tests.integration.rest_events import Answer

CALLERS = [2, 3, 5, 10, 20, 50]
PUT = "dynamodb.PutItem"


@pytest.mark.parametrize("callers", CALLERS)
def test_without_a_key_one_opens_it_and_the_rest_are_told(gateway: Gateway, callers: int) -> None:
    answers = at_once(callers, PUT, lambda _: gateway.initialize(ORDER))
    assert Counter(answer.status for answer in answers) == {201: 1, 409: callers - 1}
    assert {answer.code for answer in answers if answer.status == 409} == {"DUPLICATE_REFERENCE"}
    assert sessions(gateway) == {session_in(answer) for answer in answers if answer.status == 201}
    publish("same `tx_ref` from 2-50 callers at once", f"{callers} callers: one 201")


@pytest.mark.parametrize("callers", CALLERS)
def test_with_a_key_the_rest_replay_the_first_answer(gateway: Gateway, callers: int) -> None:
    headers = {"Idempotency-Key": "order-1"}
    answers = at_once(callers, PUT, lambda _: gateway.initialize(ORDER, headers=headers))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert sessions(gateway) == {session_in(answers[0])}
    publish("same `tx_ref` from 2-50 callers at once", f"{callers} with a key: one answer for all")


@pytest.mark.parametrize("callers", CALLERS)
def test_keys_of_their_own_do_not_open_it_twice(gateway: Gateway, callers: int) -> None:
    def ask(number: int) -> Answer:
        return gateway.initialize(ORDER, headers={"Idempotency-Key": f"order-{number}"})

    answers = at_once(callers, PUT, ask)
    assert Counter(answer.status for answer in answers)[201] == 1
    assert {answer.status for answer in answers} == {201, 409}
    assert len(sessions(gateway)) == 1


@pytest.mark.parametrize("callers", CALLERS)
def test_another_sum_under_the_same_key_is_refused(gateway: Gateway, callers: int) -> None:
    def ask(number: int) -> Answer:
        order = {**ORDER, "amount": 5000 + number}
        return gateway.initialize(order, headers={"Idempotency-Key": "order-1"})

    answers = at_once(callers, PUT, ask)
    assert Counter(answer.status for answer in answers) == {201: 1, 422: callers - 1}
    assert {a.code for a in answers if a.status == 422} == {"IDEMPOTENCY_KEY_REUSED"}
    assert len(sessions(gateway)) == 1


def test_modes_and_merchants_have_their_own(gateway: Gateway) -> None:
    other = gateway.enrol("Another")
    pairs = [gateway.shop.live, gateway.shop.test, other.live, other.test] * 5
    answers = at_once(len(pairs), PUT, lambda number: gateway.initialize(ORDER, pairs[number]))
    assert Counter(answer.status for answer in answers) == {201: 4, 409: 16}
    assert len(sessions(gateway)) == 4


def sessions(gateway: Gateway) -> set[str]:
    """Every payment that there is."""
    return {payment["pk"] for payment in gateway.payments()}


def session_in(answer: Answer) -> str:
    return str(answer.json["data"]["session_id"])

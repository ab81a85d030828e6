"""The limits as callers meet them: headers on every keyed answer, and 429 when they are used up."""

from datetime import timedelta

import pytest

from payments import keys
from payments.mode import Mode
from payments.plan import Plan
from tests.integration.gateway import ORDER, Gateway
from tests.integration.internet import NOW

THREE = Plan(name="three", per_minute=3, burst=3, per_day=1000)
A_DAY_OF_TWO = Plan(name="two a day", per_minute=100, burst=100, per_day=2)
HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


def under(gateway: Gateway, plan: Plan) -> None:
    assert gateway.merchants.set_plan(gateway.shop.merchant.merchant_id, plan, NOW)


def asked(gateway: Gateway, times: int) -> list[int]:
    return [gateway.verify("NOTHING", gateway.shop.live).status for _ in range(times)]


def test_every_keyed_answer_tells_what_is_left(gateway: Gateway) -> None:
    under(gateway, THREE)
    answers = [
        gateway.initialize(),
        gateway.initialize(),
        gateway.verify("ORDER-12345", gateway.shop.live),
    ]
    assert [answer.status for answer in answers] == [201, 409, 200]
    assert [answer.headers["x-ratelimit-remaining"] for answer in answers] == ["2", "1", "0"]
    assert {answer.headers["x-ratelimit-limit"] for answer in answers} == {"3"}
    assert answers[0].headers["x-ratelimit-reset"] == str(int(NOW.timestamp()) + 20)


def test_a_request_too_many_is_told_when_to_come_again(gateway: Gateway) -> None:
    under(gateway, THREE)
    asked(gateway, 3)
    answer = gateway.initialize(headers={"Origin": "https://shop.example"})
    assert (answer.status, answer.code) == (429, "RATE_LIMITED")
    assert answer.headers["retry-after"] == "20"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert gateway.items() == []
    gateway.clock.now += timedelta(seconds=20)
    assert gateway.initialize().status == 201


def test_a_day_that_is_used_up_ends_at_midnight_utc(gateway: Gateway) -> None:
    under(gateway, A_DAY_OF_TWO)
    assert asked(gateway, 3) == [404, 404, 429]
    answer = gateway.initialize()
    assert answer.headers["retry-after"] == str(int(9.5 * 3600))
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == (
        "2",
        "0",
    )


def test_the_headers_speak_of_whatever_leaves_fewer(gateway: Gateway) -> None:
    under(gateway, A_DAY_OF_TWO)
    answer = gateway.verify("NOTHING", gateway.shop.live)
    assert (answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]) == (
        "2",
        "1",
    )


def test_each_key_has_limits_of_its_own(gateway: Gateway) -> None:
    under(gateway, THREE)
    assert asked(gateway, 4)[-1] == 429
    assert gateway.verify("NOTHING", gateway.shop.test).status == 404


def test_a_stranger_with_a_public_key_uses_nothing_up(gateway: Gateway) -> None:
    under(gateway, THREE)
    public = gateway.shop.live.public_key
    guess = keys.mint(Mode.LIVE).secret_key
    for _ in range(10):
        wrong = gateway.verify("X", headers={"X-Public-Key": public, "X-Secret-Key": guess})
        alone = gateway.verify("X", headers={"X-Public-Key": public})
        assert (wrong.status, alone.status) == (401, 404)
        assert HEADERS.isdisjoint({*wrong.headers, *alone.headers})
    assert asked(gateway, 3) == [404] * 3


def test_whoever_asks_without_keys_is_not_counted(gateway: Gateway) -> None:
    session = gateway.opened()
    assert HEADERS.isdisjoint(gateway.verify(session).headers)


def test_a_revoked_key_stops_at_once_though_it_was_just_used(gateway: Gateway) -> None:
    assert gateway.initialize().status == 201
    gateway.merchants.revoke(gateway.shop.live.public_key, NOW)
    answer = gateway.initialize({**ORDER, "tx_ref": "NEXT"})
    assert (answer.status, answer.code) == (401, "AUTH_FAILED")


@pytest.mark.parametrize(
    ("session", "calls"),
    [(None, ["dynamodb.UpdateItem", "dynamodb.PutItem"]), ("CHK", ["dynamodb.UpdateItem"])],
    ids=["initialize", "verify"],
)
def test_the_limit_costs_one_call(gateway: Gateway, session: str | None, calls: list[str]) -> None:
    gateway.opened(tx_ref="WARM")
    gateway.aws_calls.clear()
    if session:
        gateway.verify(gateway.opened(tx_ref="SEEN"), gateway.shop.live)
        assert gateway.aws_calls[2:] == [*calls, "dynamodb.GetItem"]
    else:
        gateway.initialize()
        assert gateway.aws_calls == calls


def test_what_waits_for_a_function_is_counted_when_it_came(gateway: Gateway) -> None:
    """Sixty that come together are sixty at once, however long they take to be answered."""
    under(gateway, Plan(name="fifty", per_minute=50, burst=50, per_day=1000))
    came = {"requestTimeEpoch": int(NOW.timestamp() * 1000)}
    statuses = []
    for _ in range(60):
        gateway.clock.now += timedelta(seconds=1)
        statuses.append(gateway.verify("X", gateway.shop.live, context=came).status)
    assert (statuses.count(404), statuses.count(429)) == (50, 10)

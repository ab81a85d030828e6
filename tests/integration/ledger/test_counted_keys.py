"""A key's requests, counted: GCRA for the minute, a counter for the day, one call for both."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from ledger.counted_keys import CountedKey, CountedKeys
from ledger.merchants import Merchants
from payments import keys
from payments.merchant import Merchant
from payments.mode import Mode
from payments.plan import PLANS, STANDARD, Plan

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MERCHANT = "mer_abcdefghijkl"
TEN_A_MINUTE = Plan(name="small", per_minute=10, burst=5, per_day=1000)


class Counting:
    """A pair of keys, and one function that counts with it."""

    def __init__(self, dynamodb: "DynamoDBClient", table: str) -> None:
        self.client = dynamodb
        self.merchants = Merchants(dynamodb, table)
        self.merchants.enrol(
            Merchant(merchant_id=MERCHANT, name="Ikawa House", salt=b"salt" * 8, created_at=NOW)
        )
        pair = keys.mint(Mode.LIVE)
        self.public_key = pair.public_key
        self.merchants.issue(MERCHANT, pair, NOW)
        self.keys = CountedKeys(dynamodb, table)
        self.seen = self.look()

    def look(self) -> CountedKey:
        found = self.keys.look(self.public_key)
        assert found is not None
        return found

    def plan(self, plan: Plan) -> None:
        assert self.merchants.set_plan(MERCHANT, plan, NOW)

    def ask(self, now: datetime = NOW) -> bool:
        fresh, is_good = self.keys.count(self.seen, now)
        assert fresh is not None
        self.seen = fresh
        return is_good

    def ask_until_refused(self, now: datetime = NOW) -> int:
        return next(n for n in count() if not self.ask(now))


@pytest.fixture
def counting(dynamodb: "DynamoDBClient", merchants_table: str) -> Counting:
    return Counting(dynamodb, merchants_table)


@pytest.fixture
def calls(counting: Counting) -> Iterator[list[str]]:
    made: list[str] = []

    def note(event_name: str, **_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        made.append(event_name.rsplit(".", 1)[1])

    events = counting.client.meta.events
    events.register("before-call.dynamodb", note)
    yield made
    events.unregister("before-call.dynamodb", note)


def test_a_full_bucket_takes_a_burst_and_no_more(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    assert counting.ask_until_refused() == 5


def test_everyone_begins_with_the_limits_of_the_seed(counting: Counting) -> None:
    assert counting.seen.key.plan == STANDARD
    assert (STANDARD.per_minute, STANDARD.burst, STANDARD.per_day) == (500, 1000, 10_000)
    assert counting.seen.left(NOW) == 1000


@pytest.mark.parametrize(
    ("name", "a_minute", "a_day"), [("starter", 20, 1_000), ("growth", 120, 50_000)]
)
def test_v_pays_plans_are_known_by_name(name: str, a_minute: int, a_day: int) -> None:
    assert (PLANS[name].per_minute, PLANS[name].per_day) == (a_minute, a_day)


def test_requests_come_back_evenly(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    counting.ask_until_refused()
    assert not counting.ask(NOW + 5.9 * SECOND)
    assert counting.ask(NOW + 6 * SECOND)
    assert not counting.ask(NOW + 6 * SECOND)
    assert counting.ask_until_refused(NOW + 18 * SECOND) == 2


def test_no_window_begins_anew_in_the_middle_of_a_burst(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    assert counting.ask_until_refused(NOW - SECOND) == 5
    assert counting.ask_until_refused(NOW) == 0


def test_rest_fills_the_bucket_and_never_more(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    counting.ask_until_refused()
    assert counting.ask_until_refused(NOW + timedelta(days=3)) == 5


def test_a_plan_of_one_request_at_a_time_works(counting: Counting) -> None:
    counting.plan(Plan(name="one", per_minute=1, burst=1, per_day=10))
    assert counting.ask_until_refused() == 1
    assert not counting.ask(NOW + 59 * SECOND)
    assert counting.ask(NOW + 60 * SECOND)


def test_a_day_holds_so_many_and_ends_at_midnight_utc(counting: Counting) -> None:
    counting.plan(Plan(name="short day", per_minute=600, burst=600, per_day=3))
    evening = datetime(2026, 11, 21, 23, 59, 59, tzinfo=UTC)
    assert counting.ask_until_refused(evening) == 3
    assert counting.seen.left_today(evening) == 0
    assert counting.ask_until_refused(evening + SECOND) == 3


def test_what_is_left_is_told(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    counting.ask()
    assert (counting.seen.left(NOW), counting.seen.left_today(NOW)) == (4, 999)
    assert counting.seen.left(NOW + 6 * SECOND) == 5


def test_days_gone_by_are_not_kept(counting: Counting) -> None:
    for days in range(5):
        counting.ask(NOW + timedelta(days=days))
    assert set(counting.look().used) == {"20261124", "20261125"}


def test_another_plan_counts_from_the_next_request_on(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    counting.ask_until_refused()
    counting.plan(Plan(name="more", per_minute=20, burst=7, per_day=1000))
    assert counting.ask_until_refused() == 7


def test_a_key_issued_under_a_plan_is_bound_by_it(counting: Counting) -> None:
    counting.plan(TEN_A_MINUTE)
    pair = keys.mint(Mode.LIVE)
    counting.merchants.issue(MERCHANT, pair, NOW)
    counting.public_key = pair.public_key
    counting.seen = counting.look()
    assert counting.ask_until_refused() == 5


def test_a_revocation_is_seen_by_the_request_that_comes_next(counting: Counting) -> None:
    counting.ask()
    counting.merchants.revoke(counting.public_key, NOW)
    counting.ask()
    assert not counting.seen.key.is_active(NOW)


def test_one_call_counts_a_request(counting: Counting, calls: list[str]) -> None:
    counting.plan(TEN_A_MINUTE)
    calls.clear()
    counting.seen = counting.look()
    for seconds in (0, 1, 2, 60, 61):
        assert counting.ask(NOW + seconds * SECOND)
    assert calls == ["GetItem", *["UpdateItem"] * 5]


def test_what_another_function_took_meanwhile_costs_one_call_more(
    counting: Counting, calls: list[str]
) -> None:
    counting.plan(TEN_A_MINUTE)
    before = counting.look()
    counting.ask()
    calls.clear()
    counting.seen = before
    assert counting.ask()
    assert calls == ["UpdateItem"] * 2
    assert counting.seen.left(NOW) == 3


@pytest.mark.parametrize(
    "plan",
    [
        Plan(name="a minute", per_minute=1, burst=50, per_day=1000),
        Plan(name="a day", per_minute=1000, burst=1000, per_day=50),
    ],
    ids=lambda plan: plan.name,
)
def test_sixty_at_once_against_a_limit_of_fifty(counting: Counting, plan: Plan) -> None:
    counting.plan(plan)
    seen = counting.look()
    gate = threading.Barrier(60)
    one_by_one = threading.Lock()

    # DynamoDB does one write to an item after the other; moto, left to itself, would mix them.
    def hold(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        one_by_one.acquire()

    def let_go(**_: Any) -> None:  # noqa: ANN401  # as above
        one_by_one.release()

    def ask(_: int) -> bool:
        gate.wait(30)
        return counting.keys.count(seen, NOW)[1]

    events = counting.client.meta.events
    events.register("before-call.dynamodb", hold)
    events.register("after-call.dynamodb", let_go)
    with ThreadPoolExecutor(60) as pool:
        answers = list(pool.map(ask, range(60)))
    assert answers.count(True) == 50
    assert counting.look().used == {"20261121": 50}

"""A key's limit under callers that truly come at once, on the real stack."""

import secrets
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from ledger.merchants import Merchants
from payments import keys
from payments.clock import utc_now
from payments.keys import KeyPair
from payments.merchant import Merchant as Shop
from payments.mode import Mode
from payments.plan import Plan
from tests.e2e.merchant import Merchant

PATIENCE = 180.0


def enrolled_under(merchant: Merchant, plan: Plan) -> KeyPair:
    """The keys of a new shop under a plan."""
    shops = Merchants(merchant.administrator("dynamodb"), merchant.stack["tables"]["merchants"])
    shop = Shop(
        merchant_id=f"mer_{secrets.token_hex(6)}",
        name="Counted",
        salt=secrets.token_bytes(32),
        created_at=utc_now(),
    )
    pair = keys.mint(Mode.TEST)
    shops.enrol(shop)
    shops.issue(shop.merchant_id, pair, utc_now())
    shops.set_plan(shop.merchant_id, plan, utc_now())
    return pair


def sixty_at_once(merchant: Merchant, headers: Mapping[str, str]) -> list[httpx.Response]:
    start = Barrier(60)

    def ask(_: int) -> httpx.Response:
        start.wait()
        address = f"{merchant.stack['api']}/checkout/NOTHING/verify"
        return merchant.http.get(address, headers=headers, timeout=PATIENCE)

    with ThreadPoolExecutor(60) as pool:
        return list(pool.map(ask, range(60)))


@pytest.mark.parametrize(
    "plan",
    [
        Plan(name="fifty at once", per_minute=1, burst=50, per_day=1000),
        Plan(name="fifty a day", per_minute=1000, burst=1000, per_day=50),
    ],
    ids=lambda plan: plan.name,
)
def test_sixty_at_once_against_a_limit_of_fifty(merchant: Merchant, plan: Plan) -> None:
    pair = enrolled_under(merchant, plan)
    # Sixty functions start first: on a machine with two cores that takes them half a minute.
    sixty_at_once(merchant, {})
    keys_of_shop = {"X-Public-Key": pair.public_key, "X-Secret-Key": pair.secret_key}
    answers = sixty_at_once(merchant, keys_of_shop)
    assert Counter(answer.status_code for answer in answers) == {404: 50, 429: 10}
    assert all("x-ratelimit-remaining" in answer.headers for answer in answers)
    assert all(int(a.headers["retry-after"]) > 0 for a in answers if a.status_code == 429)

"""A payment of each ending, through the API of the real stack.

They were started before the first test of this folder (tests/e2e/started.py): the slow ones take
their time while others run.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from payments.payment import Attempt
from payments.report import Reason
from payments.status import SettledBy
from tests.e2e.merchant import Merchant
from tests.e2e.started import Started


def only_attempt(merchant: Merchant, one: Started) -> Attempt:
    (attempt,) = merchant.payment(one.session_id).attempts
    return attempt


def assert_paid_once(merchant: Merchant, one: Started) -> None:
    assert merchant.ending(one.session_id)["status"] == "successful"
    assert [charge["outcome"] for charge in merchant.charges(one.session_id)] == ["paid"]
    assert merchant.times_asked(one.session_id) == 1


def test_a_payment_is_paid_and_told_by_webhook(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    one = started["paid"]
    assert_paid_once(merchant, one)
    assert one.reply.result().json()["data"]["status"] == "pending"
    assert only_attempt(merchant, one).settled_by is SettledBy.WEBHOOK
    (charge,) = merchant.charges(one.session_id)
    assert [postback["acknowledged"] for postback in charge["postbacks"]] == [True]


def test_verify_tells_a_paid_payment_as_the_seed_does(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    told = merchant.ending(started["paid"].session_id)
    assert told.pop("redirect_url").endswith(f"&transaction_id={transaction(merchant, started)}")
    assert told == {
        "status": "successful",
        "completed": True,
        "success": True,
        "message": "Payment successful!",
        "amount": 5000,
        "mode": "live",
    }


def transaction(merchant: Merchant, started: Mapping[str, Started]) -> str:
    transaction_id = merchant.payment(started["paid"].session_id).transaction_id
    assert transaction_id
    assert transaction_id.startswith("PAY-LIVE-")
    return transaction_id


def test_a_decline_from_a_merchants_own_page_is_the_end(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    told = merchant.ending(started["declined"].session_id)
    assert (told["status"], told["success"]) == ("failed", False)
    attempt = only_attempt(merchant, started["declined"])
    assert (attempt.reason, attempt.settled_by) == (Reason.DECLINED, SettledBy.WEBHOOK)


def test_an_empty_wallet_is_told_from_a_decline(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    assert merchant.ending(started["no funds"].session_id)["status"] == "failed"
    assert only_attempt(merchant, started["no funds"]).reason is Reason.INSUFFICIENT_FUNDS


def test_a_provider_that_refuses_charges_nobody_and_says_so(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    reply = started["refused"].reply.result()
    assert reply.status_code == 503
    assert reply.json()["error"]["code"] == "PROVIDER_UNAVAILABLE"
    assert merchant.charges(started["refused"].session_id) == []


def test_a_postback_that_comes_twice_is_announced_once(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    assert_paid_once(merchant, started["postback twice"])
    (heard,) = merchant.heard_by_shop(started["postback twice"].tx_ref)
    assert heard["deliveries"] == 1


@pytest.mark.parametrize("lost", ["reply lost", "reply an error", "reply slow"])
def test_a_charge_whose_reply_is_lost_is_made_once_and_lands(
    merchant: Merchant, started: Mapping[str, Started], lost: str
) -> None:
    assert_paid_once(merchant, started[lost])
    assert started[lost].reply.result().status_code == 200


def test_test_mode_pays_without_a_provider(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    one = started["test paid"]
    told = merchant.ending(one.session_id)
    assert (told["status"], told["message"]) == ("successful", "Test payment successful!")
    assert only_attempt(merchant, one).settled_by is SettledBy.WEBHOOK
    assert merchant.charges(one.session_id) == []


def test_test_mode_declines(merchant: Merchant, started: Mapping[str, Started]) -> None:
    assert merchant.ending(started["test declined"].session_id)["status"] == "failed"


def test_the_shop_hears_of_a_payment_with_both_signatures_good(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    (heard,) = merchant.heard_by_shop(started["paid"].tx_ref)
    assert (heard["event"], heard["signature"], heard["problems"]) == (
        "payment.successful",
        "good",
        [],
    )
    assert heard["answered"] == [200]


def test_the_shop_hears_of_a_decline_too(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    (heard,) = merchant.heard_by_shop(started["declined"].tx_ref)
    assert (heard["event"], heard["signature"]) == ("payment.failed", "good")


# The slow ones last: by now they have had most of their time.
@pytest.mark.parametrize("silent", ["paid, postback withheld", "test found by polling"])
def test_a_payment_that_nobody_announces_is_found_by_polling(
    merchant: Merchant, started: Mapping[str, Started], silent: str
) -> None:
    one = started[silent]
    assert merchant.ending(one.session_id)["status"] == "successful"
    attempt = only_attempt(merchant, one)
    assert attempt.settled_by is SettledBy.POLLING
    assert attempt.ended_at
    # Asked after 15 s, and after 15 s more where the charge itself came late on a busy machine.
    assert 14 <= (attempt.ended_at - attempt.started_at).total_seconds() <= 40


def test_an_order_that_is_over_cannot_be_charged_again(
    merchant: Merchant, started: Mapping[str, Started]
) -> None:
    merchant.ending(started["paid"].session_id)
    again: dict[str, Any] = merchant.process(started["paid"].session_id, "0788000001").json()
    assert again["error"]["code"] == "PAYMENT_CLOSED"
    assert merchant.times_asked(started["paid"].session_id) == 1

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ledger.merchants import (
    MerchantContended,
    Merchants,
    TooManyActivePairs,
    UnknownKey,
    UnknownMerchant,
)
from payments import keys
from payments.merchant import Merchant
from payments.mode import Mode

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=24)
SHOP = Merchant(
    merchant_id="mer_abcdefghijkl",
    name="Ikawa House",
    salt=secrets.token_bytes(32),
    created_at=NOW,
    routes={"mobile_money": ("kpay",), "card": ("kpay",)},
)


@pytest.fixture
def merchants(dynamodb: "DynamoDBClient", merchants_table: str) -> Merchants:
    enrolled = Merchants(dynamodb, merchants_table)
    assert enrolled.enrol(SHOP)
    return enrolled


def issue(merchants: Merchants, mode: Mode = Mode.TEST, now: datetime = NOW) -> keys.KeyPair:
    pair = keys.mint(mode)
    merchants.issue(SHOP.merchant_id, pair, now)
    return pair


def rotate(merchants: Merchants, now: datetime, overlap: timedelta) -> keys.KeyPair:
    pair = keys.mint(Mode.TEST)
    merchants.rotate(SHOP.merchant_id, pair, now, overlap)
    return pair


def is_active(merchants: Merchants, pair: keys.KeyPair, now: datetime) -> bool:
    key = merchants.key(pair.public_key)
    assert key is not None
    return key.is_active(now)


def count_active(merchants: Merchants, now: datetime = NOW) -> int:
    return sum(key.is_active(now) for key in merchants.keys(SHOP.merchant_id))


def just_before_the_first(
    client: "DynamoDBClient", operation: str, rival: Callable[[], object]
) -> None:
    """Let a rival act between our reading and our writing."""
    waiting = [rival]

    def act(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        if waiting:
            waiting.pop()()

    client.meta.events.register(f"before-call.dynamodb.{operation}", act)


def lose_the_first_reply(client: "DynamoDBClient", operation: str) -> None:
    """Let the SDK send its first request again, as it does when a reply never comes."""
    losses = [0]

    def again(**_: Any) -> Any:  # noqa: ANN401  # botocore says what it sends
        return losses.pop() if losses else None

    client.meta.events.register_first(f"needs-retry.dynamodb.{operation}", again)


def test_an_enrolled_merchant_is_found_as_enrolled(merchants: Merchants) -> None:
    assert merchants.merchant(SHOP.merchant_id) == SHOP
    assert list(merchants.merchants()) == [SHOP]


def test_nobody_is_found_under_an_id_that_was_never_given(merchants: Merchants) -> None:
    assert merchants.merchant("mer_zzzzzzzzzzzz") is None
    with pytest.raises(UnknownMerchant):
        merchants.known("mer_zzzzzzzzzzzz")


def test_an_id_is_never_given_twice(merchants: Merchants) -> None:
    other = replace(SHOP, name="Another", salt=secrets.token_bytes(32))
    assert not merchants.enrol(other)
    assert merchants.merchant(SHOP.merchant_id) == SHOP


def test_an_enrolment_whose_reply_was_lost_is_known_as_our_own(
    dynamodb: "DynamoDBClient", merchants_table: str
) -> None:
    merchants = Merchants(dynamodb, merchants_table)
    lose_the_first_reply(dynamodb, "PutItem")
    assert merchants.enrol(SHOP)


def test_an_issued_pair_is_found_by_its_public_key(merchants: Merchants) -> None:
    pair = issue(merchants, Mode.LIVE)
    key = merchants.key(pair.public_key)
    assert key is not None
    assert (key.merchant_id, key.mode, key.created_at) == (SHOP.merchant_id, Mode.LIVE, NOW)
    assert keys.is_secret_of(pair.secret_key, key.secret_hash)
    assert key.is_active(NOW)


def test_the_profile_names_every_pair(merchants: Merchants) -> None:
    pairs = [issue(merchants), issue(merchants), issue(merchants, Mode.LIVE)]
    assert merchants.known(SHOP.merchant_id).public_keys == {pair.public_key for pair in pairs}


def test_no_secret_is_stored(dynamodb: "DynamoDBClient", merchants: Merchants) -> None:
    pair = issue(merchants)
    stored = dynamodb.scan(TableName=merchants.table)["Items"]
    assert pair.public_key in repr(stored)
    assert pair.secret_key not in repr(stored)


def test_a_key_that_was_never_issued_is_not_found(merchants: Merchants) -> None:
    assert merchants.key(keys.mint(Mode.TEST).public_key) is None


def test_keys_for_nobody_are_refused(merchants: Merchants) -> None:
    with pytest.raises(UnknownMerchant):
        merchants.issue("mer_zzzzzzzzzzzz", keys.mint(Mode.TEST), NOW)


def test_a_third_active_pair_is_refused_in_each_mode_by_itself(merchants: Merchants) -> None:
    for mode in Mode:
        issue(merchants, mode)
        issue(merchants, mode)
        with pytest.raises(TooManyActivePairs):
            issue(merchants, mode)
    assert count_active(merchants) == 4


def test_a_revoked_pair_makes_room_for_another(merchants: Merchants) -> None:
    old, _ = issue(merchants), issue(merchants)
    merchants.revoke(old.public_key, NOW)
    issue(merchants)
    assert count_active(merchants) == 2


def test_of_two_who_issue_a_third_pair_at_once_neither_makes_three(merchants: Merchants) -> None:
    issue(merchants)
    just_before_the_first(merchants.client, "TransactWriteItems", lambda: issue(merchants))
    with pytest.raises(TooManyActivePairs):
        issue(merchants)
    assert count_active(merchants) == 2


def test_of_two_who_issue_the_very_first_pair_at_once_both_get_one(merchants: Merchants) -> None:
    just_before_the_first(merchants.client, "TransactWriteItems", lambda: issue(merchants))
    issue(merchants)
    assert count_active(merchants) == 2


def test_a_rotation_that_meets_another_does_not_leave_three(merchants: Merchants) -> None:
    issue(merchants)
    just_before_the_first(
        merchants.client,
        "TransactWriteItems",
        lambda: rotate(merchants, NOW, timedelta(hours=24)),
    )
    with pytest.raises(TooManyActivePairs):
        rotate(merchants, NOW, timedelta(hours=24))
    assert count_active(merchants) == 2


def test_a_rotation_that_meets_a_revocation_leaves_it_standing(merchants: Merchants) -> None:
    old = issue(merchants)
    just_before_the_first(
        merchants.client, "TransactWriteItems", lambda: merchants.revoke(old.public_key, NOW)
    )
    new = rotate(merchants, NOW, timedelta(hours=24))
    assert not is_active(merchants, old, NOW)
    assert is_active(merchants, new, NOW)


def test_an_issue_whose_reply_was_lost_is_known_as_our_own(merchants: Merchants) -> None:
    lose_the_first_reply(merchants.client, "TransactWriteItems")
    issue(merchants)
    assert count_active(merchants) == 1


def test_a_merchant_whose_keys_never_hold_still_is_left_alone(merchants: Merchants) -> None:
    def swap(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        rival = keys.mint(Mode.LIVE)
        merchants.client.update_item(
            TableName=merchants.table,
            Key={"pk": {"S": f"MERCHANT#{SHOP.merchant_id}"}, "sk": {"S": "PROFILE"}},
            UpdateExpression="ADD public_keys :rival",
            ExpressionAttributeValues={":rival": {"SS": [rival.public_key]}},
        )

    merchants.client.meta.events.register("before-call.dynamodb.TransactWriteItems", swap)
    with pytest.raises(MerchantContended):
        issue(merchants)
    assert merchants.keys(SHOP.merchant_id) == ()


def test_rotating_keeps_the_old_pair_for_the_overlap_and_no_longer(merchants: Merchants) -> None:
    old = issue(merchants)
    new = rotate(merchants, NOW, timedelta(hours=24))
    assert is_active(merchants, old, LATER - timedelta(seconds=1))
    assert not is_active(merchants, old, LATER)
    assert is_active(merchants, new, NOW)
    assert is_active(merchants, new, LATER)


def test_rotating_again_within_the_overlap_would_make_three(merchants: Merchants) -> None:
    issue(merchants)
    rotate(merchants, NOW, timedelta(hours=24))
    with pytest.raises(TooManyActivePairs):
        rotate(merchants, NOW, timedelta(hours=24))
    rotate(merchants, LATER, timedelta(hours=24))


def test_rotating_without_overlap_ends_every_old_pair_at_once(merchants: Merchants) -> None:
    old = [issue(merchants), issue(merchants)]
    live = issue(merchants, Mode.LIVE)
    new = rotate(merchants, NOW, timedelta())
    assert not any(is_active(merchants, pair, NOW) for pair in old)
    assert is_active(merchants, new, NOW)
    assert is_active(merchants, live, NOW)


def test_rotating_never_gives_a_pair_more_time_than_it_had(merchants: Merchants) -> None:
    old = issue(merchants)
    merchants.revoke(old.public_key, NOW + timedelta(hours=1))
    rotate(merchants, NOW, timedelta(hours=24))
    assert not is_active(merchants, old, NOW + timedelta(hours=1))


def test_rotating_where_there_was_no_pair_issues_the_first(merchants: Merchants) -> None:
    rotate(merchants, NOW, timedelta(hours=24))
    assert count_active(merchants) == 1


def test_a_revoked_key_stops_working_at_once_and_stays_listed(merchants: Merchants) -> None:
    pair = issue(merchants)
    assert merchants.revoke(pair.public_key, NOW)
    assert not is_active(merchants, pair, NOW)
    assert [key.revoked_at for key in merchants.keys(SHOP.merchant_id)] == [NOW]


def test_revoking_again_changes_nothing(merchants: Merchants) -> None:
    pair = issue(merchants)
    merchants.revoke(pair.public_key, NOW)
    assert not merchants.revoke(pair.public_key, NOW)
    assert not merchants.revoke(pair.public_key, LATER)
    assert not is_active(merchants, pair, NOW)


def test_a_revocation_can_be_brought_forward(merchants: Merchants) -> None:
    pair = issue(merchants)
    assert merchants.revoke(pair.public_key, LATER)
    assert is_active(merchants, pair, NOW)
    assert merchants.revoke(pair.public_key, NOW)
    assert not is_active(merchants, pair, NOW)


def test_a_key_that_was_never_issued_cannot_be_revoked(merchants: Merchants) -> None:
    stranger = keys.mint(Mode.TEST)
    with pytest.raises(UnknownKey):
        merchants.revoke(stranger.public_key, NOW)
    assert merchants.key(stranger.public_key) is None


def test_routes_are_replaced_whole(merchants: Merchants) -> None:
    routes = {"mobile_money": ("vpay", "kpay")}
    assert merchants.set_routes(SHOP.merchant_id, routes)
    assert not merchants.set_routes(SHOP.merchant_id, routes)
    assert merchants.known(SHOP.merchant_id).routes == routes


def test_nothing_is_set_for_nobody(merchants: Merchants) -> None:
    with pytest.raises(UnknownMerchant):
        merchants.set_routes("mer_zzzzzzzzzzzz", {"card": ("kpay",)})
    assert list(merchants.merchants()) == [SHOP]

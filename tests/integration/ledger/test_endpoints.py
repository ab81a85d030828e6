from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import pytest

from ledger.endpoints import DisabledWhy, Endpoint, Endpoints
from payments.errors import NoWebhookEndpoint
from payments.mode import Mode
from tests.examples import NOW, SOON
from tests.integration.ledger.unreliable import LosesReplies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

SHOP = "mer_abcdefghijkl"
URL = "https://shop.example/in"


@pytest.fixture
def endpoints(dynamodb: "DynamoDBClient", merchants_table: str) -> Endpoints:
    return Endpoints(dynamodb, merchants_table)


@pytest.fixture
def shaky(dynamodb: "DynamoDBClient", merchants_table: str) -> Endpoints:
    """The same endpoints, over a line that loses replies."""
    return Endpoints(cast("DynamoDBClient", LosesReplies(dynamodb)), merchants_table)


def live(endpoints: Endpoints) -> Endpoint:
    return endpoints.get(SHOP, Mode.LIVE)


def failing(endpoints: Endpoints) -> Endpoint:
    endpoints.set_url(SHOP, Mode.LIVE, URL)
    endpoints.note_failure(live(endpoints), NOW)
    return live(endpoints)


def test_what_was_never_set_has_no_address(endpoints: Endpoints) -> None:
    assert live(endpoints) == Endpoint(merchant_id=SHOP, mode=Mode.LIVE)


def test_an_address_is_changed_once(endpoints: Endpoints) -> None:
    assert endpoints.set_url(SHOP, Mode.LIVE, URL)
    assert not endpoints.set_url(SHOP, Mode.LIVE, URL)
    assert endpoints.set_url(SHOP, Mode.LIVE, f"{URL}/new")
    assert live(endpoints).url == f"{URL}/new"
    assert endpoints.get(SHOP, Mode.TEST).url is None


def test_an_address_whose_reply_was_lost_was_changed(shaky: Endpoints) -> None:
    assert shaky.set_url(SHOP, Mode.LIVE, URL)


def test_the_same_address_again_mends_what_failed(endpoints: Endpoints) -> None:
    before = failing(endpoints)
    assert endpoints.set_url(SHOP, Mode.LIVE, URL)
    after = live(endpoints)
    assert after == replace(before, failing_since=None, write_id=after.write_id)
    assert endpoints.disable(after, DisabledWhy.GONE, NOW)
    assert endpoints.set_url(SHOP, Mode.LIVE, URL)
    assert live(endpoints).disabled_at is None


def test_the_first_failure_is_the_one_that_counts(endpoints: Endpoints) -> None:
    before = failing(endpoints)
    endpoints.note_failure(before, SOON)
    assert live(endpoints).failing_since == NOW
    endpoints.note_success(before)
    assert live(endpoints).failing_since is None


@pytest.mark.parametrize("why", DisabledWhy)
def test_an_endpoint_is_disabled_for_a_reason(endpoints: Endpoints, why: DisabledWhy) -> None:
    before = failing(endpoints)
    assert endpoints.disable(before, why, SOON)
    assert live(endpoints) == replace(before, disabled_at=SOON, disabled_why=why)


def test_a_disabling_whose_reply_was_lost_stands(shaky: Endpoints) -> None:
    assert shaky.disable(failing(shaky), DisabledWhy.GONE, SOON)
    assert live(shaky).disabled_at == SOON


def test_a_success_in_between_keeps_failures_from_disabling(endpoints: Endpoints) -> None:
    before = failing(endpoints)
    endpoints.note_success(before)
    assert not endpoints.disable(before, DisabledWhy.FAILING, NOW + timedelta(days=5))
    assert live(endpoints).disabled_at is None


@pytest.mark.parametrize("change", ["enable", "set_url"])
def test_what_was_read_before_the_merchants_change_changes_nothing(
    endpoints: Endpoints, change: str
) -> None:
    before = failing(endpoints)
    if change == "enable":
        endpoints.enable(SHOP, Mode.LIVE)
    else:
        endpoints.set_url(SHOP, Mode.LIVE, f"{URL}/new")
    standing = live(endpoints)
    endpoints.note_failure(before, SOON)
    assert not endpoints.disable(before, DisabledWhy.GONE, SOON)
    assert live(endpoints) == standing
    endpoints.note_failure(standing, SOON)
    endpoints.note_success(before)
    assert live(endpoints).failing_since == SOON


def test_there_is_nothing_to_enable_without_an_address(endpoints: Endpoints) -> None:
    with pytest.raises(NoWebhookEndpoint):
        endpoints.enable(SHOP, Mode.LIVE)
    assert live(endpoints) == Endpoint(merchant_id=SHOP, mode=Mode.LIVE)


def test_a_rotation_is_noted_with_an_address_and_without(endpoints: Endpoints) -> None:
    endpoints.note_rotation(SHOP, Mode.LIVE)
    assert live(endpoints).secret_version == 1
    endpoints.set_url(SHOP, Mode.LIVE, URL)
    endpoints.note_rotation(SHOP, Mode.LIVE)
    assert (live(endpoints).secret_version, live(endpoints).url) == (2, URL)

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from ledger.attributes import from_item
from ledger.link_payments import MOST_LOOKED_AT, LinkPayments
from ledger.links import Links
from ledger.payments import News, Payments
from payments.errors import DuplicateReference, LinkClosed, SlugTaken
from payments.link import Link, LinkType, Standing
from payments.mode import Mode
from payments.money import Money
from payments.payment import SESSION_LIFE, Payment
from payments.status import AttemptStatus, Status
from tests.examples import ATTEMPT, LINK, NOW, PAYMENT
from tests.integration.ledger.unreliable import LosesReplies

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

ONE_OFF = replace(LINK, type=LinkType.ONE_OFF, max_uses=1)
FULL = replace(
    ONE_OFF,
    money=Money(1250, "USD"),
    currency="USD",
    description="Ikawa 1 kg ☕",
    redirect_url="https://shop.example/thanks",
    expires_at=NOW + timedelta(days=1),
    active=False,
    uses=1,
    spent=1,
)
LATER = NOW + SESSION_LIFE


class LosesTransactionReplies(LosesReplies):
    """As the SDK sends a transaction again, but with no token that would tell DynamoDB so."""

    def transact_write_items(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
        self._client.transact_write_items(**request)
        return self._client.transact_write_items(**request)


@pytest.fixture
def links(dynamodb: "DynamoDBClient", merchants_table: str) -> Links:
    return Links(dynamodb, merchants_table)


@pytest.fixture
def payments(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(dynamodb, payments_table)


@pytest.fixture
def link_payments(
    dynamodb: "DynamoDBClient", payments_table: str, merchants_table: str
) -> LinkPayments:
    return LinkPayments(dynamodb, payments_table, merchants_table)


def by_link(number: int, link: Link = LINK, **changes: Any) -> Payment:  # noqa: ANN401  # any field of a payment
    """A payment by a link; each number is another form."""
    return replace(
        PAYMENT,
        session_id=f"CHK-{number:016}",
        tx_ref=f"LNK-{number}",
        link_id=link.link_id,
        **changes,
    )


def ended(payment: Payment, status: Status) -> Payment:
    """How a payment ended, as its next version."""
    is_paid = status is Status.SUCCESSFUL
    attempt = replace(ATTEMPT, status=AttemptStatus.PAID if is_paid else AttemptStatus.DECLINED)
    return replace(
        payment,
        status=status,
        version=payment.version + 1,
        attempts=(attempt,),
        paid_at=NOW if is_paid else None,
    )


def uses(links: Links) -> int:
    return as_it_stands(links).uses


def as_it_stands(links: Links) -> Link:
    stored = links.get(LINK.link_id)
    assert stored is not None
    return stored


def reservations(client: "DynamoDBClient") -> list[dict[str, Any]]:
    found = [from_item(item) for item in client.scan(TableName="Merchants")["Items"]]
    return [item for item in found if item["sk"].startswith("USE#")]


# -------------------------------------------------------------------- links
@pytest.mark.parametrize("link", [LINK, ONE_OFF, FULL, replace(LINK, money=None)])
def test_a_link_is_read_as_it_was_made(links: Links, link: Link) -> None:
    assert links.get(link.link_id) is None
    assert links.create(link) == link
    assert links.get(link.link_id) == link
    assert links.at(link.slug) == link


def test_a_slug_leads_to_one_link_of_the_whole_deployment(links: Links) -> None:
    links.create(LINK)
    stranger = replace(LINK, link_id="lnk_stranger0000", merchant_id="mer_stranger", mode=Mode.TEST)
    with pytest.raises(SlugTaken):
        links.create(stranger)
    assert links.get(stranger.link_id) is None
    assert links.at(LINK.slug) == LINK


def test_the_same_link_again_is_the_one_that_stands(links: Links) -> None:
    links.create(LINK)
    links.deactivate(LINK.link_id, LINK.merchant_id, LINK.mode)
    again = links.create(replace(LINK, created_at=LATER))
    assert again == replace(LINK, active=False)


def test_the_same_id_with_another_slug_takes_no_second_slug(links: Links) -> None:
    links.create(LINK)
    assert links.create(replace(LINK, slug="another")) == LINK
    assert links.at("another") is None


def test_a_lost_reply_to_a_creation_is_no_taken_slug(
    dynamodb: "DynamoDBClient", merchants_table: str
) -> None:
    unreliable = Links(cast("DynamoDBClient", LosesTransactionReplies(dynamodb)), merchants_table)
    assert unreliable.create(LINK) == LINK


def test_an_unknown_slug_leads_nowhere(links: Links) -> None:
    assert links.at("nobodys") is None


@pytest.mark.parametrize(
    ("merchant_id", "mode"), [("mer_stranger", Mode.LIVE), (LINK.merchant_id, Mode.TEST)]
)
def test_nobody_else_closes_a_link(links: Links, merchant_id: str, mode: Mode) -> None:
    links.create(LINK)
    assert links.deactivate(LINK.link_id, merchant_id, mode) is None
    assert links.get(LINK.link_id) == LINK


def test_what_is_not_there_is_not_closed_into_being(links: Links) -> None:
    assert links.deactivate(LINK.link_id, LINK.merchant_id, LINK.mode) is None
    assert links.get(LINK.link_id) is None


def test_a_list_is_one_merchants_in_one_mode_newest_first(links: Links) -> None:
    made = [
        replace(LINK, link_id=f"lnk_00000000000{n}", slug=f"fee-{n}", created_at=NOW + timedelta(n))
        for n in range(5)
    ]
    for link in made:
        links.create(link)
    links.create(replace(LINK, mode=Mode.TEST, link_id="lnk_test00000000", slug="test"))
    links.create(replace(LINK, merchant_id="mer_b", link_id="lnk_b00000000000", slug="bbb"))
    first, place = links.page(LINK.merchant_id, LINK.mode, size=3)
    assert first == made[:1:-1]
    rest, end = links.page(LINK.merchant_id, LINK.mode, after=place, size=3)
    assert rest == made[1::-1]
    assert end is None


def test_a_last_page_that_is_full_says_that_it_is_the_last(links: Links) -> None:
    links.create(LINK)
    assert links.page(LINK.merchant_id, LINK.mode, size=1) == ([LINK], None)


# -------------------------------------------------------------------- their payments
def test_a_link_that_everyone_may_pay_counts_nothing(
    links: Links, link_payments: LinkPayments, payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    links.create(LINK)
    for number in range(3):
        opened = link_payments.open(LINK, by_link(number), NOW)
        assert payments.get(opened.session_id) == opened == by_link(number)
    assert uses(links) == 0
    assert reservations(dynamodb) == []


def test_each_payment_takes_one_use(
    links: Links, link_payments: LinkPayments, dynamodb: "DynamoDBClient"
) -> None:
    capped = replace(LINK, max_uses=3)
    links.create(capped)
    for number in range(2):
        link_payments.open(capped, by_link(number), NOW)
    assert uses(links) == 2
    assert {use["session_id"] for use in reservations(dynamodb)} == {
        by_link(number).session_id for number in range(2)
    }


@pytest.mark.parametrize("link", [LINK, ONE_OFF])
def test_a_form_sent_again_finds_its_payment_and_takes_no_second_use(
    links: Links, link_payments: LinkPayments, payments: Payments, link: Link
) -> None:
    links.create(link)
    link_payments.open(link, by_link(1), NOW)
    went_on = ended(by_link(1), Status.SUCCESSFUL)
    payments.save(went_on, News.STATUS)
    again = link_payments.open(link, by_link(1, created_at=LATER), NOW)
    assert (again.status, again.created_at) == (Status.SUCCESSFUL, NOW)
    assert uses(links) == (1 if link.max_uses else 0)


@pytest.mark.parametrize("link", [LINK, ONE_OFF])
def test_a_lost_reply_takes_no_second_use(
    links: Links,
    dynamodb: "DynamoDBClient",
    payments_table: str,
    merchants_table: str,
    link: Link,
) -> None:
    links.create(link)
    client = cast("DynamoDBClient", LosesTransactionReplies(dynamodb))
    unreliable = LinkPayments(client, payments_table, merchants_table)
    assert unreliable.open(link, by_link(1), NOW) == by_link(1)
    assert uses(links) == (1 if link.max_uses else 0)


@pytest.mark.parametrize("link", [LINK, ONE_OFF])
def test_a_reference_that_the_merchant_used_otherwise_is_nobodys_form(
    links: Links, link_payments: LinkPayments, payments: Payments, link: Link
) -> None:
    links.create(link)
    payments.open(replace(by_link(1), link_id=None))
    with pytest.raises(DuplicateReference):
        link_payments.open(link, by_link(1), NOW)
    assert uses(links) == 0


def test_while_a_payment_is_open_it_keeps_its_use(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    with pytest.raises(LinkClosed) as closed:
        link_payments.open(ONE_OFF, by_link(2), NOW)
    assert closed.value.standing is Standing.IN_USE
    assert payments.get(by_link(2).session_id) is None
    assert uses(links) == 1


def test_a_live_attempt_keeps_its_use_past_the_payments_end(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    payments.save(replace(by_link(1), version=2, attempts=(ATTEMPT,)), News.ATTEMPT)
    with pytest.raises(LinkClosed) as closed:
        link_payments.open(ONE_OFF, by_link(2), LATER + timedelta(days=1))
    assert closed.value.standing is Standing.IN_USE


@pytest.mark.parametrize("status", [Status.FAILED, Status.CANCELLED, Status.EXPIRED])
def test_a_payment_that_ended_without_money_gives_its_use_back(
    links: Links,
    link_payments: LinkPayments,
    payments: Payments,
    dynamodb: "DynamoDBClient",
    status: Status,
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    payments.save(ended(by_link(1), status), News.STATUS)
    assert link_payments.open(ONE_OFF, by_link(2), NOW) == by_link(2)
    assert uses(links) == 1
    assert [use["session_id"] for use in reservations(dynamodb)] == [by_link(2).session_id]


def test_money_that_may_still_move_keeps_its_use_whatever_the_status(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    odd = replace(by_link(1), status=Status.FAILED, version=2, attempts=(ATTEMPT,))
    payments.save(odd, News.ATTEMPT)
    assert link_payments.make_room(ONE_OFF, NOW) is Standing.IN_USE


def test_late_money_counts_no_use_twice(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    failed = ended(by_link(1), Status.FAILED)
    payments.save(failed, News.STATUS)
    link_payments.open(ONE_OFF, by_link(2), NOW)
    payments.save(ended(failed, Status.SUCCESSFUL), News.STATUS)
    payments.save(ended(by_link(2), Status.SUCCESSFUL), News.STATUS)
    assert link_payments.make_room(ONE_OFF, NOW) is Standing.USED_UP
    assert uses(links) == 1


def test_a_payment_that_ran_out_of_time_gives_its_use_back_before_any_sweep(
    links: Links, link_payments: LinkPayments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    with pytest.raises(LinkClosed):
        link_payments.open(ONE_OFF, by_link(2), LATER - timedelta(seconds=1))
    assert link_payments.open(ONE_OFF, by_link(2), LATER) == by_link(2)


def test_what_was_paid_is_used_up_for_good(
    links: Links, link_payments: LinkPayments, payments: Payments, dynamodb: "DynamoDBClient"
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    paid = ended(by_link(1), Status.SUCCESSFUL)
    payments.save(paid, News.STATUS)
    for _ in range(2):
        with pytest.raises(LinkClosed) as closed:
            link_payments.open(as_it_stands(links), by_link(2), NOW)
        assert closed.value.standing is Standing.USED_UP
    assert reservations(dynamodb) == []
    payments.save(replace(paid, status=Status.REFUNDED, version=3), News.STATUS)
    with pytest.raises(LinkClosed):
        link_payments.open(as_it_stands(links), by_link(3), NOW)
    assert uses(links) == 1


def test_no_reservation_left_is_no_proof_that_every_use_is_spent(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    payments.save(ended(by_link(1), Status.FAILED), News.STATUS)
    as_read_before = replace(ONE_OFF, uses=1)
    # Another was quicker, and nobody has taken the use yet.
    assert link_payments.make_room(as_read_before, NOW) is Standing.OPEN
    assert link_payments.make_room(as_read_before, NOW) is Standing.IN_USE


def test_a_link_whose_uses_are_all_spent_is_looked_at_no_more(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    payments.save(ended(by_link(1), Status.SUCCESSFUL), News.STATUS)
    link_payments.make_room(ONE_OFF, NOW)
    spent = as_it_stands(links)
    assert spent == replace(ONE_OFF, uses=1, spent=1)
    blind = replace(link_payments, client=cast("DynamoDBClient", None))
    assert blind.make_room(spent, NOW) is Standing.USED_UP


def test_a_look_is_bounded_and_the_next_goes_on(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    many = MOST_LOOKED_AT + 1
    capped = replace(LINK, max_uses=many)
    links.create(capped)
    for number in range(many):
        link_payments.open(capped, by_link(number, created_at=NOW + timedelta(seconds=number)), NOW)
    for number in range(many - 1):
        payment = payments.get(by_link(number).session_id)
        assert payment is not None
        payments.save(ended(payment, Status.SUCCESSFUL), News.STATUS)
    last = payments.get(by_link(many - 1).session_id)
    assert last is not None
    payments.save(ended(last, Status.FAILED), News.STATUS)
    assert link_payments.make_room(capped, NOW) is Standing.IN_USE
    assert link_payments.make_room(capped, NOW) is Standing.OPEN
    assert uses(links) == many - 1


@pytest.mark.parametrize(
    ("closed", "standing"),
    [
        (replace(LINK, active=False), Standing.DEACTIVATED),
        (replace(LINK, expires_at=NOW), Standing.EXPIRED),
    ],
)
def test_a_closed_link_opens_nothing_but_what_it_opened_before(
    links: Links, link_payments: LinkPayments, closed: Link, standing: Standing
) -> None:
    links.create(LINK)
    link_payments.open(LINK, by_link(1), NOW)
    assert link_payments.open(closed, by_link(1), NOW) == by_link(1)
    with pytest.raises(LinkClosed) as refused:
        link_payments.open(closed, by_link(2), NOW)
    assert refused.value.standing is standing


def test_a_link_closed_meanwhile_gives_no_use(
    links: Links, link_payments: LinkPayments, payments: Payments
) -> None:
    links.create(ONE_OFF)
    links.deactivate(LINK.link_id, LINK.merchant_id, LINK.mode)
    with pytest.raises(LinkClosed):
        link_payments.open(ONE_OFF, by_link(1), NOW)
    assert payments.get(by_link(1).session_id) is None
    assert uses(links) == 0


def test_what_cannot_be_read_now_keeps_its_use(
    links: Links,
    link_payments: LinkPayments,
    payments: Payments,
    dynamodb: "DynamoDBClient",
) -> None:
    class Throttled(LosesReplies):
        def batch_get_item(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
            return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    links.create(ONE_OFF)
    link_payments.open(ONE_OFF, by_link(1), NOW)
    payments.save(ended(by_link(1), Status.FAILED), News.STATUS)
    client = cast("DynamoDBClient", Throttled(dynamodb))
    throttled = replace(link_payments, client=client)
    assert throttled.make_room(ONE_OFF, NOW) is Standing.IN_USE
    assert uses(links) == 1


def test_moments_of_a_link_are_kept_to_the_second(links: Links) -> None:
    links.create(replace(LINK, created_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=NOW.tzinfo)))
    stored = links.get(LINK.link_id)
    assert stored is not None
    assert stored.created_at.microsecond == 0

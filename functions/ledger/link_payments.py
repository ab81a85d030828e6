"""Payments by a link: each takes one of the link's uses, where those are counted.

A use is taken together with the payment, in one transaction, and kept as a reservation until it
is decided: a payment that brought money keeps its use for good, one that ended without gives it
back. Nobody decides in advance: whoever finds the link used up looks at the oldest reservations
first (`make_room`). A payment that is open keeps its use, since money may still come.

Late money may exceed the cap: a payment that failed or expired gave its use back, and may still
turn successful (DESIGN.md, 7) after somebody else paid with that use. Both are then real money,
and the merchant hears of both.
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ledger.all_or_nothing import write_all
from ledger.attributes import from_item, to_item
from ledger.link_items import USE, link_key, use_item
from ledger.payments import MovedOn, Payments, key, opening_of, read
from payments.errors import DuplicateReference, LinkClosed
from payments.link import CLOSED_FOR_GOOD, Link, Standing
from payments.payment import Payment
from payments.status import Status

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import TransactWriteItemTypeDef

# With the link itself within DynamoDB's 100 writes of a transaction and 100 reads of a batch. The
# next look goes on, since what was decided is no longer in the way.
MOST_LOOKED_AT = 50
UNPAID = frozenset({Status.FAILED, Status.CANCELLED, Status.EXPIRED})


@dataclass(frozen=True, slots=True)
class Reservation:
    """A use that is taken, by its key, and the payment that took it."""

    sk: str
    payment: Payment | None
    """None when it could not be read now: then it keeps its use."""

    @property
    def is_paid(self) -> bool:
        """Whether the use is spent for good."""
        return self.payment is not None and self.payment.paid_at is not None

    def is_free(self, now: datetime) -> bool:
        """Whether the payment ended without money, so that the use is to be had again."""
        return (
            self.payment is not None
            and not self.is_paid
            and self.payment.live_attempt is None
            and self.payment.status_at(now) in UNPAID
        )


@dataclass(frozen=True, slots=True)
class LinkPayments:
    """What is paid by links, in both tables."""

    client: "DynamoDBClient"
    payments_table: str
    merchants_table: str

    def open(self, link: Link, payment: Payment, now: datetime) -> Payment:
        """Write a payment by its link, and answer with how it stands.

        The same form sent again finds the payment that it opened, and takes no second use.
        Raises LinkClosed, with the standing, when no use is left, and DuplicateReference when the
        merchant used the payment's reference otherwise.
        """
        standing = link.standing_at(now)
        if standing in CLOSED_FOR_GOOD:
            return self._again(payment, standing)
        if link.max_uses is None:
            return self._put(payment)
        opened = self._take(link, payment)
        if opened is None:
            standing = self.make_room(link, now)
            if standing is Standing.OPEN:
                opened = self._take(link, payment)
                # If not, somebody else was quicker.
                standing = Standing.IN_USE
        return opened or self._again(payment, standing)

    def make_room(self, link: Link, now: datetime) -> Standing:
        """Decide the oldest reservations of a link that is used up; how it stands then.

        One query, one batch of reads, and a transaction when there was something to decide;
        nothing at all once every use is spent. That no reservation is left proves nothing: another
        may just have given a use back. Only uses that are spent say that it is over.
        """
        if link.spent == link.max_uses:
            return Standing.USED_UP
        reservations = list(self._reservations(link))
        free = [taken for taken in reservations if taken.is_free(now)]
        paid = [taken for taken in reservations if taken.is_paid]
        if free or paid:
            self._decide(link, free, paid)
        if free:
            return Standing.OPEN
        is_over = link.spent + len(paid) == link.max_uses
        return Standing.USED_UP if is_over else Standing.IN_USE

    def _again(self, payment: Payment, standing: Standing) -> Payment:
        """The payment that the same form opened while it could. Raises LinkClosed."""
        before = Payments(self.client, self.payments_table).get(payment.session_id)
        if before is None:
            raise LinkClosed(standing)
        return same_form(payment, before)

    def _put(self, payment: Payment) -> Payment:
        try:
            Payments(self.client, self.payments_table).open(payment)
        except MovedOn as taken:
            return same_form(payment, taken.current)
        return payment

    def _take(self, link: Link, payment: Payment) -> Payment | None:
        """Write the payment and take its use, both or neither; None when no use is left."""
        opening = opening_of(self.payments_table, payment, uuid.uuid4().hex)
        in_the_way = write_all(
            self.client, [{"Put": opening}, self._counting(link), self._reserving(payment)]
        )
        if in_the_way is None:
            return payment
        standing = in_the_way[0]
        return None if standing is None else same_form(payment, read(standing))

    def _counting(self, link: Link) -> "TransactWriteItemTypeDef":
        return {
            "Update": {
                "TableName": self.merchants_table,
                "Key": link_key(link.link_id),
                "UpdateExpression": "SET uses = uses + :one",
                "ConditionExpression": "active = :active AND uses < max_uses",
                "ExpressionAttributeValues": to_item({":one": 1, ":active": True}),
            }
        }

    def _reserving(self, payment: Payment) -> "TransactWriteItemTypeDef":
        return {"Put": {"TableName": self.merchants_table, "Item": use_item(payment)}}

    def _reservations(self, link: Link) -> Iterator[Reservation]:
        """The oldest uses that are undecided."""
        answer = self.client.query(
            TableName=self.merchants_table,
            KeyConditionExpression="pk = :link AND begins_with(sk, :use)",
            ExpressionAttributeValues=to_item({":link": f"LINK#{link.link_id}", ":use": USE}),
            ConsistentRead=True,
            Limit=MOST_LOOKED_AT,
        )
        taken = [from_item(item) for item in answer["Items"]]
        payments = {payment.session_id: payment for payment in self._payments(taken)}
        for use in taken:
            yield Reservation(use["sk"], payments.get(use["session_id"]))

    def _payments(self, taken: list[dict[str, Any]]) -> Iterator[Payment]:
        """The payments that took these uses; what DynamoDB leaves out now is read another time."""
        if not taken:
            return
        answer = self.client.batch_get_item(
            RequestItems={
                self.payments_table: {
                    "Keys": [to_item(key(use["session_id"])) for use in taken],
                    "ConsistentRead": True,
                }
            }
        )
        for item in answer["Responses"].get(self.payments_table, []):
            yield read(from_item(item))

    def _decide(self, link: Link, free: list[Reservation], paid: list[Reservation]) -> None:
        """Take decided reservations away: uses of the unpaid are given back, the others spent.

        When another was quicker with any of them nothing is written: theirs will do.
        """
        gone: list[TransactWriteItemTypeDef] = [
            {
                "Delete": {
                    "TableName": self.merchants_table,
                    "Key": to_item({"pk": f"LINK#{link.link_id}", "sk": taken.sk}),
                    "ConditionExpression": "attribute_exists(pk)",
                }
            }
            for taken in [*free, *paid]
        ]
        counts = {":free": len(free), ":paid": len(paid)}
        counting: TransactWriteItemTypeDef = {
            "Update": {
                "TableName": self.merchants_table,
                "Key": link_key(link.link_id),
                "UpdateExpression": "SET uses = uses - :free, spent = spent + :paid",
                "ExpressionAttributeValues": to_item(counts),
            }
        }
        write_all(self.client, [*gone, counting])


def same_form(payment: Payment, before: Payment) -> Payment:
    """The payment that this form opened before. Raises DuplicateReference for any other."""
    if before.link_id != payment.link_id:
        raise DuplicateReference
    return before

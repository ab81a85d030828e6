"""When each payment is to be looked at again: the sparse index `by_check`, in shards.

A payment is in the index while something may be left to do for it (settlement/next_look.py), from
its opening on. Whoever changes it sets the time; the sweep moves it on, and takes it away in the
end. An event that somebody sent by itself, a resend or a test, is in the index as well. It may lag
by moments, so what is due is read again before anything is done.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ledger import events, payments
from ledger.attributes import from_item, to_item
from ledger.check_times import SHARDS
from ledger.payments import News
from payments.clock import iso

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

    from ledger.events import Event
    from payments.payment import Payment

BY_CHECK = "by_check"


@dataclass(frozen=True, slots=True, order=True)
class Due:
    """Something that is to be looked at by now."""

    seen: str
    """Since when, as it is stored."""
    session_id: str
    sk: str

    @property
    def place(self) -> dict[str, str]:
        """The key of its item."""
        return {"pk": self.session_id, "sk": self.sk}

    @property
    def version_of_event(self) -> int | None:
        """The event that it is; None for a payment."""
        return events.version_of(self.sk)


class Checks:
    """What is in a deployment, by when it is to be looked at."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self._client = client
        self._table = table

    def due(self, now: datetime) -> Iterator[Due]:
        """What is due, the longest due first."""
        return heapq.merge(*(self._due_in(shard, now) for shard in SHARDS))

    def _due_in(self, shard: str, now: datetime) -> Iterator[Due]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=BY_CHECK,
            KeyConditionExpression="check_shard = :shard AND check_at <= :now",
            ExpressionAttributeValues=to_item({":shard": shard, ":now": iso(now)}),
        )
        for page in pages:
            for item in map(from_item, page["Items"]):
                yield Due(item["check_at"], item["pk"], item["sk"])

    def looked(
        self, payment: "Payment", seen: str, looked_at: datetime | None, then: datetime | None
    ) -> bool:
        """Say when to look again, None for never; False when the payment changed since.

        Then the time that stands is left alone: it is the change's own, or this look's, which is
        over, so that the next run looks again. `looked_at` is None when the look did not get
        all that it asked for.
        """
        facts = {"check_at": iso(then) if then else None}
        if looked_at:
            facts["looked_at"] = iso(looked_at)
        condition = "check_at = :seen AND version = :version"
        known = {":seen": seen, ":version": payment.version}
        return self._write(payments.key(payment.session_id), facts, condition, known)

    def looked_at_event(self, event: "Event", then: datetime | None) -> bool:
        """The same of an event that somebody sent; False when it was sent anew since."""
        place = events.key(event.payment_id, event.version)
        facts = {"check_at": iso(then) if then else None}
        return self._write(place, facts, "check_at = :seen", {":seen": event.check_at})

    def put_off(self, due: Due, then: datetime) -> bool:
        """Look later at what could not be looked at; False when its time was changed since."""
        facts = {"check_at": iso(then)}
        return self._write(due.place, facts, "check_at = :seen", {":seen": due.seen})

    def _write(
        self,
        place: Mapping[str, str],
        facts: Mapping[str, str | None],
        condition: str,
        known: Mapping[str, object],
    ) -> bool:
        """Write on a condition. The SDK's own second sending finds it done, and tells of False.

        Nobody decides by that: what was to be written stands.
        """
        present = [name for name, fact in facts.items() if fact is not None]
        absent = [name for name, fact in facts.items() if fact is None]
        changes = "SET news = :nothing" + "".join(f", {name} = :{name}" for name in present)
        if absent:
            changes += " REMOVE " + ", ".join(absent)
        try:
            self._client.update_item(
                TableName=self._table,
                Key=to_item(place),
                UpdateExpression=changes,
                ConditionExpression=condition,
                ExpressionAttributeValues=to_item(
                    {
                        **known,
                        **{f":{name}": facts[name] for name in present},
                        ":nothing": News.NOTHING.value,
                    }
                ),
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

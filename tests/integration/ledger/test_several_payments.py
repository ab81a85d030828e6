from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import pytest

from ledger.payments import Payments
from ledger.several_payments import MOST_CALLS, ReadingPutOff, several_payments
from payments.payment import Payment
from tests.examples import PAYMENT

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class Busy:
    """DynamoDB that reads one item a call, after so many calls that read none."""

    def __init__(self, client: "DynamoDBClient", table: str, calls_refused: int = 0) -> None:
        self._client: Any = client
        self._table = table
        self._calls_refused = calls_refused
        self.calls = 0

    def batch_get_item(self, **request: Any) -> Any:  # noqa: ANN401  # botocore's own
        self.calls += 1
        asked = request["RequestItems"][self._table]
        count = 0 if self.calls <= self._calls_refused else 1
        now, later = asked["Keys"][:count], asked["Keys"][count:]
        answer: Any = {"Responses": {}, "UnprocessedKeys": {}}
        if now:
            answer = self._client.batch_get_item(RequestItems={self._table: {**asked, "Keys": now}})
        if later:
            answer["UnprocessedKeys"] = {self._table: {**asked, "Keys": later}}
        return answer


def opened(payments: Payments, count: int) -> list[Payment]:
    made = [replace(PAYMENT, session_id=f"CHK-{n:016}", tx_ref=f"ORDER-{n}") for n in range(count)]
    assert all(payments.open(payment) for payment in made)
    return made


@pytest.fixture
def payments(dynamodb: "DynamoDBClient", payments_table: str) -> Payments:
    return Payments(dynamodb, payments_table)


def test_payments_are_read_in_the_order_asked_for(
    payments: Payments, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    made = opened(payments, 100)[::-1]
    sessions = [payment.session_id for payment in made]
    assert list(several_payments(dynamodb, payments_table, sessions)) == made


def test_what_is_gone_is_left_out(
    payments: Payments, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    (made,) = opened(payments, 1)
    sessions = ["CHK-GONE000000000000", made.session_id]
    assert list(several_payments(dynamodb, payments_table, sessions)) == [made]


def test_what_is_put_off_is_asked_for_again_after_ever_longer_pauses(
    payments: Payments, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    made = opened(payments, 4)
    busy, pauses = Busy(dynamodb, payments_table, calls_refused=2), list[float]()
    sessions = [payment.session_id for payment in made]
    client = cast("DynamoDBClient", busy)
    assert list(several_payments(client, payments_table, sessions, pauses.append)) == made
    assert busy.calls == 6
    assert pauses == sorted(set(pauses))
    assert len(pauses) == 5
    assert sum(pauses) < 10


def test_it_is_not_asked_for_without_end(
    payments: Payments, dynamodb: "DynamoDBClient", payments_table: str
) -> None:
    sessions = [payment.session_id for payment in opened(payments, 1)]
    busy = Busy(dynamodb, payments_table, calls_refused=1000)
    with pytest.raises(ReadingPutOff, match="later"):
        list(
            several_payments(cast("DynamoDBClient", busy), payments_table, sessions, lambda _: None)
        )
    assert busy.calls == MOST_CALLS

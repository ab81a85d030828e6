import pytest

from ledger.payments import News
from payments.payment import Payment
from payments.status import AttemptStatus, Status
from settlement.settle import news_of
from tests.examples import attempt, payment

LIVE = payment(attempt())
PAID = payment(attempt(status=AttemptStatus.PAID), status=Status.SUCCESSFUL)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LIVE, PAID),
        (LIVE, payment(attempt(status=AttemptStatus.DECLINED))),
        (LIVE, payment(attempt(status=AttemptStatus.REFUSED), status=Status.FAILED)),
        (payment(), payment(status=Status.FAILED)),
        (
            payment(attempt(status=AttemptStatus.DECLINED), status=Status.FAILED),
            payment(attempt(status=AttemptStatus.PAID), status=Status.SUCCESSFUL),
        ),
        (
            payment(*PAID.attempts, attempt(2, status=AttemptStatus.DECLINED), status=PAID.status),
            payment(*PAID.attempts, attempt(2, status=AttemptStatus.PAID), status=PAID.status),
        ),
    ],
)
def test_an_ending_is_passed_on(before: Payment, after: Payment) -> None:
    assert news_of(before, after) is News.STATUS


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LIVE, payment(attempt(status=AttemptStatus.ACCEPTED))),
        (LIVE, payment(attempt(times_not_found=1))),
        (LIVE, payment(attempt(needs_review="why"))),
        (PAID, PAID),
        (
            payment(attempt(status=AttemptStatus.DECLINED)),
            payment(attempt(status=AttemptStatus.DECLINED, needs_review="why")),
        ),
    ],
)
def test_what_ends_nothing_is_kept_to_ourselves(before: Payment, after: Payment) -> None:
    assert news_of(before, after) is News.NOTHING

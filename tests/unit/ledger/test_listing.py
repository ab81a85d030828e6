from datetime import UTC, datetime

from ledger.listing import EARLIEST, LATEST
from payments.clock import iso
from payments.period import first_moment, last_moment


def test_every_moment_that_can_be_asked_for_lies_between_the_ends() -> None:
    # DynamoDB refuses a stretch that ends before it begins.
    assert iso(first_moment("2000-01-01")) > EARLIEST
    assert iso(last_moment("9999-12-31")) == iso(datetime.max.replace(tzinfo=UTC)) < LATEST

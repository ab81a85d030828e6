from itertools import product

import pytest

from payments.status import Status
from settlement.transitions import ALLOWED, may_become

# DESIGN.md, 7, written out a second time: whoever changes one has to mean it.
MOVES = {
    ("pending", "successful"),
    ("pending", "failed"),
    ("pending", "cancelled"),
    ("pending", "expired"),
    ("failed", "successful"),
    ("cancelled", "successful"),
    ("expired", "successful"),
    ("successful", "refunded"),
    ("successful", "disputed"),
    ("disputed", "successful"),
    ("disputed", "refunded"),
}


@pytest.mark.parametrize(("now", "then"), list(product(Status, Status)))
def test_a_payment_moves_as_the_design_says_and_no_other_way(now: Status, then: Status) -> None:
    assert may_become(now, then) is ((now.value, then.value) in MOVES)


def test_every_status_is_in_the_table() -> None:
    assert set(ALLOWED) == set(Status)

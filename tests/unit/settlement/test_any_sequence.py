"""Whatever providers say, in whatever order, a payment keeps its promises."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from payments.payment import Attempt, Payment
from payments.report import Outcome, Report
from payments.status import AttemptStatus, SettledBy, Status
from settlement.judge import judge
from settlement.transitions import may_become
from tests.examples import ASKED, NOW, OTHER_SUM, attempt, payment, report

REPORTS = st.builds(
    report,
    st.sampled_from(Outcome),
    st.integers(1, 4),
    stated=st.sampled_from([None, ASKED, OTHER_SUM]),
    provider_ref=st.none() | st.text("AB", max_size=1),
)
BEGINNINGS = st.builds(
    payment,
    st.builds(attempt, st.just(1), decline_is_final=st.booleans()),
    st.builds(attempt, st.just(2), status=st.sampled_from([*AttemptStatus][3:])),
    st.builds(attempt, st.just(3), status=st.sampled_from([*AttemptStatus][3:])),
    status=st.sampled_from(
        [Status.PENDING, Status.FAILED, Status.CANCELLED, Status.EXPIRED, Status.REFUNDED]
    ),
)


def told(before: Payment, said: list[Report]) -> list[tuple[Payment, Report, Payment]]:
    steps = []
    now = NOW
    for word in said:
        now += timedelta(minutes=2)
        after = judge(before, word, SettledBy.POLLING, now)
        if after is not None:
            steps.append((before, word, after))
            before = after
    return steps


@given(BEGINNINGS, st.lists(REPORTS, max_size=12))
def test_a_status_only_moves_by_the_table(start: Payment, said: list[Report]) -> None:
    for before, _, after in told(start, said):
        assert after.status is before.status or may_become(before.status, after.status)


@given(BEGINNINGS, st.lists(REPORTS, max_size=12))
def test_the_version_grows_by_one_with_each_change(start: Payment, said: list[Report]) -> None:
    for before, _, after in told(start, said):
        assert after.version == before.version + 1
        assert after != before


@given(BEGINNINGS, st.lists(REPORTS, max_size=12))
def test_money_comes_only_by_a_word_that_agreed(start: Payment, said: list[Report]) -> None:
    for before, word, after in told(start, said):
        news = {a.ref for a in paid(after)} - {a.ref for a in paid(before)}
        assert news in (set(), {word.attempt_ref})
        if news or after.status is not before.status is not Status.PENDING:
            assert word.outcome is Outcome.PAID
            assert word.stated in (None, ASKED)
        if after.status is Status.SUCCESSFUL:
            assert paid(after)
            assert after.paid_at
            assert after.transaction_id


@given(BEGINNINGS, st.lists(REPORTS, max_size=12))
def test_money_that_came_never_goes_again(start: Payment, said: list[Report]) -> None:
    for before, _, after in told(start, said):
        assert {a.ref for a in paid(before)} <= {a.ref for a in paid(after)}
        if before.paid_at:
            assert (after.paid_at, after.transaction_id) == (before.paid_at, before.transaction_id)


@given(BEGINNINGS, REPORTS)
def test_the_same_word_twice_is_quiet_unless_it_is_not_found(start: Payment, word: Report) -> None:
    after = judge(start, word, SettledBy.WEBHOOK, NOW)
    if after is not None and word.outcome is not Outcome.NOT_FOUND:
        assert judge(after, word, SettledBy.WEBHOOK, NOW) is None


def paid(of: Payment) -> list[Attempt]:
    return [a for a in of.attempts if a.status is AttemptStatus.PAID]

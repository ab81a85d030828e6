from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from payments.payment import MOST_TRIES, Payment
from payments.references import transaction_id
from payments.report import Outcome, Reason
from payments.status import LIVE, AttemptStatus, SettledBy, Status
from settlement.judge import (
    DISAGREES,
    NOT_FOUND_FOR,
    UNANSWERED,
    Decision,
    begin,
    cancel,
    decided,
    expire,
    give_up,
    judge,
    parked,
)
from tests.examples import (
    ASKED,
    ATTEMPT,
    NOW,
    OTHER_SUM,
    PAYMENT,
    SOON,
    attempt,
    payment,
    report,
)

ENDED = sorted(set(AttemptStatus) - LIVE)
GIVEN_UP = [Status.FAILED, Status.EXPIRED, Status.CANCELLED]
BY = SettledBy.WEBHOOK


def judged(before: Payment, outcome: Outcome, number: int = 1, **said: Any) -> Payment:  # noqa: ANN401  # any field of a report
    after = judge(before, report(outcome, number, **said), BY, SOON)
    assert after is not None
    return after


@pytest.mark.parametrize(
    ("status", "outcome", "then"),
    [
        (AttemptStatus.UNKNOWN, Outcome.PENDING, AttemptStatus.ACCEPTED),
        *((status, Outcome.PAID, AttemptStatus.PAID) for status in sorted(LIVE)),
        *((status, Outcome.DECLINED, AttemptStatus.DECLINED) for status in sorted(LIVE)),
        *((status, Outcome.REFUSED, AttemptStatus.REFUSED) for status in sorted(LIVE)),
        (AttemptStatus.UNKNOWN, Outcome.NOT_FOUND, AttemptStatus.UNKNOWN),
        (AttemptStatus.DECLINED, Outcome.PAID, AttemptStatus.PAID),
        (AttemptStatus.REFUSED, Outcome.PAID, AttemptStatus.PAID),
    ],
)
def test_a_word_that_says_something_new_changes_the_attempt(
    status: AttemptStatus, outcome: Outcome, then: AttemptStatus
) -> None:
    after = judged(payment(attempt(status=status)), outcome)
    assert after.attempts[0].status is then
    assert after.version == 2
    assert after.updated_at == SOON


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (AttemptStatus.ACCEPTED, Outcome.PENDING),
        (AttemptStatus.PAID, Outcome.PAID),
        *product(ENDED, sorted(set(Outcome) - {Outcome.PAID})),
    ],
)
def test_a_word_that_says_nothing_new_is_quiet(status: AttemptStatus, outcome: Outcome) -> None:
    assert judge(payment(attempt(status=status)), report(outcome), BY, SOON) is None


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_word_about_somebody_elses_attempt_is_quiet(outcome: Outcome) -> None:
    assert judge(payment(attempt()), report(outcome, 2), BY, SOON) is None


def test_a_paid_attempt_makes_the_payment_successful_and_says_by_whom() -> None:
    after = judged(payment(attempt()), Outcome.PAID, stated=ASKED, provider_ref="E1")
    assert after.status is Status.SUCCESSFUL
    assert after.paid_at == SOON
    assert after.transaction_id == transaction_id(ATTEMPT.ref, after.mode, SOON)
    assert (after.attempts[0].settled_by, after.attempts[0].ended_at) == (BY, SOON)
    assert after.attempts[0].provider_ref == "E1"


def test_a_provider_that_states_no_sum_is_believed() -> None:
    assert judged(payment(attempt()), Outcome.PAID).status is Status.SUCCESSFUL


@pytest.mark.parametrize("status", sorted(set(AttemptStatus) - {AttemptStatus.PAID}))
@pytest.mark.parametrize("stated", [OTHER_SUM, replace(ASKED, currency="USD")])
def test_a_sum_nobody_asked_for_is_never_a_payment(status: AttemptStatus, stated: object) -> None:
    before = payment(attempt(status=status))
    after = judged(before, Outcome.PAID, stated=stated)
    assert after.status is Status.PENDING
    assert after.attempts[0] == replace(before.attempts[0], needs_review=DISAGREES)
    assert judge(after, report(Outcome.PAID, stated=stated), BY, SOON) is None


@pytest.mark.parametrize("status", GIVEN_UP)
@pytest.mark.parametrize("ended", sorted(set(AttemptStatus) - {AttemptStatus.PAID}))
def test_late_money_lands(status: Status, ended: AttemptStatus) -> None:
    after = judged(payment(attempt(status=ended), status=status), Outcome.PAID)
    assert after.status is Status.SUCCESSFUL
    assert after.paid_at == SOON


@pytest.mark.parametrize("status", [Status.REFUNDED, Status.DISPUTED, Status.SUCCESSFUL])
def test_a_second_charge_is_kept_beside_and_moves_nothing(status: Status) -> None:
    once = attempt(status=AttemptStatus.PAID)
    before = payment(once, attempt(2), status=status, paid_at=NOW, transaction_id="PAY-LIVE-FIRST")
    after = judged(before, Outcome.PAID, 2)
    assert after.status is status
    assert (after.paid_at, after.transaction_id) == (NOW, "PAY-LIVE-FIRST")
    assert [a.status for a in after.attempts] == [AttemptStatus.PAID, AttemptStatus.PAID]
    assert after.paid_attempt == once


def test_money_for_a_refunded_payment_does_not_bring_it_back() -> None:
    after = judged(payment(attempt(), status=Status.REFUNDED), Outcome.PAID)
    assert after.status is Status.REFUNDED
    assert after.attempts[0].status is AttemptStatus.PAID


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.REFUSED])
def test_a_decline_leaves_room_for_another_try_on_our_own_page(outcome: Outcome) -> None:
    after = judged(payment(attempt(decline_is_final=False)), outcome)
    assert after.status is Status.PENDING
    assert after.live_attempt is None


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.REFUSED])
def test_a_decline_is_final_where_nobody_can_try_again(outcome: Outcome) -> None:
    after = judged(payment(attempt(decline_is_final=True)), outcome)
    assert after.status is Status.FAILED
    assert after.paid_at is None


def test_the_fifth_decline_fails_the_payment_and_the_fourth_does_not() -> None:
    tries = [attempt(n, status=AttemptStatus.DECLINED) for n in range(1, MOST_TRIES)]
    fourth = judged(payment(*tries[:-1], attempt(MOST_TRIES - 1)), Outcome.DECLINED, MOST_TRIES - 1)
    fifth = judged(payment(*tries, attempt(MOST_TRIES)), Outcome.DECLINED, MOST_TRIES)
    assert (fourth.status, fifth.status) == (Status.PENDING, Status.FAILED)


@pytest.mark.parametrize("status", GIVEN_UP)
def test_a_late_decline_does_not_rename_an_ending(status: Status) -> None:
    after = judged(payment(attempt(decline_is_final=True), status=status), Outcome.DECLINED)
    assert after.status is status


def test_a_decline_keeps_its_reason_and_without_one_is_just_declined() -> None:
    told = judged(payment(attempt()), Outcome.DECLINED, reason=Reason.INSUFFICIENT_FUNDS)
    untold = judged(payment(attempt()), Outcome.DECLINED)
    assert told.attempts[0].reason is Reason.INSUFFICIENT_FUNDS
    assert untold.attempts[0].reason is Reason.DECLINED


@pytest.mark.parametrize(
    ("times_before", "gone_by", "status"),
    [
        (0, NOT_FOUND_FOR * 10, AttemptStatus.UNKNOWN),
        (1, NOT_FOUND_FOR * 10, AttemptStatus.UNKNOWN),
        (2, NOT_FOUND_FOR - timedelta(seconds=1), AttemptStatus.UNKNOWN),
        (9, NOT_FOUND_FOR - timedelta(seconds=1), AttemptStatus.UNKNOWN),
        (2, NOT_FOUND_FOR, AttemptStatus.REFUSED),
    ],
)
def test_not_found_is_an_answer_only_the_third_time_and_after_five_minutes(
    times_before: int, gone_by: timedelta, status: AttemptStatus
) -> None:
    since = NOW if times_before else None
    before = payment(
        attempt(times_not_found=times_before, not_found_since=since, decline_is_final=True)
    )
    after = judge(before, report(Outcome.NOT_FOUND), SettledBy.POLLING, NOW + gone_by)
    assert after is not None
    assert after.attempts[0].status is status
    assert after.attempts[0].times_not_found == times_before + 1
    ended = status is AttemptStatus.REFUSED
    assert after.status is (Status.FAILED if ended else Status.PENDING)
    assert after.attempts[0].reason is (Reason.NEVER_ARRIVED if ended else None)


def test_an_attempt_that_was_accepted_did_arrive_whatever_is_not_found_later() -> None:
    accepted = payment(
        attempt(status=AttemptStatus.ACCEPTED, times_not_found=9, not_found_since=NOW)
    )
    assert judge(accepted, report(Outcome.NOT_FOUND), BY, NOW + NOT_FOUND_FOR * 9) is None


def test_what_a_provider_calls_an_attempt_is_kept_when_it_is_not_said_again() -> None:
    said: dict[str, Any] = {
        "provider_ref": "E1",
        "network_ref": "616",
        "next_url": "https://pay.example/",
    }
    heard = judged(payment(attempt()), Outcome.PENDING, **said)
    after = judged(heard, Outcome.PAID).attempts[0]
    assert (after.provider_ref, after.network_ref, after.next_url) == tuple(said.values())


def test_a_new_attempt_comes_last_and_is_a_new_version() -> None:
    first = attempt(status=AttemptStatus.DECLINED)
    after = begin(payment(first), attempt(2), SOON)
    assert after.attempts == (first, attempt(2))
    assert (after.version, after.updated_at, after.status) == (2, SOON, Status.PENDING)


def test_a_customer_who_goes_back_unpaid_fails_the_payment() -> None:
    after = give_up(payment(attempt(status=AttemptStatus.DECLINED)), SOON)
    assert after is not None
    assert (after.status, after.version) == (Status.FAILED, 2)


@pytest.mark.parametrize("status", sorted(LIVE))
def test_nobody_gives_up_while_money_may_still_move(status: AttemptStatus) -> None:
    assert give_up(payment(attempt(status=status)), SOON) is None


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING}))
def test_nobody_gives_up_what_has_ended(status: Status) -> None:
    assert give_up(payment(status=status), SOON) is None


def test_a_merchant_calls_off_what_nobody_is_paying() -> None:
    before = payment(attempt(status=AttemptStatus.DECLINED))
    after = cancel(before, SOON)
    assert after == replace(before, status=Status.CANCELLED, version=2, updated_at=SOON)


@pytest.mark.parametrize("status", sorted(LIVE))
def test_nobody_calls_off_while_money_may_still_move(status: AttemptStatus) -> None:
    before = payment(attempt(status=status))
    assert cancel(before, SOON) is None
    assert cancel(before, before.expires_at) is None


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING}))
def test_nobody_calls_off_what_has_ended(status: Status) -> None:
    assert cancel(payment(status=status), SOON) is None


def test_what_expired_by_the_clock_is_not_called_off() -> None:
    last = PAYMENT.expires_at - timedelta(seconds=1)
    assert cancel(PAYMENT, last) is not None
    assert cancel(PAYMENT, PAYMENT.expires_at) is None


def test_an_attempt_is_parked_once_for_each_cause() -> None:
    before = payment(attempt())
    once = parked(before, before.attempts[0], UNANSWERED, SOON)
    assert once is not None
    assert once.attempts[0].is_live
    assert parked(once, once.attempts[0], UNANSWERED, SOON) is None
    assert parked(once, once.attempts[0], DISAGREES, SOON) is not None


# -------------------------------------------------------------------- the hour is over
def test_what_nobody_paid_in_time_expires() -> None:
    before = payment(attempt(status=AttemptStatus.DECLINED))
    late = before.expires_at
    after = expire(before, late)
    assert after == replace(before, status=Status.EXPIRED, version=2, updated_at=late)
    assert expire(before, late - timedelta(seconds=1)) is None


@pytest.mark.parametrize("status", sorted(LIVE))
def test_nothing_expires_while_money_may_still_move(status: AttemptStatus) -> None:
    before = payment(attempt(status=status))
    assert expire(before, before.expires_at) is None


@pytest.mark.parametrize("status", sorted(set(Status) - {Status.PENDING}))
def test_what_has_ended_does_not_expire(status: Status) -> None:
    assert expire(payment(status=status), PAYMENT.expires_at) is None


# -------------------------------------------------------------------- a person's word
WORD = {"by": "arn:aws:iam::123456789012:user/aline", "because": "line 14"}
PAID_BY_WORD, UNPAID_BY_WORD = (Decision(is_paid=paid, **WORD) for paid in (True, False))


@pytest.mark.parametrize("decision", [PAID_BY_WORD, UNPAID_BY_WORD])
def test_a_persons_word_ends_what_is_open(decision: Decision) -> None:
    before = payment(attempt(needs_review="why", decline_is_final=True))
    after = decided(before, ATTEMPT.ref, decision, SOON)
    assert after is not None
    (one,) = after.attempts
    assert (one.settled_by, one.needs_review) == (SettledBy.PERSON, None)
    assert (one.decided_by, one.decided_because) == (decision.by, decision.because)
    assert (one.status is AttemptStatus.PAID) is decision.is_paid
    assert after.status is (Status.SUCCESSFUL if decision.is_paid else Status.FAILED)
    assert bool(after.paid_at and after.transaction_id) is decision.is_paid


@pytest.mark.parametrize("decision", [PAID_BY_WORD, UNPAID_BY_WORD])
@pytest.mark.parametrize("status", ENDED)
def test_a_persons_word_never_outweighs_what_is_settled(
    status: AttemptStatus, decision: Decision
) -> None:
    assert decided(payment(attempt(status=status)), ATTEMPT.ref, decision, SOON) is None


def test_a_persons_word_about_another_payment_changes_nothing() -> None:
    assert decided(payment(ATTEMPT), "000000000000000001", PAID_BY_WORD, SOON) is None


def test_doubtful_late_money_that_a_person_finds_is_late_money() -> None:
    doubtful = attempt(status=AttemptStatus.DECLINED, needs_review=DISAGREES)
    before = payment(doubtful, status=Status.FAILED)
    good = decided(before, ATTEMPT.ref, PAID_BY_WORD, SOON)
    none = decided(before, ATTEMPT.ref, UNPAID_BY_WORD, SOON)
    assert good is not None
    assert none is not None
    assert good.status is Status.SUCCESSFUL
    assert (none.status, none.attempts[0].status) == (Status.FAILED, AttemptStatus.DECLINED)
    assert none.attempts[0].needs_review is None


def test_the_providers_late_word_still_lands_after_a_persons() -> None:
    unpaid = decided(payment(ATTEMPT), ATTEMPT.ref, UNPAID_BY_WORD, SOON)
    assert unpaid is not None
    assert judged(unpaid, Outcome.PAID).status is Status.SUCCESSFUL

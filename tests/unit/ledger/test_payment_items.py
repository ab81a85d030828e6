"""A payment comes back from its item as it went in, whatever it holds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ledger.attributes import from_item, to_item
from ledger.payment_items import from_record, standing, terms
from payments.event_types import EventType
from payments.mode import Mode
from payments.money import EXPONENTS, Money
from payments.payment import Attempt, Customer, Method, Owed, Payment
from payments.phone import Network
from payments.references import BASE36, attempt_ref
from payments.report import Reason
from payments.status import AttemptStatus, SettledBy, Status

TEXT = st.text(max_size=20)
MOMENTS = st.integers(0, 10**9).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
SESSION_IDS = st.text(BASE36, min_size=16, max_size=16).map("CHK-{}".format)


def attempts(session_id: str) -> st.SearchStrategy[tuple[Attempt, ...]]:
    return st.integers(0, 12).flatmap(
        lambda many: st.tuples(*(one(session_id, number) for number in range(1, many + 1)))
    )


def one(session_id: str, number: int) -> st.SearchStrategy[Attempt]:
    return st.builds(
        Attempt,
        ref=st.just(attempt_ref(session_id, number)),
        number=st.just(number),
        provider=TEXT,
        method=st.sampled_from(Method),
        phone=st.none() | TEXT,
        network=st.none() | st.sampled_from(Network),
        payer_name=TEXT,
        payer_email=TEXT,
        status=st.sampled_from(AttemptStatus),
        started_at=MOMENTS,
        token_hash=TEXT,
        decline_is_final=st.booleans(),
        ended_at=st.none() | MOMENTS,
        provider_ref=st.none() | TEXT,
        network_ref=st.none() | TEXT,
        next_url=st.none() | TEXT,
        reason=st.none() | st.sampled_from(Reason),
        settled_by=st.none() | st.sampled_from(SettledBy),
        times_not_found=st.integers(0, 1000),
        test_card=st.none() | TEXT,
        needs_review=st.none() | TEXT,
        decided_by=st.none() | TEXT,
        decided_because=st.none() | TEXT,
    )


def owed() -> st.SearchStrategy[tuple[Owed, ...]]:
    versions = st.lists(st.integers(1, 10**6), max_size=12, unique=True).map(sorted)
    return versions.flatmap(
        lambda all_of_them: st.tuples(
            *(st.builds(Owed, st.just(v), st.sampled_from(EventType), MOMENTS) for v in all_of_them)
        )
    )


def payments(session_id: str) -> st.SearchStrategy[Payment]:
    return st.builds(
        Payment,
        session_id=st.just(session_id),
        merchant_id=TEXT,
        mode=st.sampled_from(Mode),
        tx_ref=TEXT,
        money=st.builds(Money, st.integers(0, 10**15), st.sampled_from(sorted(EXPONENTS))),
        customer=st.builds(Customer, name=TEXT, email=TEXT, phone=TEXT),
        status=st.sampled_from(Status),
        version=st.integers(1, 10**9),
        created_at=MOMENTS,
        updated_at=MOMENTS,
        expires_at=MOMENTS,
        request_hash=TEXT,
        attempts=attempts(session_id),
        idempotency_hash=st.none() | TEXT,
        description=st.none() | TEXT,
        meta=st.none() | TEXT,
        redirect_url=st.none() | TEXT,
        webhook_url=st.none() | TEXT,
        paid_at=st.none() | MOMENTS,
        transaction_id=st.none() | TEXT,
        owed=owed(),
    )


@given(SESSION_IDS.flatmap(payments))
def test_every_fact_comes_back_as_it_went_in(payment: Payment) -> None:
    item = to_item({**terms(payment), **standing(payment)})
    assert from_record(payment.session_id, from_item(item)) == payment

"""A payment and its attempts, as tests need them: pass what the test is about, no more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from payments.link import Link, LinkType
from payments.mode import Mode
from payments.money import Money
from payments.payment import SESSION_LIFE, Attempt, Customer, Method, Payment
from payments.phone import Network
from payments.references import attempt_ref
from payments.report import Outcome, Report
from payments.status import AttemptStatus, Status

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
SESSION_ID = "CHK-0123456789ABCDEF"
ASKED = Money(5000, "RWF")
OTHER_SUM = Money(5001, "RWF")

PAYMENT = Payment(
    session_id=SESSION_ID,
    merchant_id="mer_abcdefghijkl",
    mode=Mode.LIVE,
    tx_ref="ORDER-1",
    money=ASKED,
    customer=Customer(name="Uwase Aline", email="aline@example.com", phone="0788123456"),
    status=Status.PENDING,
    version=1,
    created_at=NOW,
    updated_at=NOW,
    expires_at=NOW + SESSION_LIFE,
    request_hash="a" * 64,
)
ATTEMPT = Attempt(
    ref=attempt_ref(SESSION_ID, 1),
    number=1,
    provider="kpay",
    method=Method.MOBILE_MONEY,
    phone="0788123456",
    network=Network.MTN,
    payer_name="Uwase Aline",
    payer_email="aline@example.com",
    status=AttemptStatus.UNKNOWN,
    started_at=NOW,
    token_hash="b" * 64,
    decline_is_final=False,
)
LINK = Link(
    link_id="lnk_0123456789ab",
    slug="monthly-fee",
    merchant_id="mer_abcdefghijkl",
    mode=Mode.LIVE,
    name="Monthly fee",
    money=ASKED,
    currency="RWF",
    type=LinkType.MULTIPLE,
    created_at=NOW,
)


def attempt(number: int = 1, **changes: Any) -> Attempt:  # noqa: ANN401  # any field of an attempt
    """An attempt of PAYMENT."""
    own = {"ref": attempt_ref(SESSION_ID, number), "number": number, "try_number": number}
    return replace(ATTEMPT, **{**own, **changes})


def payment(*attempts: Attempt, **changes: Any) -> Payment:  # noqa: ANN401  # any field of a payment
    """PAYMENT, with these attempts."""
    return replace(PAYMENT, attempts=attempts, **changes)


def report(outcome: Outcome, number: int = 1, **said: Any) -> Report:  # noqa: ANN401  # any field of a report
    """A provider's word about an attempt of PAYMENT."""
    return Report(attempt_ref=attempt_ref(SESSION_ID, number), outcome=outcome, **said)

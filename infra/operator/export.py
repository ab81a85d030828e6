"""A merchant's payments as CSV: one row a payment, safe to open in a spreadsheet."""

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from infra.operator.deployment import Deployment
from infra.operator.refused import UnusableInput
from ledger.listing import Kind, Listing, owner_of
from ledger.several_payments import MOST_AT_ONCE, several_payments
from payments.clock import iso
from payments.mode import Mode
from payments.payment import Payment
from payments.status import Status

COLUMNS = (
    *("reference", "session_id", "status", "amount", "currency", "mode"),
    *("provider", "method", "provider_ref", "network_ref"),
    *("customer_name", "customer_email", "customer_phone"),
    *("link_id", "created_at", "paid_at", "transaction_id"),
)
# What a spreadsheet takes for the beginning of a formula (OWASP, "CSV Injection").
BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which payments are wanted."""

    merchant_id: str
    mode: Mode
    since: datetime
    until: datetime
    """This second counts too."""
    status: Status | None = None
    provider: str | None = None

    def takes(self, payment: Payment, now: datetime) -> bool:
        """Whether a payment is among them."""
        return self.status in (None, payment.status_at(now)) and self.provider in (
            None,
            payment.attempts[-1].provider if payment.attempts else "",
        )


def payments_wanted(deployment: Deployment, wanted: Wanted, now: datetime) -> Iterator[Payment]:
    """The payments, newest first, each as it stands when it is read.

    The index says which there are; the rest is read whole, since the index lags by moments and
    holds no customers. Raises UnknownMerchant, ReadingPutOff.
    """
    deployment.merchants.known(wanted.merchant_id)
    listing = Listing(deployment.dynamodb, deployment.payments_table)
    owner = owner_of(wanted.merchant_id, wanted.mode, Kind.PAYMENTS)
    place = None
    while True:
        records, place = listing.page(
            owner, since=wanted.since, until=wanted.until, after=place, size=MOST_AT_ONCE
        )
        sessions = [record["pk"] for record in records]
        if sessions:
            found = several_payments(deployment.dynamodb, deployment.payments_table, sessions)
            yield from (payment for payment in found if wanted.takes(payment, now))
        if place is None:
            return


def write_csv(out: TextIO, payments: Iterable[Payment], now: datetime) -> int:
    """Write the header and a row for each payment; how many there were."""
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    count = 0
    for payment in payments:
        writer.writerow([harmless(cell) for cell in row_of(payment, now)])
        count += 1
    return count


def row_of(payment: Payment, now: datetime) -> Sequence[str | None]:
    """A payment's cells; the attempt told of is the paid one, or else the last."""
    attempt = payment.paid_attempt or (payment.attempts[-1] if payment.attempts else None)
    told = {
        "reference": payment.tx_ref,
        "session_id": payment.session_id,
        "status": payment.status_at(now),
        "amount": str(payment.money.major),
        "currency": payment.money.currency,
        "mode": payment.mode,
        "provider": attempt.provider if attempt else None,
        "method": attempt.method if attempt else None,
        "provider_ref": attempt.provider_ref if attempt else None,
        "network_ref": attempt.network_ref if attempt else None,
        "customer_name": payment.customer.name,
        "customer_email": payment.customer.email,
        "customer_phone": payment.customer.phone,
        "link_id": payment.link_id,
        "created_at": iso(payment.created_at),
        "paid_at": iso(payment.paid_at) if payment.paid_at else None,
        "transaction_id": payment.transaction_id,
    }
    return [told[column] for column in COLUMNS]


def harmless(cell: str | None) -> str:
    """The cell's text, with an apostrophe before what a spreadsheet would run."""
    text = cell or ""
    return f"'{text}" if text.startswith(BEGINS_A_FORMULA) else text


@contextmanager
def whole_file(path: Path) -> Iterator[TextIO]:
    """A file that only its owner may read, in place once it is whole and never before.

    Raises UnusableInput when it cannot be written.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(f"{path} is a folder")
        number, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        part = Path(name)
        try:
            with os.fdopen(number, "w", encoding="utf-8", newline="") as out:
                yield out
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as broken:
        raise UnusableInput(f"{path} cannot be written: {broken}") from broken

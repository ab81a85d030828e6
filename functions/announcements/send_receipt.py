"""The outbox's second reader: a receipt by e-mail for each live payment that was paid.

It stands only where a sender was named (template.yaml). The stream repeats itself, so a receipt
that went out leaves a mark, which is looked for before another is sent. The mark is written after
the sending: a crash in between sends the receipt twice, which is harmless, where a mark written
before would lose it, which is a phone call. A mark that cannot be written is no reason to send
again, so it is only told; and one shard of the stream has one reader at a time, so no two of them
can both find no mark.

The receipt goes to the address that the payment was opened with. A payer's own words on the way
through change nothing: whoever knows a payment's page could else have it sent to anyone.
"""

from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from announcements.receipt import is_one_address, receipt_of
from ledger.attributes import from_item
from ledger.payments import read
from payments.mode import Mode
from payments.status import Status
from plumbing import wiring
from plumbing.observability import logger
from plumbing.settings import settings
from plumbing.stream import passing_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from payments.payment import Payment

# From a dispute a payment comes back as what it was: that receipt was sent.
UNPAID = frozenset({Status.PENDING, Status.FAILED, Status.CANCELLED, Status.EXPIRED})

# SES says no to this one mail, and would say so again. All else is tried again.
REFUSALS = frozenset(
    {"MessageRejected", "MailFromDomainNotVerifiedException", "BadRequestException"}
)


def consider(record: "Mapping[str, Any]") -> None:
    """Send the receipt that one change calls for, if any."""
    images = record["dynamodb"]
    before, after = (read(from_item(images[image])) for image in ("OldImage", "NewImage"))
    if not calls_for_receipt(before, after):
        return
    if not is_one_address(after.customer.email):
        pass_over(after, "UnusableAddress")
        return
    if not wiring.receipts().was_sent(after.session_id, after.version):
        send(after)


def calls_for_receipt(before: "Payment", after: "Payment") -> bool:
    """Whether real money came for a payment that had none."""
    is_paid = before.status in UNPAID and after.status is Status.SUCCESSFUL
    return is_paid and after.mode is Mode.LIVE


def send(payment: "Payment") -> None:
    """Send a payment's receipt and mark it as sent. Raises ClientError, BotoCoreError."""
    receipt = receipt_of(payment, wiring.merchant(payment.merchant_id).name)
    try:
        wiring.mail().send_email(
            FromEmailAddress=settings().receipt_sender,
            Destination={"ToAddresses": [payment.customer.email]},
            Content={
                "Simple": {
                    "Subject": {"Data": receipt.subject, "Charset": "UTF-8"},
                    "Body": {
                        "Text": {"Data": receipt.text, "Charset": "UTF-8"},
                        "Html": {"Data": receipt.html, "Charset": "UTF-8"},
                    },
                }
            },
        )
    except ClientError as refused:
        if code_of(refused) not in REFUSALS:
            raise
        pass_over(payment, code_of(refused))
        return
    mark(payment)


def mark(payment: "Payment") -> None:
    """Remember that a receipt went out."""
    try:
        wiring.receipts().note_sent(payment.session_id, payment.version, wiring.outside.clock())
    except (ClientError, BotoCoreError) as failed:
        logger.error(
            "receipt not marked",
            extra={"reference": payment.transaction_id, "error_type": type(failed).__name__},
        )


def pass_over(payment: "Payment", why: str) -> None:
    """Tell that no receipt goes out. SES's own words name addresses, so they are left out."""
    logger.warning(
        "receipt not sent", extra={"reference": payment.transaction_id, "error_type": why}
    )


def code_of(refused: "ClientError") -> str:
    """AWS's name for what happened."""
    return refused.response["Error"]["Code"]


handler = passing_on(consider)

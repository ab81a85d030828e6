"""The addresses that a customer meets on the way through a payment."""

from typing import TYPE_CHECKING

from payments.addresses import with_query

if TYPE_CHECKING:
    from payments.payment import Payment
    from payments.status import Status


def page_url(payment: "Payment", base_url: str) -> str:
    """Our page where the payment is paid, and where its ending is shown."""
    return f"{base_url}/checkout/{payment.session_id}"


def way_back(payment: "Payment", status: "Status", base_url: str) -> str:
    """Where the customer goes when it is over: the shop's address, or our own page.

    Seed 000's `reference`, `status` and `transaction_id` are merged into its query.
    """
    facts = [("reference", payment.tx_ref), ("status", status.value)]
    if payment.transaction_id:
        facts.append(("transaction_id", payment.transaction_id))
    return with_query(payment.redirect_url or page_url(payment, base_url), facts)

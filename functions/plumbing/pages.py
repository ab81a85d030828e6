"""The addresses that a customer meets on the way through a payment."""

from typing import TYPE_CHECKING

from payments.addresses import with_query

if TYPE_CHECKING:
    from payments.merchant import Merchant
    from payments.payment import Payment
    from payments.status import Status

BACK = "back"
"""Said by the address that a provider's page sends the customer back to. It chooses words alone."""


def page_url(payment: "Payment", base_url: str) -> str:
    """Our page where the payment is paid, and where its ending is shown."""
    return f"{base_url}/checkout/{payment.session_id}"


def return_url(payment: "Payment", base_url: str) -> str:
    """Where a provider's page sends the customer: our page, told where they come from."""
    return with_query(page_url(payment, base_url), [(BACK, "1")])


def logo_url(merchant: "Merchant", base_url: str) -> str | None:
    """The merchant's logo, if it has one."""
    if merchant.logo_digest is None:
        return None
    return f"{base_url}/logos/{merchant.merchant_id}/{merchant.logo_digest}"


def way_back(payment: "Payment", status: "Status", base_url: str) -> str:
    """Where the customer goes when it is over: the shop's address, or our own page.

    Seed 000's `reference`, `status` and `transaction_id` are merged into its query.
    """
    facts = [("reference", payment.tx_ref), ("status", status.value)]
    if payment.transaction_id:
        facts.append(("transaction_id", payment.transaction_id))
    return with_query(payment.redirect_url or page_url(payment, base_url), facts)

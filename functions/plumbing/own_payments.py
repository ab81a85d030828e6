"""The payment that a merchant means: by its session id, or by the tx_ref that the merchant chose.

A stranger's payment, and the merchant's own in the other mode, is not found.
"""

from typing import TYPE_CHECKING

from payments.errors import SessionNotFound
from payments.references import looks_like_session_id, may_be_tx_ref, session_id
from plumbing import wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from payments.merchant import ApiKey
    from payments.payment import Payment


def own_payment(reference: str, key: "ApiKey") -> "Payment":
    """Read the payment that the key's merchant means. Raises SessionNotFound."""
    for session in sessions_meant(reference, key):
        payment = wiring.payments().get(session)
        if payment is not None and belongs(payment, key):
            return payment
    raise SessionNotFound


def sessions_meant(reference: str, key: "ApiKey") -> "Iterator[str]":
    """The sessions that a reference may name: rarely two, as a tx_ref may look like a session."""
    if looks_like_session_id(reference):
        yield reference
    if may_be_tx_ref(reference):
        yield session_id(wiring.merchant(key.merchant_id).salt, key.mode, reference)


def belongs(payment: "Payment", key: "ApiKey") -> bool:
    """Whether a key speaks for the payment's merchant, in its mode."""
    return payment.merchant_id == key.merchant_id and payment.mode is key.mode

"""What events there are. No order is promised between them: each body bears a version."""

from enum import StrEnum


class EventType(StrEnum):
    """What happened to a payment, and the merchant's own rehearsal."""

    SUCCESSFUL = "payment.successful"
    FAILED = "payment.failed"
    CANCELLED = "payment.cancelled"
    EXPIRED = "payment.expired"
    REFUNDED = "payment.refunded"
    DISPUTED = "payment.disputed"
    DUPLICATE_CHARGE = "payment.duplicate_charge"
    """A payment was paid twice: one of the two is to be given back."""
    TEST = "webhook.test"
    """Nothing happened: the merchant asked for a message."""

"""When a payment is first looked at again, and in which shard of the index (ledger/checks.py)."""

from datetime import timedelta

from payments.payment import Payment

# Each partition of an index takes a thousand writes a second.
SHARDS = "01234567"
# By then the stream has passed a change on, and the watch has asked the provider eight times.
CHECKED_AFTER = timedelta(minutes=10)


def shard_of(session_id: str) -> str:
    """The shard of a payment: ids are as good as random, and two digits fill all shards alike."""
    return SHARDS[int(session_id[-2:], 36) % len(SHARDS)]


def is_between_looks(payment: Payment) -> bool:
    """Whether the time that stands may lie too far ahead for news that nobody passes on.

    Within minutes of an attempt's beginning its own look is near; so the usual payment, which a
    webhook settles at once, costs no second write to the index.
    """
    attempts = payment.attempts
    return not attempts or payment.updated_at >= attempts[-1].started_at + CHECKED_AFTER

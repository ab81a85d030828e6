"""The allowed moves of a payment, and nothing else (DESIGN.md, 7)."""

from payments.status import Status

ALLOWED: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.SUCCESSFUL, Status.FAILED, Status.CANCELLED, Status.EXPIRED}),
    # Late money lands: the provider's proof outweighs what we had given up.
    Status.FAILED: frozenset({Status.SUCCESSFUL}),
    Status.CANCELLED: frozenset({Status.SUCCESSFUL}),
    Status.EXPIRED: frozenset({Status.SUCCESSFUL}),
    Status.SUCCESSFUL: frozenset({Status.REFUNDED, Status.DISPUTED}),
    Status.DISPUTED: frozenset({Status.SUCCESSFUL, Status.REFUNDED}),
    Status.REFUNDED: frozenset(),
}


def may_become(now: Status, then: Status) -> bool:
    """Tell whether a payment may move from one status to the other."""
    return then in ALLOWED[now]

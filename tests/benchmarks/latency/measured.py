"""How long merchants and customers waited: every payment of a run, by its provider."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Waited:
    """One payment."""

    provider: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Settling:
    """The whole run."""

    told: tuple[Waited, ...]
    """From the provider's sending of its webhook to the first arrival of ours at the merchant."""
    found_out: tuple[Waited, ...]
    """Where no webhook comes: from the customer's approval until `verify` says so."""
    made: int
    """Payments whose provider was to send a webhook."""
    made_silently: int
    """Payments whose provider was to send none."""
    rate: float
    """Payments a second of the first kind."""
    troubles: tuple[str, ...]
    """What went otherwise than it should."""

"""What a merchant may ask for: by the mode of the keys, the routes, and the deployment's rates."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plumbing.settings import settings
from providers.registry import REGISTRY
from providers.routing import currencies_of, routes_in

if TYPE_CHECKING:
    from payments.limits import Rates
    from payments.merchant import Merchant
    from payments.mode import Mode


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a request may ask for, by who asks."""

    mode: "Mode"
    currencies: frozenset[str]
    """Those that some provider of the merchant takes."""
    rates: "Rates"
    loopback_allowed: bool = False
    currency_named: str = "RWF"
    """What the request's sum is read in; francs where it names no currency that there is."""


def terms_of(merchant: "Merchant", mode: "Mode") -> Terms:
    """What this merchant may ask for."""
    return Terms(
        mode=mode,
        currencies=currencies_of(routes_in(mode, merchant.routes), REGISTRY),
        rates=settings().rates,
        loopback_allowed=settings().loopback_allowed,
    )

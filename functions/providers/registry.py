"""Every provider that there is: a new one adds its files and a line here."""

from collections.abc import Mapping

from providers import dgspay, kpay, rwandapay, sandbox, vpay
from providers.port import Listing

REGISTRY: Mapping[str, Listing] = {
    "kpay": kpay.LISTING,
    "vpay": vpay.LISTING,
    "dgspay": dgspay.LISTING,
    "rwandapay": rwandapay.LISTING,
    "sandbox": sandbox.LISTING,
}

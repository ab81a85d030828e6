"""The registry of providers: opens one for a payment, with that merchant's credentials."""

from functools import cache
from typing import TYPE_CHECKING

import httpx

from payments.errors import MethodUnavailable
from payments.mode import Mode
from plumbing import wiring
from plumbing.settings import settings
from providers.kpay import Kpay, KpayCredentials
from providers.sandbox import Sandbox

if TYPE_CHECKING:
    from payments.payment import Method, Payment
    from providers.port import Provider

# A prompt is accepted within seconds; past this the outcome is unknown, and asked about.
# API Gateway itself gives up after 29 s.
PROVIDER_TIMEOUT = httpx.Timeout(20.0, connect=4.0)


def http() -> httpx.Client:
    """The way to the providers: no proxy from the environment, no redirects."""
    return client_over(wiring.outside.transport)


@cache
def client_over(transport: httpx.BaseTransport | None) -> httpx.Client:
    """The one client that goes this way, so that connections are kept."""
    return httpx.Client(
        transport=transport, timeout=PROVIDER_TIMEOUT, trust_env=False, follow_redirects=False
    )


def provider_for(payment: "Payment", method: "Method") -> str:
    """The name of the provider that this payment's method goes to.

    Raises MethodUnavailable when the merchant has none for it.
    """
    if payment.mode is Mode.TEST:
        return "sandbox"
    routes = wiring.merchant(payment.merchant_id).routes.get(method, ())
    if not routes:
        raise MethodUnavailable(method)
    return routes[0]


def open_provider(name: str, merchant_id: str) -> "Provider":
    """A provider, ready to be asked. Raises MethodUnavailable without credentials for it."""
    match name:
        case "sandbox":
            return Sandbox(http(), wiring.outside.clock)
        case "kpay":
            credentials = wiring.secrets().provider_credentials("kpay", merchant_id)
            return Kpay(http(), settings().kpay_base_url, KpayCredentials(**credentials))
        case _:
            raise MethodUnavailable(f"no provider is called {name}")

"""Where a payment finds its providers, each opened with that merchant's credentials."""

from functools import cache
from typing import TYPE_CHECKING

from payments.errors import MethodUnavailable
from plumbing import wiring
from plumbing.provider_health import ProviderHealth
from plumbing.settings import settings
from providers.port import Opening, Token
from providers.registry import REGISTRY
from providers.routing import Routes, Wish, able, routes_in

if TYPE_CHECKING:
    import httpx

    from payments.payment import Payment
    from providers.port import Provider

# A prompt is accepted within seconds; past this the outcome is unknown, and asked about.
# API Gateway itself gives up after 29 s.
PROVIDER_TIMEOUT = (4.0, 20.0, 20.0, 20.0)
"""Seconds to connect, read, write, and wait for a connection."""

health = ProviderHealth()
tokens: dict[str, Token] = {}


def http() -> "httpx.Client":
    """The way to the providers: no proxy from the environment, no redirects."""
    return client_over(wiring.outside.transport)


@cache
def client_over(transport: "httpx.BaseTransport | None") -> "httpx.Client":
    """The one client that goes this way, so that connections are kept."""
    import httpx  # noqa: PLC0415  # whoever only needs the routes does without it

    return httpx.Client(
        transport=transport, timeout=PROVIDER_TIMEOUT, trust_env=False, follow_redirects=False
    )


def routes_of(payment: "Payment") -> Routes:
    """The routes that a payment can take."""
    return routes_in(payment.mode, wiring.merchant(payment.merchant_id).routes)


def providers_for(payment: "Payment", wish: Wish) -> list[str]:
    """The providers to try, the ailing ones last. Raises MethodUnavailable when there is none."""
    names = able(wish, routes_of(payment), REGISTRY)
    if not names:
        raise MethodUnavailable(wish.method)
    return health.in_order(names, wiring.outside.clock())


def open_provider(name: str, merchant_id: str) -> "Provider":
    """A provider, ready to be asked. Raises MethodUnavailable without all its credentials."""
    listing = REGISTRY[name]
    credentials: dict[str, str] = {}
    if listing.credentials:
        credentials = wiring.secrets().provider_credentials(name, merchant_id)
    if any(asked.is_needed and asked.name not in credentials for asked in listing.credentials):
        raise MethodUnavailable(f"credentials for {name} are incomplete")
    opening = Opening(
        http=http(),
        base_url=settings().provider_base_urls.get(name, ""),
        credentials=credentials,
        clock=wiring.outside.clock,
        tokens=tokens,
    )
    return listing.open(opening)


def forget() -> None:
    """Forget tokens, ailments and connections: for tests, as `wiring.forget` is."""
    tokens.clear()
    health.forget()
    client_over.cache_clear()

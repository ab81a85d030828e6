"""A merchant's routes lead to providers that there are."""

from collections.abc import Iterator

from infra.operator.credentials import PROVIDERS
from infra.operator.doctor.finding import About, Finding
from payments.merchant import Merchant
from payments.payment import Method
from providers.registry import REGISTRY


def check_routes(merchant: Merchant) -> Iterator[Finding]:
    """Look at each provider of each method."""
    about = About("routes", merchant.merchant_id)
    set_them = f"Set the routes: `routes set {merchant.merchant_id} METHOD=PROVIDER …`."
    wrong = [
        fault
        for method, names in merchant.routes.items()
        for name in names
        if (fault := fault_of(method, name))
    ]
    if wrong:
        yield about.problem(f"{'; '.join(wrong)}.", set_them)
    elif not merchant.routes:
        yield about.warning("There are none, so nothing can be paid in live mode.", set_them)
    else:
        yield about.ok(
            "; ".join(
                f"{method} by {', '.join(names)}" for method, names in merchant.routes.items()
            )
            + "."
        )


def fault_of(method: str, provider: str) -> str | None:
    """What is wrong with a provider in the routes of a method."""
    if provider not in PROVIDERS:
        return f"{method} names {provider}, which is no provider"
    if method not in set(Method):
        return f"{method} is no method"
    if Method(method) not in REGISTRY[provider].offers:
        return f"{provider} takes no {method}"
    return None


def providers_of(merchant: Merchant) -> list[str]:
    """The providers of the routes that there are, each once."""
    named = dict.fromkeys(name for names in merchant.routes.values() for name in names)
    return [name for name in named if name in PROVIDERS]

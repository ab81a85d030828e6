"""Which providers can take a payment: by method, currency, sum, network and bank."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from payments.mode import Mode
from payments.money import Money
from payments.payment import Method
from payments.phone import Network
from providers.port import Listing, Offer

Routes = Mapping[str, tuple[str, ...]]
"""A merchant's configuration: method -> providers, in order of preference."""

TEST_ROUTES: Routes = dict.fromkeys(Method, ("sandbox",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How a customer wants to pay."""

    method: Method
    money: Money
    network: Network | None = None
    bank: str | None = None


def routes_in(mode: Mode, routes: Routes) -> Routes:
    """The routes of a mode: test mode always goes to the sandbox."""
    return TEST_ROUTES if mode is Mode.TEST else routes


def able(wish: Wish, routes: Routes, registry: Mapping[str, Listing]) -> list[str]:
    """The providers that can do as wished, in the merchant's order."""
    return [
        name
        for name in routes.get(wish.method, ())
        if name in registry and takes(registry[name].offers.get(wish.method), wish)
    ]


def takes(offer: Offer | None, wish: Wish) -> bool:
    """Whether an offer covers a wish; what the wish leaves open is covered."""
    if offer is None or wish.money.currency not in offer.currencies:
        return False
    most = offer.most.get(wish.money.currency)
    return (
        (most is None or wish.money.minor_units <= most)
        and (wish.network is None or wish.network in offer.networks)
        and (wish.bank is None or wish.bank in offer.banks)
    )


def methods_for(money: Money, routes: Routes, registry: Mapping[str, Listing]) -> list[Method]:
    """The methods by which this sum can be paid."""
    return [method for method in Method if able(Wish(method=method, money=money), routes, registry)]


def networks_for(money: Money, routes: Routes, registry: Mapping[str, Listing]) -> list[Network]:
    """The networks by whose wallets this sum can be paid."""
    wallet = Method.MOBILE_MONEY
    return [
        network
        for network in Network
        if able(Wish(method=wallet, money=money, network=network), routes, registry)
    ]


def banks_for(money: Money, routes: Routes, registry: Mapping[str, Listing]) -> list[str]:
    """The banks by which this sum can be paid."""
    names = able(Wish(method=Method.BANK, money=money), routes, registry)
    return sorted({bank for name in names for bank in registry[name].offers[Method.BANK].banks})


def currencies_of(routes: Routes, registry: Mapping[str, Listing]) -> frozenset[str]:
    """Every currency that some provider of these routes takes."""
    return frozenset(
        currency for offer in offers_of(routes, registry) for currency in offer.currencies
    )


def offers_of(routes: Routes, registry: Mapping[str, Listing]) -> Iterable[Offer]:
    """The offers behind these routes."""
    return (
        registry[name].offers[Method(method)]
        for method, names in routes.items()
        for name in names
        if method in set(Method) and name in registry and Method(method) in registry[name].offers
    )

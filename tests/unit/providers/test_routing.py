"""Which providers a payment can go to."""

from decimal import Decimal

import pytest

from payments.limits import limits
from payments.mode import Mode
from payments.money import Money
from payments.payment import Method
from payments.phone import Network
from providers.kpay import LISTING as KPAY
from providers.port import Listing, Offer
from providers.routing import Wish, able, banks_for, currencies_of, methods_for, routes_in

FRANCS = Money(5000, "RWF")
DOLLARS = Money(1250, "USD")
MTN_ALONE = Listing(
    offers={
        Method.MOBILE_MONEY: Offer(
            currencies=frozenset({"RWF"}),
            most={"RWF": 4_999},
            networks=frozenset({Network.MTN}),
        )
    },
    open=KPAY.open,
    credentials=(),
    signs=False,
    acknowledge=KPAY.acknowledge,
)
REGISTRY = {"kpay": KPAY, "small": MTN_ALONE}
ROUTES = {"mobile_money": ("small", "kpay"), "card": ("kpay",), "bank": ("kpay", "gone")}


def wish(money: Money = FRANCS, method: Method = Method.MOBILE_MONEY, **more: object) -> Wish:
    return Wish(method=method, money=money, **more)  # type: ignore[arg-type]  # any of its fields


def test_providers_come_in_the_merchants_order() -> None:
    small_sum = wish(Money(100, "RWF"))
    assert able(small_sum, ROUTES, REGISTRY) == ["small", "kpay"]
    assert able(small_sum, {"mobile_money": ("kpay", "small")}, REGISTRY) == ["kpay", "small"]


def test_a_sum_above_a_providers_limit_goes_to_the_next() -> None:
    assert able(wish(Money(4_999, "RWF")), ROUTES, REGISTRY) == ["small", "kpay"]
    assert able(wish(Money(5_000, "RWF")), ROUTES, REGISTRY) == ["kpay"]
    assert able(wish(Money(2_000_001, "RWF")), ROUTES, REGISTRY) == []


def test_a_network_that_a_provider_does_not_take_goes_to_the_next() -> None:
    assert able(wish(Money(100, "RWF"), network=Network.AIRTEL), ROUTES, REGISTRY) == ["kpay"]


def test_dollars_go_by_card_through_kpay_and_euros_nowhere() -> None:
    assert methods_for(DOLLARS, ROUTES, REGISTRY) == [Method.CARD]
    assert methods_for(Money(1250, "EUR"), ROUTES, REGISTRY) == []
    assert currencies_of(ROUTES, REGISTRY) == {"RWF", "USD"}


def test_a_bank_must_be_one_that_the_provider_knows() -> None:
    assert able(wish(method=Method.BANK, bank="040"), ROUTES, REGISTRY) == ["kpay"]
    assert able(wish(method=Method.BANK, bank="999"), ROUTES, REGISTRY) == []
    assert banks_for(FRANCS, ROUTES, REGISTRY) == ["040", "130"]


def test_a_route_to_nowhere_leads_nowhere() -> None:
    nowhere = {"mobile_money": ("gone",), "barter": ("kpay",), "card": ("small",)}
    assert methods_for(FRANCS, nowhere, REGISTRY) == []
    assert currencies_of(nowhere, REGISTRY) == frozenset()


def test_test_mode_goes_to_the_sandbox_whatever_the_routes() -> None:
    assert set(routes_in(Mode.TEST, ROUTES).values()) == {("sandbox",)}
    assert routes_in(Mode.LIVE, ROUTES) is ROUTES


@pytest.mark.parametrize(
    ("currency", "least", "most"),
    [("RWF", 100, 1_000_000), ("USD", 6, 68_966), ("EUR", 6, 60_607)],
)
def test_limits_are_those_of_the_franc_at_the_rate_in_the_customers_favour(
    currency: str, least: int, most: int
) -> None:
    rates = {"USD": Decimal(1450), "EUR": Decimal(1650)}
    assert limits(currency, rates) == (Money(least, currency), Money(most, currency))

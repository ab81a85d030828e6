"""How small and how large a payment may be: seed 000's limits, and their like elsewhere."""

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from payments.money import EXPONENTS, Money

LEAST_RWF = 100
MOST_RWF = 1_000_000

Rates = Mapping[str, Decimal]
"""Francs per major unit of each currency but the franc."""


def limits(currency: str, rates: Rates) -> tuple[Money, Money]:
    """The least and the most that may be asked for in a currency.

    [assume] In dollars and euros, seed 000's sums in francs at a configured rate, rounded in the
    customer's favour: the least down, the most up.
    """
    if currency == "RWF":
        return Money(LEAST_RWF, "RWF"), Money(MOST_RWF, "RWF")
    minor_per_franc = Decimal(10) ** EXPONENTS[currency] / rates[currency]
    least = (LEAST_RWF * minor_per_franc).to_integral_value(ROUND_FLOOR)
    most = (MOST_RWF * minor_per_franc).to_integral_value(ROUND_CEILING)
    return Money(int(least), currency), Money(int(most), currency)

"""Money: a whole number of minor units with its currency, never a float."""

from dataclasses import dataclass
from decimal import Decimal

from payments.errors import UnusableAmount

# Larger sums than anyone pays; it keeps "1e999999" from becoming a million digits.
MOST_DIGITS = 15

# ISO 4217 exponents: the franc has no minor unit.
EXPONENTS = {"RWF": 0, "USD": 2, "EUR": 2}


@dataclass(frozen=True, slots=True)
class Money:
    """`minor_units` of `currency`: 5000 RWF is (5000, "RWF"), 12.50 USD is (1250, "USD")."""

    minor_units: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal, currency: str) -> "Money":
        """Read an amount as people write it, in major units.

        Raises UnusableAmount for an unknown currency, for what is no number, and for an amount
        finer than the currency's smallest coin.
        """
        if currency not in EXPONENTS:
            raise UnusableAmount(f"{currency} is not a currency that we know")
        if not amount.is_finite() or amount.adjusted() >= MOST_DIGITS:
            raise UnusableAmount("This is not an amount of money")
        money = cls(int(amount.scaleb(EXPONENTS[currency])), currency)
        # Back in major units, since scaling rounds to 28 digits and comparing does not.
        if money.major != amount:
            raise UnusableAmount(f"{currency} has no coin that small")
        return money

    @property
    def major(self) -> Decimal:
        """The amount in major units."""
        return Decimal(self.minor_units).scaleb(-EXPONENTS[self.currency])

    @property
    def json_number(self) -> int | float:
        """The amount as the API's JSON carries it: 5000, or 12.5."""
        return float(self.major) if EXPONENTS[self.currency] else self.minor_units

    @property
    def written(self) -> str:
        """The amount as people read it: 5,000, or 12.50."""
        return f"{self.major:,.{EXPONENTS[self.currency]}f}"

    def __str__(self) -> str:
        return f"{self.written} {self.currency}"

"""What AWS asks for a unit of each thing: prices.json, with its sources."""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("prices.json")
MILLION = 1_000_000

Usage = Mapping[str, float]
"""How many units of each priced thing were used."""


@dataclass(frozen=True)
class Price:
    """The price of one thing."""

    line: str
    """Where it stands on the bill."""
    dollars: float
    per: int
    what: str
    source: str


@dataclass(frozen=True)
class Prices:
    """The prices of one region."""

    region: str
    read_on: str
    by_unit: Mapping[str, Price]

    def bill(self, usage: Usage, times: int = MILLION) -> dict[str, float]:
        """Dollars by line, for the usage so many times over. Raises KeyError for what has none."""
        lines: defaultdict[str, float] = defaultdict(float)
        for unit, amount in usage.items():
            price = self.by_unit[unit]
            lines[price.line] += amount * times * price.dollars / price.per
        return dict(lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of a bill, in order."""
        return tuple(dict.fromkeys(price.line for price in self.by_unit.values()))


def prices() -> Prices:
    """The prices as the file has them."""
    told = json.loads(FILE.read_text(encoding="utf-8"))
    return Prices(
        told["region"],
        told["read_on"],
        {unit: Price(**price) for unit, price in told["prices"].items()},
    )

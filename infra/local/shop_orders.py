"""What the demo shop sells, and what it remembers of a sale."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Product:
    """Something to sell; the price is in whole francs."""

    name: str
    about: str
    price: int


PRODUCTS = {
    "coffee": Product("Ikawa coffee, 1 kg", "Whole bean, washed, from Nyamasheke", 12_000),
    "basket": Product("Agaseke basket", "Woven by hand from sisal and sweetgrass", 25_000),
    "chilli": Product("Akabanga chilli oil", "One drop is enough", 2_500),
}


@dataclass(frozen=True)
class Choice:
    """What a visitor asked for, and by which of the shop's accounts it is paid."""

    product: Product
    mode: str
    through: str


@dataclass
class Order:
    """One purchase. `status` is what `verify` last said, and `verified` all that it said.

    `payment_url` is empty until the checkout has answered, and where it refused.
    """

    tx_ref: str
    product: str
    amount: int
    mode: str
    through: str
    customer: dict[str, str]
    session_id: str = ""
    payment_url: str = ""
    currency: str = "RWF"
    status: str = "pending"
    verified: dict[str, Any] = field(default_factory=dict)

    def opened(self, answer: dict[str, Any]) -> None:
        """Keep where the order is paid."""
        self.session_id = str(answer.get("session_id", ""))
        self.payment_url = str(answer["payment_url"])

    def heard(self, answer: dict[str, Any]) -> None:
        """Believe the API, save where it speaks of another sum than was asked for."""
        self.verified = answer
        self.status = str(answer.get("status", "pending"))
        if self.status == "successful" and answer.get("amount") != self.amount:
            self.status = "paid a wrong sum"

"""K-Pay's test cards (seeds 001 and 003): any three-digit CVV, any expiry in the future."""

from __future__ import annotations

import re
from datetime import UTC, datetime

TEST_CARDS = {
    "4111111111111111": "Visa",
    "4444333322221111": "Visa",
    "4035501000000008": "Visa",
    "4988438843884305": "Visa",
    "4000160000000004": "Visa",
    "5555444433331111": "Mastercard",
    "2222410740360010": "Mastercard",
    "5555555555554444": "Mastercard",
    "5101180000000007": "Mastercard",
    "2222400060000007": "Mastercard",
}
EXPIRY = re.compile(r"(0[1-9]|1[0-2])\s*/\s*(?:20)?(\d{2})")


def digits_of(number: str) -> str:
    """Strip a card number as it is printed of its spaces and dashes."""
    return re.sub(r"[\s-]", "", number)


def pays(number: str, *, expiry: str, cvv: str, now: float) -> bool:
    """Whether the bank says yes. `expiry` is MM/YY or MM/YYYY, `now` in Unix seconds."""
    return (
        digits_of(number) in TEST_CARDS
        and re.fullmatch(r"\d{3}", cvv.strip(), re.ASCII) is not None
        and _in_the_future(expiry, now)
    )


def _in_the_future(expiry: str, now: float) -> bool:
    found = EXPIRY.fullmatch(expiry.strip())
    today = datetime.fromtimestamp(now, UTC)
    # A card is good to the end of the month that it names.
    return found is not None and (2000 + int(found[2]), int(found[1])) >= (today.year, today.month)


def masked(number: str) -> str:
    """Keep the first six and last four digits: all of a card that a provider ever tells."""
    digits = digits_of(number)
    return f"{digits[:6]}******{digits[-4:]}"

"""Test mode's numbers, for the page that offers them."""

from payments.mode import Mode
from payments.phone import parse_phone
from providers.sandbox import MAGIC_NUMBERS

# providers/sandbox.py: 07X000000N, on any network.
FIRST = "078000000"


def magic_numbers(mode: Mode) -> list[tuple[str, str]]:
    """Each number, with the digit that chooses what happens; none where money moves."""
    if mode is not Mode.TEST:
        return []
    return [(parse_phone(FIRST + digit).national, digit) for digit in MAGIC_NUMBERS]

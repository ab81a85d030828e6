"""Phone numbers as Rwandans write them, and the wallet network behind each."""

import re
from dataclasses import dataclass
from enum import StrEnum

from payments.errors import PhoneFault, UnusablePhone

GOOD_NUMBERS = "Use an MTN number (078 or 079) or an Airtel number (072 or 073), as in 0788123456"


class Network(StrEnum):
    """The mobile-money networks of Rwanda."""

    MTN = "MTN"
    AIRTEL = "Airtel"


# 077 parses as valid (an old KtRN range) and 074/075 do not exist: only these carry a wallet.
NETWORKS = {"78": Network.MTN, "79": Network.MTN, "72": Network.AIRTEL, "73": Network.AIRTEL}

WRITTEN = re.compile(r"\+?[0-9][0-9 ().-]{6,22}", re.ASCII)
BETWEEN_DIGITS = str.maketrans("", "", " ().-")
# A country code, with or without the zero that only belongs where there is none. The tests hold
# it to phonenumbers, whose import would be a tenth of a cold start.
WALLET = re.compile(r"(?:(?:\+|00)?250)?0?(7[2389][0-9]{7})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Phone:
    """A Rwandan wallet number; each provider's adapter renders it in its own way."""

    subscriber: str
    """Nine digits without country code or leading zero: 788123456."""

    @property
    def national(self) -> str:
        """0788123456."""
        return f"0{self.subscriber}"

    @property
    def msisdn(self) -> str:
        """250788123456: country code, no plus."""
        return f"250{self.subscriber}"

    @property
    def network(self) -> Network:
        """The network that the prefix belongs to; a ported number may be with another."""
        return NETWORKS[self.subscriber[:2]]


def parse_phone(text: str) -> Phone:
    """Read 0788…, 788…, 250788…, +250 788 123 456. Raises UnusablePhone."""
    text = text.strip()
    if not WRITTEN.fullmatch(text):
        raise UnusablePhone(f"This is not a phone number. {GOOD_NUMBERS}", PhoneFault.UNREADABLE)
    wallet = WALLET.fullmatch(text.translate(BETWEEN_DIGITS))
    if not wallet:
        raise UnusablePhone(
            f"No Rwandan wallet has this number. {GOOD_NUMBERS}", PhoneFault.NO_WALLET
        )
    return Phone(wallet[1])

"""Issue, rotate and revoke a merchant's keys."""

import re
from datetime import datetime, timedelta

from infra.operator.deployment import Deployment
from infra.operator.refused import UnusableInput
from payments import keys
from payments.keys import KeyPair
from payments.mode import Mode

DURATION = re.compile(r"(?P<count>[0-9]{1,4})(?P<unit>[smhd])", re.ASCII)
UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


def issue(deployment: Deployment, merchant_id: str, mode: Mode, now: datetime) -> KeyPair:
    """Issue one more pair. Raises UnknownMerchant, TooManyActivePairs, MerchantContended."""
    pair = keys.mint(mode)
    deployment.merchants.issue(merchant_id, pair, now)
    return pair


def rotate(
    deployment: Deployment, merchant_id: str, mode: Mode, now: datetime, overlap: timedelta
) -> KeyPair:
    """Issue a pair in place of the others of its mode, which go on working for the overlap.

    Raises UnknownMerchant, TooManyActivePairs, MerchantContended.
    """
    pair = keys.mint(mode)
    deployment.merchants.rotate(merchant_id, pair, now, overlap)
    return pair


def revoke(deployment: Deployment, public_key: str, now: datetime) -> bool:
    """End a pair now. False if it had ended already. Raises UnusableInput, UnknownKey."""
    if keys.is_secret_key(public_key):
        raise UnusableInput("That is a secret key: name the pair by its public key, pk_…")
    if not keys.is_public_key(public_key):
        raise UnusableInput("That is no public key: look for a typing error")
    return deployment.merchants.revoke(public_key, now)


def read_duration(text: str) -> timedelta:
    """Read "24h", "90m", "30s", "7d" or "0". Raises UnusableInput."""
    if text == "0":
        return timedelta()
    form = DURATION.fullmatch(text)
    if form is None:
        raise UnusableInput(f"{text!r} is no length of time: write 24h, 90m, 7d or 0")
    return int(form["count"]) * UNITS[form["unit"]]

"""What K-Pay refuses before it prompts anybody (seeds 001 and 003), as its return codes."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.simulators.charges import Sale

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.datastructures import Headers

MISSING_AUTHENTICATION = 401
BAD_PASSWORD = 600
BAD_KEY = 601
MISSING_PARAMETER = 603
UNKNOWN_RETAILER = 604
RETAILER_NOT_ENABLED = 605
ERROR_PROCESSING = 606
REFID_USED = 608
UNKNOWN_METHOD = 609
UNKNOWN_INSTITUTION = 610

# Seed 003's table but for amount, which 001 requires; 001 has no bankid, which 003 requires.
REQUIRED = (
    *("msisdn", "email", "details", "refid", "amount", "cname", "cnumber", "pmethod"),
    *("retailerid", "returl", "redirecturl", "bankid"),
)
INSTITUTIONS = {
    "momo": {"63510", "63514"},
    "cc": {"000"},
    "smartcash": {"000"},
    "spenn": {"63502"},
    "bank": {"040", "130"},
}
CURRENCIES = {"RWF", "USD"}
CARD_LIMIT_RWF = 10_000_000
WALLET_LIMIT_RWF = 2_000_000


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What K-Pay gave its customer: Basic authentication, `Kpay-Key` and a retailer id."""

    username: str
    password: str
    api_key: str
    retailer_id: str


class Refused(Exception):
    """K-Pay said no; `code` is its return code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def check_caller(headers: Headers, known: Credentials) -> None:
    """Let a known caller pass. Raises Refused with 401, 600 or 601."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    key = headers.get("Kpay-Key")
    if scheme.lower() != "basic" or key is None:
        raise Refused(MISSING_AUTHENTICATION)
    if not hmac.compare_digest(_decoded(token), f"{known.username}:{known.password}".encode()):
        raise Refused(BAD_PASSWORD)
    if not hmac.compare_digest(key.encode(), known.api_key.encode()):
        raise Refused(BAD_KEY)


def _decoded(token: str) -> bytes:
    try:
        return base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        return b""


def sale_in(order: Mapping[str, Any], known: Credentials) -> Sale:
    """Read the sale that a pay request asks for. Raises Refused with 603, 604, 606, 609 or 610."""
    text = {name: _text(order.get(name)) for name in REQUIRED}
    if not all(text.values()) or not text["msisdn"].isdecimal():
        raise Refused(MISSING_PARAMETER)
    if text["retailerid"] != known.retailer_id:
        raise Refused(UNKNOWN_RETAILER)
    if text["pmethod"] not in INSTITUTIONS:
        raise Refused(UNKNOWN_METHOD)
    if text.pop("bankid") not in INSTITUTIONS[text["pmethod"]]:
        raise Refused(UNKNOWN_INSTITUTION)
    currency = str(order.get("currency") or "RWF")
    for unused in ("email", "cname", "cnumber", "amount"):
        del text[unused]
    return Sale(**text, amount=_amount(order, currency), currency=currency)


def _text(given: object) -> str:
    return "" if given is None else str(given).strip()


def _amount(order: Mapping[str, Any], currency: str) -> int | float:
    # No return code speaks of a limit, a fraction or a currency: 606 is a guess for all three.
    amount = order["amount"]
    card = order["pmethod"] in ("cc", "smartcash")
    limit = CARD_LIMIT_RWF if card else WALLET_LIMIT_RWF
    # "An integer" (seed 001) is said of francs; that dollars come with cents is a guess.
    numbers = (int,) if currency == "RWF" else (int, float)
    if type(amount) not in numbers or currency not in CURRENCIES:
        raise Refused(ERROR_PROCESSING)
    if not amount > 0 or round(amount, 2) != amount or (currency == "RWF" and amount > limit):
        raise Refused(ERROR_PROCESSING)
    return amount  # type: ignore[no-any-return]  # one of `numbers`, as found above

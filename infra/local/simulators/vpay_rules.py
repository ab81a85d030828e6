"""What V-Pay refuses before it prompts anybody (seed 002), as its error codes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from infra.local.simulators.vpay_charges import Sale

if TYPE_CHECKING:
    from collections.abc import Mapping

# Seed 002's table of error codes; the last three are guesses, since no code is documented for
# what they say.
ERRORS: Mapping[str, tuple[int, str]] = {
    "INVALID_KEY": (401, "API key is missing, expired, or does not match the environment."),
    "INVALID_PHONE": (400, "The phone number provided is not a valid MTN Rwanda number."),
    "INVALID_AMOUNT": (400, "Amount is below the minimum (100 RWF) or non-integer."),
    "DUPLICATE_REFERENCE": (409, "The reference ID has already been used."),
    "PAYMENT_TIMEOUT": (200, "Customer did not respond to the MoMo prompt within 3 minutes."),
    "INSUFFICIENT_FUNDS": (200, "Customer's mobile wallet has insufficient balance."),
    "NETWORK_ERROR": (502, "The mobile money network returned an error. Retry."),
    "RATE_LIMITED": (429, "Too many requests. See rate limits."),
    "MISSING_PARAMETER": (400, "A required parameter is missing or cannot be read."),
    "INVALID_METHOD": (400, "Payment method must be mtnrw, card, or all."),
    "TRANSACTION_NOT_FOUND": (404, "No transaction with this ID."),
}
LEAST_AMOUNT = 100
MOST_MESSAGE = 80
METHODS = ("mtnrw", "card", "all")
PHONE = re.compile(r"07[2389]\d{7}", re.ASCII)
MTN_PHONE = re.compile(r"07[89]\d{7}", re.ASCII)
REQUIRED = (
    *("payer_name", "payer_email", "payer_phone", "external_id", "payee_message"),
    *("payment_method", "currency"),
)


class Refused(Exception):
    """V-Pay said no; `code` is one of `ERRORS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    @property
    def answer(self) -> tuple[dict[str, str], int]:
        """The error object and its HTTP status."""
        status, message = ERRORS[self.code]
        return {"status": "error", "error_code": self.code, "message": message}, status


def sale_in(order: Mapping[str, Any]) -> Sale:
    """Read the sale that a pay request asks for, in the samples' names. Raises Refused."""
    text = {name: str(order.get(name) or "").strip() for name in REQUIRED}
    metadata = order.get("metadata") or {}
    if not all(text.values()) or not isinstance(metadata, dict):
        raise Refused("MISSING_PARAMETER")
    if len(text["payee_message"]) > MOST_MESSAGE:
        raise Refused("MISSING_PARAMETER")
    if text["payment_method"] not in METHODS:
        raise Refused("INVALID_METHOD")
    good = MTN_PHONE if text["payment_method"] == "mtnrw" else PHONE
    if not good.fullmatch(text["payer_phone"]):
        raise Refused("INVALID_PHONE")
    return Sale(
        refid=text["external_id"],
        amount=_amount(order, text["currency"]),
        currency=text["currency"],
        phone=text["payer_phone"],
        payer_name=text["payer_name"],
        method=text["payment_method"],
        message=text["payee_message"],
        callback_url=str(order.get("callback_url") or ""),
        metadata=metadata,
    )


def _amount(order: Mapping[str, Any], currency: str) -> int:
    amount = order.get("amount")
    # V-Pay would convert other currencies, at rates that it does not publish: not simulated.
    if not isinstance(amount, int) or isinstance(amount, bool) or currency != "RWF":
        raise Refused("INVALID_AMOUNT")
    if amount < LEAST_AMOUNT:
        raise Refused("INVALID_AMOUNT")
    return amount

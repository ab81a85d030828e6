"""What DGS-Pay refuses before it prompts anybody: seed 004's table, as its error codes.

The shape of a refusal, its HTTP statuses and the names of its fields are guesses: seed 004 shows
none, and public integrations show only `error_code`.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.local.simulators.dgspay_charges import Order
from infra.local.simulators.faults import Answer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import Headers

VALIDATION = "90"
AUTHENTICATION = "91"
NOT_FOUND = "92"
SERVER = "99"
HTTP_STATUSES = {VALIDATION: 400, AUTHENTICATION: 401, NOT_FOUND: 404, SERVER: 500}

WALLET = re.compile(r"7[2389]\d{7}", re.ASCII)
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
ADDRESS = re.compile(r"https?://\S+")
SOMETHING = re.compile(r".*\S.*", re.DOTALL)

# Seed 004's table of required parameters, but for `amount`, the only number.
RULES: Mapping[str, tuple[re.Pattern[str], str]] = {
    "currency": (re.compile("RWF"), "must be RWF"),
    "payment_type": (re.compile("mobile_money"), "must be mobile_money"),
    "customer_email": (EMAIL, "must be an email address"),
    "customer_first_name": (SOMETHING, "is required"),
    "customer_last_name": (SOMETHING, "is required"),
    "customer_phone": (WALLET, "must be a phone number without country code"),
    "customer_phone_country_code": (re.compile("250"), "must be 250"),
    "redirect_url": (ADDRESS, "must be a URL"),
    "mobile_money_network": (re.compile("MTN|Airtel"), "must be MTN or Airtel"),
    "mobile_money_phone": (WALLET, "must be a phone number without country code"),
}

# `scenario_key` of the sandbox, "scenario:auth_pin&issuer:insufficient_funds"; of the issuer's
# words only this one was seen.
ISSUERS = {
    "approved": Answer.APPROVE,
    "declined": Answer.DECLINE,
    "insufficient_funds": Answer.NO_FUNDS,
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What DGS-Pay gave its customer. An account number, if there is one, has to be named."""

    api_key: str
    webhook_secret: str
    account_number: str | None = None


class Refused(Exception):
    """DGS-Pay said no; `code` is its error code, `fields` what is wrong with each of them."""

    def __init__(
        self, code: str, message: str, fields: Mapping[str, list[str]] | None = None
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.fields = fields or {}


def check_caller(headers: Headers, known: Credentials) -> None:
    """Let a known caller pass. Raises Refused with 91."""
    key = headers.get("X-DGS-API-Key", "")
    account = headers.get("X-DGS-ACCOUNT-NUMBER", "")
    if not hmac.compare_digest(key.encode(), known.api_key.encode()):
        raise Refused(AUTHENTICATION, "Invalid API key")
    if known.account_number and account != known.account_number:
        raise Refused(AUTHENTICATION, "Invalid account number")


def order_in(body: Mapping[str, Any]) -> Order:
    """Read what a charge asks for. Raises Refused with 90 and every field that is wrong."""
    wrong = {
        name: [f"{name} {message}"]
        for name, (pattern, message) in RULES.items()
        if not _matches(pattern.fullmatch, body.get(name))
    }
    amount = body.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        wrong["amount"] = ["amount must be a positive number"]
    if wrong:
        raise Refused(VALIDATION, "Validation error", wrong)
    return Order(
        amount=body["amount"],
        currency=body["currency"],
        phone=body["mobile_money_phone"],
        network=body["mobile_money_network"],
        narration=str(body.get("narration") or ""),
        redirect_url=body["redirect_url"],
        callback_url=str(body.get("callback_url") or ""),
        answer=_scenario(str(body.get("scenario_key") or "")),
    )


def _matches(fits: Callable[[str], object], value: object) -> bool:
    return isinstance(value, str) and fits(value) is not None


def _scenario(key: str) -> Answer | None:
    parts = dict(part.partition(":")[::2] for part in key.split("&"))
    return ISSUERS.get(parts.get("issuer", ""))

"""What RwandaPay refuses before it opens or prompts anything (seed 000), as its errors."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from infra.local.simulators.rwandapay_sessions import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.datastructures import Headers

CURRENCIES = {"RWF", "USD", "EUR"}
LEAST_RWF, MOST_RWF = 100, 1_000_000
LONGEST_TX_REF, LONGEST_DESCRIPTION = 50, 500
LONGEST_IDEMPOTENCY_KEY = 32
NETWORKS = {"MTN", "Airtel"}
PHONE = re.compile(r"07[2389]\d{7}", re.ASCII)

BURST, EACH_MINUTE = 1000, 500


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What RwandaPay gave its customer; `pk_test_…` makes every payment a test."""

    public_key: str
    secret_key: str
    webhook_secret: str

    @property
    def mode(self) -> str:
        """`test` or `live`."""
        return "test" if self.public_key.startswith("pk_test_") else "live"


class Refused(Exception):
    """RwandaPay said no: HTTP status, error code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


AUTH_FAILED = (401, "AUTH_FAILED", "Invalid API credentials")
DUPLICATE_REFERENCE = (409, "DUPLICATE_REFERENCE", "tx_ref already used")
INITIALIZATION_FAILED = (500, "INITIALIZATION_FAILED", "Could not create session")
SESSION_NOT_FOUND = (404, "SESSION_NOT_FOUND", "Checkout session expired")
INSUFFICIENT_BALANCE = (422, "INSUFFICIENT_BALANCE", "Customer has insufficient funds")
KEY_REQUIRED = (400, "IDEMPOTENCY_KEY_REQUIRED", "Idempotency-Key header is required")
TOO_MANY = (429, "RATE_LIMITED", "Too Many Requests")


def check_keys(headers: Headers, known: Credentials) -> None:
    """Let a known caller pass. Raises Refused with AUTH_FAILED."""
    public = headers.get("X-Public-Key", "").encode()
    secret = headers.get("X-Secret-Key", "").encode()
    is_known = hmac.compare_digest(public, known.public_key.encode())
    if not (hmac.compare_digest(secret, known.secret_key.encode()) and is_known):
        raise Refused(*AUTH_FAILED)


def check_idempotency(headers: Headers) -> None:
    """Demand an Idempotency-Key of at most 32 characters. Raises Refused."""
    if not 0 < len(headers.get("Idempotency-Key", "")) <= LONGEST_IDEMPOTENCY_KEY:
        raise Refused(*KEY_REQUIRED)


def order_in(body: Mapping[str, Any], mode: str) -> Order:
    """Read what `initialize` asks for. Raises Refused with a validation error."""
    customer = body.get("customer")
    payer = customer if isinstance(customer, dict) else {}
    currency = body.get("currency", "RWF")
    tx_ref = _text(body, "tx_ref", LONGEST_TX_REF)
    phone = _text(payer, "phone")
    if currency not in CURRENCIES:
        raise invalid("currency")
    if not PHONE.fullmatch(phone):
        raise invalid("customer.phone")
    return Order(
        refid=tx_ref,
        amount=_amount(body.get("amount"), currency),
        currency=currency,
        name=_text(payer, "name"),
        email=_text(payer, "email"),
        phone=phone,
        details=_text(body, "description", LONGEST_DESCRIPTION, optional=True) or tx_ref,
        webhook_url=_text(body, "webhook_url", optional=True),
        redirect_url=_text(body, "redirect_url", optional=True),
        mode=mode,
    )


def wallet_in(body: Mapping[str, Any]) -> tuple[str, str]:
    """Read whom `process` is to prompt: phone and network. Raises Refused."""
    phone, network = _text(body, "phone"), _text(body, "network")
    _text(body, "customer_name")
    _text(body, "email")
    if not PHONE.fullmatch(phone):
        raise invalid("phone")
    if network not in NETWORKS:
        raise invalid("network")
    return phone, network


def invalid(field: str) -> Refused:
    """Refuse a field. The seed names the 422 and no code; this one is a guess."""
    return Refused(422, "VALIDATION_ERROR", f"Missing or invalid required fields: {field}")


def _text(
    body: Mapping[str, Any], name: str, longest: int = 2000, *, optional: bool = False
) -> str:
    value = body.get(name)
    if value is None and optional:
        return ""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        raise invalid(name)
    return value


def _amount(value: object, currency: str) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise invalid("amount")
    amount = Decimal(value)
    is_sum = amount.is_finite() and amount > 0
    if not is_sum or (
        currency == "RWF" and not (LEAST_RWF <= amount <= MOST_RWF and amount == int(amount))
    ):
        raise invalid("amount")
    return amount


class Bucket:
    """A thousand calls at once, refilled at five hundred a minute. Raises Refused when empty."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._left = float(BURST)
        self._seen = clock()

    def take(self) -> None:
        """Take one call out. Raises Refused with 429."""
        now = self._clock()
        self._left = min(BURST, self._left + (now - self._seen) * EACH_MINUTE / 60)
        self._seen = now
        if self._left < 1:
            raise Refused(*TOO_MANY)
        self._left -= 1

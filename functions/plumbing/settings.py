"""What the template tells a function, read when first needed and never at import."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

# KPAY_BASE_URL is K-Pay's, and so on: a new provider needs a variable and no line here.
BASE_URL = "_BASE_URL"

# [assume] Francs per major unit; the template's parameters say otherwise.
RATES = {"USD": "1450", "EUR": "1650"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A function's surroundings; the template names each of these variables."""

    payments_table: str
    merchants_table: str
    parameter_prefix: str
    public_base_url: str
    """Without a trailing slash; empty where the request's own address is the public one."""
    provider_base_urls: Mapping[str, str]
    """Provider -> its whole base address."""
    rates: Mapping[str, Decimal]
    """Francs per dollar and per euro."""
    loopback_allowed: bool
    """Merchants' addresses may be http on this machine: the local stack alone sets it."""
    watch_machine_arn: str
    deliver_machine_arn: str
    receipt_sender: str
    """The address that receipts come from."""


@cache
def settings() -> Settings:
    """Read the environment, once."""
    told = os.environ.get
    return Settings(
        payments_table=told("PAYMENTS_TABLE", ""),
        merchants_table=told("MERCHANTS_TABLE", ""),
        parameter_prefix=told("PARAMETER_PREFIX", ""),
        public_base_url=told("PUBLIC_BASE_URL", "").rstrip("/"),
        provider_base_urls={
            name.removesuffix(BASE_URL).lower(): value
            for name, value in os.environ.items()
            if name.endswith(BASE_URL)
        },
        rates={
            currency: Decimal(told(f"RWF_PER_{currency}", rate)) for currency, rate in RATES.items()
        },
        loopback_allowed=told("LOOPBACK_ALLOWED") == "true",
        watch_machine_arn=told("WATCH_MACHINE_ARN", ""),
        deliver_machine_arn=told("DELIVER_MACHINE_ARN", ""),
        receipt_sender=told("RECEIPT_SENDER", ""),
    )

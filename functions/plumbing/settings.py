"""What the template tells a function, read when first needed and never at import."""

import os
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """A function's surroundings; the template names each of these variables."""

    payments_table: str
    merchants_table: str
    parameter_prefix: str
    public_base_url: str
    """Without a trailing slash; empty where the request's own address is the public one."""
    kpay_base_url: str
    loopback_allowed: bool
    """Merchants' addresses may be http on this machine: the local stack alone sets it."""
    watch_machine_arn: str
    deliver_machine_arn: str


@cache
def settings() -> Settings:
    """Read the environment, once."""
    told = os.environ.get
    return Settings(
        payments_table=told("PAYMENTS_TABLE", ""),
        merchants_table=told("MERCHANTS_TABLE", ""),
        parameter_prefix=told("PARAMETER_PREFIX", ""),
        public_base_url=told("PUBLIC_BASE_URL", "").rstrip("/"),
        kpay_base_url=told("KPAY_BASE_URL", ""),
        loopback_allowed=told("LOOPBACK_ALLOWED") == "true",
        watch_machine_arn=told("WATCH_MACHINE_ARN", ""),
        deliver_machine_arn=told("DELIVER_MACHINE_ARN", ""),
    )

"""Who may speak with V-Pay: keys, tokens that end by the clock, and a plan's rate limits."""

from __future__ import annotations

import hashlib
import hmac
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

from infra.local.simulators.vpay_faults import Fault
from infra.local.simulators.vpay_rules import Refused

if TYPE_CHECKING:
    from werkzeug.datastructures import Headers

    from infra.local.simulators.vpay_till import Till

MINUTE = 60
DAY = 24 * 60 * MINUTE


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What V-Pay gave its customer. The prefix of `api_user` chooses sandbox or live."""

    api_user: str
    api_key: str
    webhook_secret: str

    @property
    def mode(self) -> str:
        """As the wire says it. Only "live" is documented."""
        return "sandbox" if self.api_user.startswith("vpay_sandbox_") else "live"


@dataclass
class Door:
    """Lets callers in, over one till's clock, pace and ordered faults. Raises Refused."""

    till: Till
    credentials: Credentials
    tokens: dict[str, float] = field(default_factory=dict)
    """Every token given, and when it ends (Unix seconds)."""
    used: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    """Requests by API key, length of the window and number of the window."""
    _numbers: count[int] = field(default_factory=lambda: count(1))

    def admit(self, headers: Headers) -> None:
        """Count a request against its key's plan. Raises Refused with RATE_LIMITED."""
        key = headers.get("apiKey", "")
        for length, most in self._windows():
            window = (key, length, int(self.till.clock() // length))
            if self.used[window] >= most:
                raise Refused("RATE_LIMITED")
            self.used[window] += 1

    def rate_headers(self, headers: Headers) -> dict[str, str]:
        """Tell how far the minute's limit is used up; on every reply."""
        number = int(self.till.clock() // MINUTE)
        most = int(self.till.pace.requests_per_minute)
        used = self.used[headers.get("apiKey", ""), MINUTE, number]
        return {
            "X-RateLimit-Limit": str(most),
            "X-RateLimit-Remaining": str(max(0, most - used)),
            "X-RateLimit-Reset": str((number + 1) * MINUTE),
        }

    def give_token(self, headers: Headers) -> dict[str, Any]:
        """Answer `/auth/`. Raises Refused with INVALID_KEY."""
        self._check_keys(headers)
        life = self.till.pace.token_seconds
        token = self._made_up("access")
        self.tokens[token] = self.till.clock() + life
        return {
            "access": token,
            "refresh": self._made_up("refresh"),
            "mode": self.credentials.mode,
            "expires_in": f"{float(life)} seconds",
        }

    def check_token(self, headers: Headers) -> None:
        """Let a bearer of a living token pass. Raises Refused with INVALID_KEY."""
        self._check_keys(headers)
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        if self.till.ordered.take(Fault.TOKEN_EXPIRED):
            self.tokens.pop(token, None)
        if scheme != "Bearer" or self.till.clock() >= self.tokens.get(token, 0):
            raise Refused("INVALID_KEY")

    def forget(self) -> None:
        """Forget every token and every count."""
        self.tokens.clear()
        self.used.clear()

    def _windows(self) -> tuple[tuple[int, float], ...]:
        pace = self.till.pace
        return ((MINUTE, pace.requests_per_minute), (DAY, pace.requests_per_day))

    def _check_keys(self, headers: Headers) -> None:
        known = self.credentials
        pairs = ((headers.get("apiUser"), known.api_user), (headers.get("apiKey"), known.api_key))
        if not all(
            hmac.compare_digest((given or "").encode(), due.encode()) for given, due in pairs
        ):
            raise Refused("INVALID_KEY")

    def _made_up(self, kind: str) -> str:
        seed = f"{kind} {next(self._numbers)}".encode()
        return f"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{hashlib.sha256(seed).hexdigest()}"

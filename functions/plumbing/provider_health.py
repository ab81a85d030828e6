"""Which providers ail: one that refuses or stays silent repeatedly is tried last for a while.

Kept in memory, per sandbox: a shared record would cost a call for every charge, and to be asked
last is no harm to a provider that is well again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

TIMES = 3
REST = timedelta(minutes=1)


@dataclass
class ProviderHealth:
    """Failures in a row, by provider."""

    _failures: dict[str, int] = field(default_factory=dict)
    _rests_until: dict[str, datetime] = field(default_factory=dict)

    def note(self, provider: str, now: datetime, *, is_well: bool) -> None:
        """Remember how an attempt at a provider went, for its part."""
        if is_well:
            self._failures.pop(provider, None)
            self._rests_until.pop(provider, None)
            return
        self._failures[provider] = self._failures.get(provider, 0) + 1
        if self._failures[provider] >= TIMES:
            self._rests_until[provider] = now + REST

    def forget(self) -> None:
        """Take every provider for well again."""
        self._failures.clear()
        self._rests_until.clear()

    def in_order(self, providers: Sequence[str], now: datetime) -> list[str]:
        """The same providers in the same order, but those that ail come last."""
        return sorted(providers, key=lambda name: self._rests_until.get(name, now) > now)

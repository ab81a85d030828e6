"""What a function owes once it has begun, whatever the ledger looks like afterwards.

Some guards keep nobody's money: without them a customer waits for nothing, or a stranger makes us
ask a provider as often as they like. What a function wrote, and whom it asked, tells on them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

PROVIDERS = frozenset({"kpay", "vpay", "dgspay", "rwandapay"})
HINTED = {"KpayWebhook": "kpay"}
"""The receivers that believe nothing and ask, and whom: test mode's asks nobody outside."""
PAUSE = timedelta(seconds=2)
"""For hints' sake an attempt is asked about no more often than that (RELIABILITY.md)."""
SERVER_ERROR = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notification on its way to a receiver."""

    attempt_ref: str
    """The attempt that its address names."""
    is_strangers: bool = False
    """Its address is none of ours: the token in it is wrong."""


@dataclass
class Invocation:
    """A function that runs."""

    function: str
    letter: Letter | None = None
    """What called it, if a letter did."""
    lines: int = 0
    """How many I/Os it has come to."""
    owes: dict[str, str] = field(default_factory=dict)
    """Whom it has yet to ask, by provider, and why."""
    claimed_at: datetime | None = None
    """When it took the right to ask for a hint's sake."""


class Conduct:
    """Holds functions to what they have begun. `hold` notes what does not hold."""

    def __init__(self, hold: Callable[[object, int, object], None]) -> None:
        self._hold = hold
        self._claimed: dict[str, datetime] = {}
        self._paid: set[str] = set()

    def comes_to(self, invocation: Invocation, what: str) -> None:
        """Hear of an I/O that is about to happen, or to go wrong."""
        invocation.owes.pop(what, None)
        letter = invocation.letter
        if letter is None or what not in PROVIDERS:
            return
        reference = letter.attempt_ref
        self._hold(not letter.is_strangers, 3, f"a stranger made us ask {what} about {reference}")
        if HINTED.get(invocation.function) == what:
            claimed_at = invocation.claimed_at
            self._hold(claimed_at, 3, f"{reference} was asked about, and nobody had the right to")
            if claimed_at:
                before = self._claimed.get(reference, claimed_at - PAUSE)
                self._claimed[reference] = claimed_at
                pause = abs(claimed_at - before)
                self._hold(pause >= PAUSE, 3, f"{reference} was asked about twice in {pause}")

    def wrote(self, invocation: Invocation, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Hear what an invocation made of a payment. `old` is empty where it opened it."""
        session, letter = new["pk"], invocation.letter
        mark = session.removeprefix("CHK-")
        self._paid |= {mark + n for n, a in new["attempts"].items() if a["status"] == "paid"}
        by_stranger = letter is not None and letter.is_strangers
        self._hold(not by_stranger, 3, f"a stranger's letter changed {session}")
        for number, attempt in new["attempts"].items():
            if old and number not in old["attempts"]:
                self._begun(invocation, mark + number, attempt["provider"])
        asked_by = HINTED.get(invocation.function)
        if letter and asked_by and new.get("asked_by") != old.get("asked_by"):
            invocation.claimed_at = datetime.fromisoformat(new["asked_at"])
            attempt = new["attempts"].get(letter.attempt_ref[-2:], {})
            if attempt.get("status") != "paid":
                invocation.owes[asked_by] = f"{session} was to be asked about, and was not"

    def _begun(self, invocation: Invocation, begun: str, provider: str) -> None:
        # A new attempt may be asked about at once, and so may those before it.
        self._claimed = {ref: at for ref, at in self._claimed.items() if ref[:-2] != begun[:-2]}
        if provider in PROVIDERS:
            invocation.owes[provider] = f"{begun} was written, and nobody was asked to pay"

    def answered(self, invocation: Invocation, answer: object) -> None:
        """Hear that a function answered; one that says that it failed owes nothing more.

        Nor does one whose attempt somebody else has found paid in the meantime.
        """
        if invocation.letter and invocation.letter.attempt_ref in self._paid:
            return
        status = answer.get("statusCode", SERVER_ERROR) if isinstance(answer, dict) else None
        if status is not None and status < SERVER_ERROR:
            self._hold(not invocation.owes, 6, "; ".join(invocation.owes.values()))

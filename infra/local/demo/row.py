"""What came of one payment, and where it differs from what its scenario expects."""

from dataclasses import dataclass, field
from typing import Any

from infra.local.demo.books import ASK, DELIVER, Books, wakes
from infra.local.demo.calls import Call
from infra.local.demo.control import charges_of
from infra.local.demo.play import Played
from infra.local.demo.scenarios import Scenario
from infra.local.demo.warm import Warm


@dataclass(slots=True, kw_only=True)
class Row:
    """One line of the table. `seconds` run from the charge to verify's final word."""

    what: str
    tried: list[str]
    """The provider of each attempt."""
    method: str
    mode: str
    session_id: str
    status: str
    settled_by: str | None = None
    seconds: float | None = None
    events: list[str] = field(default_factory=list)
    """What the shop heard, under a good signature."""
    answers: list[int] = field(default_factory=list)
    """What the shop answered to each delivery."""
    forged: int = 0
    """Messages under a bad signature."""
    aws_calls: int = 0
    watch_transitions: int = 0
    delivery_transitions: int = 0
    asked: int = 0
    """How often the watch asked the provider."""
    charges: int = 0
    paid: int = 0
    charged_at: list[str] = field(default_factory=list)
    """The providers that charged."""
    charged_twice: bool = False
    """Whether one reference was sent to be charged more than once."""
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """Everyone who saw something of the payments."""

    books: Books
    ledger: list[dict[str, Any]]
    """What the simulators charged."""
    messages: list[dict[str, Any]]
    """What the shop received."""
    calls: list[Call]
    """What the functions called."""
    warm: Warm

    def row_of(self, played: Played) -> Row:
        """Gather what is known of a payment, and compare."""
        row = Row(
            what=played.scenario.what,
            tried=[],
            method=played.scenario.method.value,
            mode=played.scenario.mode.value,
            session_id=played.session_id,
            status=played.status,
            seconds=played.seconds,
        )
        if played.trouble:
            row.problems.append(played.trouble)
        if played.session_id:
            self._add_books(row)
            add_messages(
                row, [each for each in self.messages if each["reference"] == played.tx_ref]
            )
            add_charges(row, charges_of(played.session_id, self.ledger))
            row.problems += differences(row, played.scenario)
        return row

    def _add_books(self, row: Row) -> None:
        payment = self.books.payment(row.session_id)
        row.tried = [attempt.provider for attempt in payment.attempts]
        last = payment.attempts[-1] if payment.attempts else None
        row.settled_by = last.settled_by.value if last and last.settled_by else None
        watches = self.books.watches(payment)
        deliveries = self.books.deliveries(row.session_id)
        row.watch_transitions = watches.transitions
        row.delivery_transitions = deliveries.transitions
        row.asked = watches.states[ASK]
        row.aws_calls = (
            calls_naming(row.session_id, self.calls, but_by=self.warm.verify)
            + self.warm.nameless_at_opening
            + self.warm.nameless_at_delivery * deliveries.states[DELIVER]
            + wakes(payment, watches)
        )


def calls_naming(session_id: str, calls: list[Call], *, but_by: str) -> int:
    """Count the calls that speak of a payment, leaving one function out."""
    return sum(call.function != but_by and call.names(session_id) for call in calls)


def add_messages(row: Row, messages: list[dict[str, Any]]) -> None:
    """Add what the shop received about a payment; a forgery only counts as one."""
    for message in messages:
        if message["signature"] == "good":
            row.events.append(message["event"])
            row.answers += message["answered"]
        else:
            row.forged += 1


def add_charges(row: Row, charges: list[dict[str, Any]]) -> None:
    """Add what the simulators' ledgers know of a payment."""
    row.charges = len(charges)
    row.paid = sum(charge["outcome"] == "paid" for charge in charges)
    row.charged_at = sorted({charge["provider"] for charge in charges})
    row.charged_twice = any(charge["asked"] > 1 for charge in charges)


def differences(row: Row, scenario: Scenario) -> list[str]:
    """Say in words where a payment ended otherwise than expected."""
    expected = scenario.expected
    charged_at = [scenario.tried[-1]] if expected.charges else []
    found = [
        f"{name} {was!r}, not {wanted!r}"
        for name, was, wanted in (
            ("status", row.status, expected.status.value),
            ("settled by", row.settled_by, expected.settled_by and expected.settled_by.value),
            ("the shop answered", tuple(row.answers), expected.answers),
            ("tried", tuple(row.tried), scenario.tried),
            ("charged at", row.charged_at, charged_at),
            ("charges", row.charges, expected.charges),
            ("charges paid", row.paid, expected.paid),
        )
        if was != wanted
    ]
    heard = [f"payment.{expected.status.value}"] if expected.answers else []
    if row.events != heard:
        found.append(f"the shop heard {row.events}, not {heard}")
    if row.forged:
        found.append(f"{row.forged} webhooks under a bad signature")
    if row.charged_twice:
        found.append("one reference was charged more than once")
    if expected.settled_by is None and row.asked == 0:
        found.append("nobody asks about it")
    return found

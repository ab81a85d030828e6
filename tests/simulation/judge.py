"""The invariants of RELIABILITY.md, held against every write and every delivery of a schedule.

The providers' ledgers are believed, the code under test is not: its tables of moves and its words
for an outcome stand here once more, in the judge's own hand.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from infra.local.simulators.charges import Outcome
from ledger.attributes import from_item
from payments.clock import parse_iso
from tests.integration.gateway import WEBHOOK_SECRET
from tests.integration.internet import NOW
from tests.simulation.conduct import Conduct, Invocation

if TYPE_CHECKING:
    from tests.simulation.machines import Execution, Machines
    from tests.simulation.merchants_side import Heard
    from tests.simulation.providers_side import Charged, ProvidersSide

MOVES = {
    "pending": {"successful", "failed", "cancelled", "expired"},
    "failed": {"successful"},
    "cancelled": {"successful"},
    "expired": {"successful"},
    "successful": set[str](),
}
LIVE = {"unknown", "accepted"}
SANDBOX_PAYS = "0567"
"""The last digits of test mode's numbers that end in money (README, test mode)."""
UNWATCHED = 600.0
"""After so many seconds the sweep looks whether an attempt has its watch (DESIGN.md, 10)."""
INFINITY = float("inf")


class Violation(AssertionError):
    """An invariant does not hold."""


class Judge:
    """Watches one schedule."""

    def __init__(self, providers: "ProvidersSide") -> None:
        self._providers = providers
        self.conduct = Conduct(self.hold)
        self.statuses: dict[str, dict[int, str]] = defaultdict(dict)
        """What the ledger has ever said of a payment, by version."""
        self.payments: dict[str, dict[str, Any]] = {}
        self.due: dict[str, set[int]] = defaultdict(set)
        """The versions that brought news for the merchant."""
        self.told: dict[str, set[int]] = defaultdict(set)
        """Those that the merchant took."""
        self.bodies: dict[str, bytes] = {}
        self.paid_late: set[str] = set()
        """Attempts that their provider called failed, and that were paid after all."""
        self.events: dict[tuple[str, int], Mapping[str, Any]] = {}
        """As they stand, by session and version."""
        self.calm_at = INFINITY
        """The schedule's second from which on nothing goes wrong any more."""
        self.opened: dict[tuple[str, str, str], list[tuple[str, str | None]]] = defaultdict(list)
        self.seen: dict[str, str] = {}
        self.meant: dict[str, set[str]] = defaultdict(set)
        """The numbers of the forms that were sent from the page: each is one wish to pay."""
        self.violations: list[str] = []

    def hold(self, condition: object, invariant: int, what: object) -> None:
        """Note a violation unless the condition holds.

        It is raised at the end: what is judged happens in the middle of a function, which would
        take an error of ours for trouble on its line, and go on.
        """
        if not condition:
            self.violations.append(f"invariant {invariant}: {what}")

    # ------------------------------------------------------------ after each write
    def look_at(self, records: Iterable[Mapping[str, Any]], by: Invocation | None) -> None:
        """Judge what was written, and by which function, if by one."""
        for record in records:
            if "NewImage" not in record["dynamodb"]:
                continue
            new = from_item(record["dynamodb"]["NewImage"])
            old = from_item(record["dynamodb"].get("OldImage", {}))
            if new["sk"] == "PAYMENT":
                self._payment(old, new)
                if by:
                    self.conduct.wrote(by, old, new)
            elif new["sk"].startswith("EVENT#"):
                self._event(old, new)

    def _payment(self, old: Mapping[str, Any], new: dict[str, Any]) -> None:
        session, version = new["pk"], new["version"]
        self.payments[session] = new
        self.statuses[session][version] = new["status"]
        live = [number for number, a in new["attempts"].items() if a["status"] in LIVE]
        self.hold(len(live) <= 1, 1, f"two live attempts {session} {live}")
        is_opening = not old
        if is_opening:
            self.hold(new["status"] == "pending", 2, f"opened as {new['status']}")
            old = {**new, "attempts": {}, "version": 0}
        moved = new["status"] != old["status"]
        if moved:
            self.hold(
                new["status"] in MOVES[old["status"]], 2, f"{old['status']} -> {new['status']}"
            )
        if version == old["version"]:
            self.hold(
                new["attempts"] == old["attempts"] and not moved, 2, "a change without a version"
            )
            return
        self.hold(version == old["version"] + 1, 2, f"version {old['version']} -> {version}")
        changed = is_opening or moved or new["attempts"] != old["attempts"]
        self.hold(changed, 2, f"{session} has a version more, and nothing new")
        self._attempts(old, new)
        paid = times_paid(new)
        if moved and new["status"] == "successful":
            self.hold(paid, 3, f"successful without a paid attempt: {session}")
        if moved or (paid > times_paid(old) and paid > 1):
            self.due[session].add(version)

    def _attempts(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for number, attempt in new["attempts"].items():
            before = old["attempts"].get(number, {"status": "unknown"})
            reference = new["pk"].removeprefix("CHK-") + number
            if before["status"] == attempt["status"]:
                is_same = before["status"] in LIVE or facts(before) == facts(attempt)
                self.hold(is_same, 2, f"{reference} was {before['status']}, and ended again")
                continue
            self.hold(
                before["status"] != "paid", 2, f"{reference} was paid, is {attempt['status']}"
            )
            self._traced(reference, attempt, new)
        gone = set(old["attempts"]) - set(new["attempts"])
        self.hold(not gone, 2, f"attempts were forgotten: {gone}")

    def _traced(self, reference: str, attempt: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Hold an attempt's end against what its provider has in its own ledger."""
        if attempt["status"] in LIVE:
            return
        self.hold(attempt.get("settled_by"), 3, f"{reference} ended by nobody")
        if attempt["provider"] == "sandbox":
            pays = attempt["phone"][-1] in SANDBOX_PAYS
            self.hold(pays == (attempt["status"] == "paid"), 3, f"{reference}: {attempt}")
            return
        outcomes = [c for c in self._providers.ledger() if c.reference == reference]
        match attempt["status"]:
            case "paid":
                paid = [c for c in outcomes if c.outcome is Outcome.PAID]
                self.hold(
                    paid, 2, f"{reference} is paid, and {attempt['provider']} says {outcomes}"
                )
                sums = {(c.provider, c.amount, c.currency) for c in paid}
                asked = (attempt["provider"], new["amount"], new["currency"])
                self.hold(asked in sums, 2, f"{reference} was to pay {asked}, paid {sums}")
            case "declined":
                failed = [c for c in outcomes if c.outcome is Outcome.FAILED]
                self.hold(
                    failed or reference in self.paid_late, 3, f"{reference} declined: {outcomes}"
                )
            case "refused":
                taken = [c for c in outcomes if c.outcome is Outcome.PAID]
                excused = reference in self._excused
                self.hold(excused or not taken, 3, f"{reference} refused, and took money: {taken}")

    @property
    def _excused(self) -> set[str]:
        """Attempts that took money after their provider, or five minutes, had said otherwise."""
        return self.paid_late | self._providers.arrived_late

    def _event(self, old: Mapping[str, Any], event: Mapping[str, Any]) -> None:
        self._speaks_truly(event["pk"], event["event_id"], event["body"].encode())
        self.events[event["pk"], event["version"]] = event
        is_kept = event["tries"][: len(old.get("tries", ()))] == old.get("tries", [])
        self.hold(is_kept, 4, f"{event['event_id']}: tries were forgotten")

    def delivered(self, run: "Execution") -> None:
        """Judge a delivery that came to its end: one that succeeded has told, or given up."""
        event = self.events[run.given["payment_id"], run.given["version"]]
        is_open = event["state"] == "pending" and event["resends"] == run.given["round"]
        is_over = run.status != "SUCCEEDED" or not is_open
        self.hold(is_over, 4, f"nobody goes on telling {event['event_id']}")

    # ------------------------------------------------------------ after each letter
    def believed(self, reference: str) -> None:
        """Hear that we took a provider's signed word that an attempt, which it has, was paid."""
        payment = self.payments["CHK-" + reference[:-2]]
        attempt = payment["attempts"][reference[-2:]]
        is_kept = attempt["status"] == "paid" or "needs_review" in attempt
        self.hold(is_kept, 3, f"{reference}: the word that it was paid was taken, and lost")

    # ------------------------------------------------------------ after each delivery
    def heard(self, heard: "Heard") -> None:
        """Judge what a merchant was told."""
        event_id = heard.headers["webhook-id"]
        good = hmac.new(WEBHOOK_SECRET.encode(), heard.body, hashlib.sha256).hexdigest()
        self.hold(heard.headers["x-webhook-signature"] == good, 4, f"{event_id} is not signed")
        told = json.loads(heard.body)["data"]
        self._speaks_truly(told["session_id"], event_id, heard.body)
        if heard.status == 200:
            self.told[told["session_id"]].add(told["version"])

    def _speaks_truly(self, session: str, event_id: str, body: bytes) -> None:
        told = json.loads(body)["data"]
        version = told["version"]
        self.hold(event_id == f"evt_{session.removeprefix('CHK-')}_{version}", 4, event_id)
        self.hold(self.bodies.setdefault(event_id, body) == body, 4, f"{event_id} says two things")
        status = self.statuses[session].get(version)
        self.hold(status == told["status"], 4, f"{event_id} says {told['status']}, was {status}")
        self.hold(version in self.due[session], 4, f"{event_id} is no news")

    # ------------------------------------------------------------ what callers saw
    def answered_201(
        self, merchant: str, mode: str, tx_ref: str, session: str, key: str | None
    ) -> None:
        """Hear of a caller whose payment was opened, under an Idempotency-Key or none."""
        self.hold(session in self.payments, 5, f"{tx_ref} was opened, and is nowhere")
        answers = self.opened[merchant, mode, tx_ref]
        answers.append((session, key))
        self.hold(len({s for s, _ in answers}) == 1, 5, f"{tx_ref} is two payments: {answers}")
        keyless = [s for s, used in answers if used is None]
        self.hold(len(keyless) <= 1, 5, f"{tx_ref} was opened twice: {answers}")
        self.hold(len({k for _, k in answers}) == 1, 5, f"{tx_ref} under two keys: {answers}")

    def verified(self, session: str, status: str) -> None:
        """Hear how a payment stood when somebody asked; one asker at a time for each."""
        before = self.seen.get(session, "pending")
        self.hold(status == before or status in MOVES[before], 2, f"seen {before}, then {status}")
        self.seen[session] = status

    # ------------------------------------------------------------ at the end
    def end(self, machines: "Machines") -> None:
        """Judge what is left when nothing goes wrong any more and time has run on.

        Raises Violation for this and for whatever was found on the way.
        """
        self.hold(not machines.running, 6, f"executions run on: {machines.running}")
        charges: dict[str, list[Charged]] = defaultdict(list)
        for charge in self._providers.ledger():
            charges["CHK-" + charge.reference[:16]].append(charge)
        for session, payment in self.payments.items():
            self._ended(session, payment, charges[session])
            self._watched(session, payment, machines)
            missing = self.due[session] - self.told[session]
            self.hold(not missing, 4, f"the merchant never heard of {session} {sorted(missing)}")
        if self.violations:
            raise Violation("; ".join(self.violations[:3]))

    def _ended(self, session: str, payment: Mapping[str, Any], charges: "list[Charged]") -> None:
        attempts = {
            session.removeprefix("CHK-") + number: attempt
            for number, attempt in payment["attempts"].items()
        }
        tries = {attempt["try_number"] for attempt in payment["attempts"].values()}
        wishes = self.meant.get(session)
        self.hold(wishes is None or len(tries) <= len(wishes), 1, f"{session} tried {tries}")
        references = [charge.reference for charge in charges]
        self.hold(len(set(references)) == len(references), 1, f"charged twice: {references}")
        paid = [c.reference for c in charges if c.outcome is Outcome.PAID]
        for reference in paid:
            attempt = attempts.get(reference, {"status": "of no attempt"})
            is_flagged = "needs_review" in attempt
            self.hold(attempt["status"] == "paid" or is_flagged, 6, f"{reference} paid, {attempt}")
        if times_paid(payment):
            self.hold(
                payment["status"] == "successful", 6, f"{session} is paid, {payment['status']}"
            )
        excused = self._excused.intersection(paid)
        self.hold(len(paid) <= 1 or excused, 1, f"{session} was paid twice: {paid}")
        for reference, attempt in attempts.items():
            is_open = attempt["status"] in LIVE
            self.hold(
                not is_open or "needs_review" in attempt, 6, f"{reference} is open: {attempt}"
            )
        is_waiting = payment["status"] == "pending"
        self.hold(not is_waiting or "live_attempt" in payment, 6, f"{session} is pending for ever")

    def _watched(self, session: str, payment: Mapping[str, Any], machines: "Machines") -> None:
        """Hold the sweep to starting the watches that the stream did not, when it well could."""
        for number, attempt in payment["attempts"].items():
            reference = session.removeprefix("CHK-") + number
            begun = seconds_of(attempt["started_at"])
            ended = seconds_of(attempt["ended_at"]) if "ended_at" in attempt else INFINITY
            is_due = self.calm_at <= begun + UNWATCHED and ended > begun + 2 * UNWATCHED
            is_watched = ("Watch", reference) in machines.executions
            self.hold(is_watched or not is_due, 6, f"{reference} is open, and nobody watches it")


def facts(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """What never changes once an attempt has ended: all but that a person is to look at it."""
    return {name: fact for name, fact in attempt.items() if name != "needs_review"}


def seconds_of(moment: str) -> float:
    """A moment of the ledger's in the schedule's seconds."""
    return (parse_iso(moment) - NOW).total_seconds()


def times_paid(payment: Mapping[str, Any]) -> int:
    """How many attempts brought money."""
    return sum(attempt["status"] == "paid" for attempt in payment["attempts"].values())

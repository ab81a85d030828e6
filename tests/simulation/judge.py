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
from tests.integration.gateway import WEBHOOK_SECRET

if TYPE_CHECKING:
    from tests.simulation.machines import Machines
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


class Violation(AssertionError):
    """An invariant does not hold."""


class Judge:
    """Watches one schedule."""

    def __init__(self, providers: "ProvidersSide") -> None:
        self._providers = providers
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
        self.opened: dict[tuple[str, str, str], list[tuple[str, bool]]] = defaultdict(list)
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
    def look_at(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Judge what was written."""
        for record in records:
            if "NewImage" not in record["dynamodb"]:
                continue
            new = from_item(record["dynamodb"]["NewImage"])
            if new["sk"] == "PAYMENT":
                self._payment(from_item(record["dynamodb"].get("OldImage", {})), new)
            elif new["sk"].startswith("EVENT#"):
                self._event(new)

    def _payment(self, old: Mapping[str, Any], new: dict[str, Any]) -> None:
        session, version = new["pk"], new["version"]
        self.payments[session] = new
        self.statuses[session][version] = new["status"]
        live = [number for number, a in new["attempts"].items() if a["status"] in LIVE]
        self.hold(len(live) <= 1, 1, f"two live attempts {session} {live}")
        if not old:
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
        self._attempts(old, new)
        paid = times_paid(new)
        if moved and new["status"] == "successful":
            self.hold(paid, 3, f"successful without a paid attempt: {session}")
        if moved or (paid > times_paid(old) and paid > 1):
            self.due[session].add(version)

    def _attempts(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        for number, attempt in new["attempts"].items():
            before = old["attempts"].get(number, {"status": "unknown"})
            if before["status"] == attempt["status"]:
                continue
            reference = new["pk"].removeprefix("CHK-") + number
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

    def _event(self, event: Mapping[str, Any]) -> None:
        self._speaks_truly(event["pk"], event["event_id"], event["body"].encode())

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
        self, merchant: str, mode: str, tx_ref: str, session: str, *, key: bool
    ) -> None:
        """Hear of a caller whose payment was opened."""
        answers = self.opened[merchant, mode, tx_ref]
        answers.append((session, key))
        self.hold(len({s for s, _ in answers}) == 1, 5, f"{tx_ref} is two payments: {answers}")
        keyless = [s for s, has_key in answers if not has_key]
        self.hold(len(keyless) <= 1, 5, f"{tx_ref} was opened twice: {answers}")

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


def times_paid(payment: Mapping[str, Any]) -> int:
    """How many attempts brought money."""
    return sum(attempt["status"] == "paid" for attempt in payment["attempts"].values())

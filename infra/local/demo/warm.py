"""DESIGN.md's numbers, measured: the AWS calls of one request alone on a warm stack."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.demo.books import Books
from infra.local.demo.calls import Call, Trail
from infra.local.demo.control import Control
from infra.local.demo.customer import Customer
from infra.local.demo.scenarios import ORDINARY_PAYMENT
from infra.local.refusals import LocalStackRefused
from payments.status import Status

# The first warms; another may meet a worker that was cold, or somebody else's request.
TRIES = 3
SETTLED_TRIES = 2
STRANGE_ATTEMPT = "DEMODEMODEMODEMO01"
MOST_SECONDS = 20.0
SECONDS_BETWEEN_LOOKS = 0.1

TARGETS = {
    "initialize": 2,
    "verify by session id": 1,
    "verify with keys": 2,
    "webhook that settles": 2,
}
TRANSITIONS_BY_WEBHOOK = 1
MOST_TRANSITIONS_SILENT = 7


class NotRecorded(LocalStackRefused):
    """The stack was started without a record of its AWS calls."""


class TooSlow(Exception):
    """The stack did not do in time what it was waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Warm:
    """What one request costs. `calls` has the names of TARGETS."""

    calls: dict[str, int]
    transitions_by_webhook: int
    verify: str
    """The access key of Verify's role."""
    nameless_at_opening: int
    """Calls at `initialize` that do not name the payment: the key's."""
    nameless_at_delivery: int
    """Calls of a try to deliver that do not name the payment: the merchant's."""


class Measurement:
    """Makes single requests and counts."""

    def __init__(self, customer: Customer, control: Control, books: Books, trail: Trail) -> None:
        self._customer = customer
        self._control = control
        self._books = books
        self._trail = trail

    def take(self) -> Warm:
        """Measure everything. Raises NotRecorded, TooSlow."""
        opened: list[tuple[str, str]] = []
        opening = self._least(lambda: opened.append(self._customer.open(ORDINARY_PAYMENT)))
        session_id, tx_ref = opened[-1]
        by_session = self._least(lambda: self._customer.verify(session_id))
        with_keys = self._least(lambda: self._customer.verify_with_keys(ORDINARY_PAYMENT, tx_ref))
        webhook = self._webhook_role()
        settled = [self._settle(webhook) for _ in range(SETTLED_TRIES)]
        return Warm(
            calls={
                "initialize": len(opening),
                "verify by session id": len(by_session),
                "verify with keys": len(with_keys),
                "webhook that settles": min(own for own, _, _ in settled),
            },
            transitions_by_webhook=min(transitions for _, transitions, _ in settled),
            verify=by_session[-1].function,
            nameless_at_opening=sum(not names_any(call, opened) for call in opening),
            nameless_at_delivery=min(nameless for _, _, nameless in settled),
        )

    def _least(self, act: Callable[[], object]) -> list[Call]:
        least = min((self._trail.during(act) for _ in range(TRIES)), key=len)
        if not least:
            raise NotRecorded("The stack keeps no record of AWS calls (CLOUDTRAIL_RECORDING).")
        return least

    def _webhook_role(self) -> str:
        """Find KpayWebhook's key: nobody else asks for a payment that there is not."""
        calls = self._least(lambda: self._customer.ring_strange_webhook(STRANGE_ATTEMPT))
        return next(call.function for call in calls if call.names(STRANGE_ATTEMPT[:16]))

    def _settle(self, webhook: str) -> tuple[int, int, int]:
        """Pay alone: calls of the webhook, transitions of the watch, nameless calls to deliver."""
        session_id, _ = self._customer.open(ORDINARY_PAYMENT)
        self._customer.pay(session_id, ORDINARY_PAYMENT)
        payment = self._books.payment(session_id)
        until(lambda: self._books.watches(payment).transitions > 0)
        calls = self._trail.during(lambda: self._approve(session_id, payment.attempts[-1].ref))
        # The last that happens is the note of the try to deliver.
        deliver = next(call.function for call in reversed(calls) if call.names(session_id))
        return (
            sum(call.function == webhook and call.names(session_id) for call in calls),
            self._books.watches(payment).transitions,
            sum(call.function == deliver and not call.names(session_id) for call in calls),
        )

    def _approve(self, session_id: str, attempt_ref: str) -> None:
        self._control.approve(attempt_ref)
        until(lambda: self._is_told(session_id))

    def _is_told(self, session_id: str) -> bool:
        payment = self._books.payment(session_id)
        told = self._books.deliveries(session_id)
        watched = self._books.watches(payment)
        return (
            payment.status is Status.SUCCESSFUL
            and told.transitions > 0
            and not told.running
            and not watched.running
        )


def names_any(call: Call, opened: list[tuple[str, str]]) -> bool:
    """Whether a call speaks of one of these payments."""
    return any(call.names(session_id) for session_id, _ in opened)


def until(is_so: Callable[[], bool]) -> None:
    """Wait. Raises TooSlow."""
    give_up = time.monotonic() + MOST_SECONDS
    while not is_so():
        if time.monotonic() > give_up:
            raise TooSlow(f"the stack was waited for, {MOST_SECONDS:.0f} s long")
        time.sleep(SECONDS_BETWEEN_LOOKS)


def misses(warm: Warm, silent_transitions: int) -> list[str]:
    """Say where the measures differ from DESIGN.md's."""
    found = [
        f"{name}: {warm.calls[name]} AWS calls, not {target}"
        for name, target in TARGETS.items()
        if warm.calls[name] != target
    ]
    if warm.transitions_by_webhook != TRANSITIONS_BY_WEBHOOK:
        found.append(
            f"settled by webhook: {warm.transitions_by_webhook} transitions, "
            f"not {TRANSITIONS_BY_WEBHOOK}"
        )
    if silent_transitions > MOST_TRANSITIONS_SILENT:
        found.append(
            f"silent, then paid: {silent_transitions} transitions, "
            f"more than {MOST_TRANSITIONS_SILENT}"
        )
    return found

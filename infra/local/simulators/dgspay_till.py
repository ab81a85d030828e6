"""DGS-Pay behind its wire: takes charges, waits for their payers, tells who asked to be told.

Time passes only by the clock: every call first lets happen what is due by now, and `tick` sends
the webhooks that are due. Tests move the clock and tick; a served simulator ticks by itself.

Errors: `ChargeRefused`.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from infra.local.simulators.charges import Outcome, Prompt
from infra.local.simulators.dgspay_charges import Charge, Charges, Order, refid_in
from infra.local.simulators.dgspay_faults import Fault, Orders, behaviour_of
from infra.local.simulators.dgspay_webhooks import Sender, Webhook, post_over_http, sign
from infra.local.simulators.faults import Answer
from infra.local.simulators.till import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAME = "DGS-Pay"
TIMED_OUT = "Request timed out"
REASONS = {Answer.DECLINE: "Declined by customer", Answer.NO_FUNDS: "Insufficient funds"}
# Only the first was seen.
EVENTS = {
    Outcome.PAID: "payment.success",
    Outcome.FAILED: "payment.failed",
    Outcome.WAITING: "payment.pending",
}


class ChargeRefused(Exception):
    """The charge was refused outright; nobody was prompted."""


@dataclass(kw_only=True)
class Till:
    """DGS-Pay's state. `tell` renders a charge as replies and webhooks have it."""

    tell: Callable[[Charge], dict[str, Any]]
    webhook_secret: str
    clock: Callable[[], float] = time.time
    send: Sender = post_over_http
    pace: Pace = field(default_factory=Pace)
    charges: Charges = field(default_factory=Charges)
    webhooks: list[Webhook] = field(default_factory=list)
    ordered: Orders = field(default_factory=Orders)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _usual_pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._usual_pace = replace(self.pace)

    def ring_up(self, order: Order) -> Charge:
        """Take an order on, however often it comes. Raises ChargeRefused."""
        with self._lock:
            self._advance()
            self.charges.asked[refid_in(order.callback_url)] += 1
            behaviour = behaviour_of(order.phone)
            faults = behaviour.faults | self.ordered.draw()
            if Fault.REFUSED in faults:
                raise ChargeRefused
            charge = self._charge(order, faults, order.answer or behaviour.answer)
            self.charges.made.append(charge)
            self._advance()
            return charge

    def _charge(self, order: Order, faults: frozenset[Fault], answer: Answer | None) -> Charge:
        now = self.clock()
        tid = f"{int(now)}{next(self._numbers):06d}"
        return Charge(
            tid=tid,
            dgs_reference=f"dgs_{tid}",
            order=order,
            made_at=now,
            lapses_at=now + self.pace.prompt_seconds,
            answers_at=now + (0 if Fault.AT_ONCE in faults else self.pace.answer_seconds),
            faults=faults,
            answer=answer,
            ignored=answer is Answer.IGNORE,
        )

    def find(self, reference: str) -> Charge | None:
        """Find a charge as it stands by now, by either of DGS-Pay's names for it."""
        with self._lock:
            self._advance()
            return self.charges.by_reference(reference)

    def prompts(self) -> list[Prompt]:
        """List what waits for a hand, oldest first."""
        with self._lock:
            self._advance()
            return [
                _prompt(charge)
                for charge in self.charges.waiting()
                if charge.answer is None and not charge.ignored
            ]

    def approve(self, tid: str) -> bool:
        """Pay a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._settle(charge, Outcome.PAID)
            return charge is not None

    def decline(self, tid: str) -> bool:
        """Fail a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._settle(charge, Outcome.FAILED, REASONS[Answer.DECLINE])
            return charge is not None

    def ignore(self, tid: str) -> bool:
        """Put a prompt away unanswered: its charge stays open until it times out."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                charge.ignored = True
            return charge is not None

    def pay_late(self, tid: str) -> bool:
        """Turn a charge that was called failed into a paid one, as a provider sometimes must."""
        with self._lock:
            charge = self.find(tid)
            if charge is None or charge.outcome is not Outcome.FAILED:
                return False
            self._settle(charge, Outcome.PAID)
            return True

    def tick(self) -> None:
        """Let happen what is due by now, and send what is due, in this thread."""
        for webhook in self._due():
            self._post(webhook)

    def tick_in_background(self, every: float = 0.1) -> Callable[[], None]:
        """Keep ticking, one thread per webhook; call what is returned to stop."""
        stopped = threading.Event()

        def keep_ticking() -> None:
            while not stopped.wait(every):
                for webhook in self._due():
                    threading.Thread(target=self._post, args=(webhook,), daemon=True).start()

        threading.Thread(target=keep_ticking, name=f"{NAME} till", daemon=True).start()
        return stopped.set

    def reset(self) -> None:
        """Forget everything but the clock, the sender and the numbers already given out."""
        with self._lock:
            self.charges = Charges()
            self.webhooks = []
            self.ordered = Orders()
            self.pace = replace(self._usual_pace)

    def _waiting(self, tid: str) -> Charge | None:
        charge = self.find(tid)
        return charge if charge and charge.outcome is Outcome.WAITING else None

    def _advance(self) -> None:
        now = self.clock()
        for charge in self.charges.waiting():
            if charge.answer not in (None, Answer.IGNORE) and charge.answers_at <= now:
                self._answer(charge)
            elif charge.lapses_at <= now:
                self._settle(charge, Outcome.FAILED, TIMED_OUT)

    def _answer(self, charge: Charge) -> None:
        if charge.answer in REASONS:
            self._settle(charge, Outcome.FAILED, REASONS[charge.answer])
        else:
            self._settle(charge, Outcome.PAID)

    def _settle(self, charge: Charge, outcome: Outcome, reason: str = "") -> None:
        pending = self._body(charge)
        charge.outcome, charge.reason = outcome, reason
        charge.settled_at = self.clock()
        if charge.order.callback_url and Fault.NO_WEBHOOK not in charge.faults:
            wait = self.pace.late_seconds if Fault.LATE in charge.faults else 0
            for body in self._messages(charge, pending):
                self._announce(charge, body, charge.settled_at + wait)

    def _messages(self, charge: Charge, pending: str) -> Iterator[str]:
        yield self._body(charge)
        if Fault.TWICE in charge.faults:
            yield self._body(charge)
        if Fault.OUT_OF_ORDER in charge.faults:
            # What was true before comes after what is true now.
            yield pending

    def _body(self, charge: Charge) -> str:
        return json.dumps({"event": EVENTS[charge.outcome], **self.tell(charge)})

    def _announce(self, charge: Charge, body: str, due_at: float) -> None:
        is_forged = Fault.BAD_SIGNATURE in charge.faults
        secret = "somebody else's" if is_forged else self.webhook_secret
        self.webhooks.append(
            Webhook(
                tid=charge.tid,
                url=charge.order.callback_url,
                body=body,
                signature=sign(body, secret),
                due_at=due_at,
            )
        )

    def _due(self) -> list[Webhook]:
        with self._lock:
            self._advance()
            now = self.clock()
            due = [hook for hook in self.webhooks if hook.sent_at is None and hook.due_at <= now]
            for webhook in due:
                webhook.sent_at = now
            return due

    def _post(self, webhook: Webhook) -> None:
        # Outside the lock: whoever is told may ask back before answering.
        webhook.reply = self.send(webhook.url, webhook.body.encode(), webhook.headers)


def _prompt(charge: Charge) -> Prompt:
    return Prompt(
        tid=charge.tid,
        asker=NAME,
        about=charge.order.narration,
        amount=charge.order.amount,
        currency=charge.order.currency,
        msisdn=f"250{charge.order.phone}",
        lapses_at=charge.lapses_at,
    )

"""V-Pay behind its wire: takes charges, waits for their payers, tells who asked to be told.

Time passes only by the clock: every call first lets happen what is due by now, and `tick` sends
the webhooks that are due. Tests move the clock and tick; a served simulator ticks by itself.

Errors: `ReferenceUsed`, `PhoneRefused`.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, Any

from infra.local.simulators.charges import Outcome, Prompt
from infra.local.simulators.vpay_charges import Charge, Charges, Sale
from infra.local.simulators.vpay_faults import Answer, Behaviour, Fault, Orders, behaviour_of
from infra.local.simulators.vpay_webhooks import (
    WRONG_SECRET,
    Sender,
    Webhook,
    post_over_http,
    signature_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PAGE_SECONDS = 30 * 60
OUT_OF_ORDER_SECONDS = 1
PAID = "Transaction completed successfully."
# Error code and message of every way to fail; a plain no has no documented code.
FAILURES = {
    Answer.DECLINE: ("", "Declined by the customer."),
    Answer.NO_FUNDS: ("INSUFFICIENT_FUNDS", "Customer's mobile wallet has insufficient balance."),
    Answer.TIME_OUT: ("PAYMENT_TIMEOUT", "Customer did not respond to the MoMo prompt."),
}


class ReferenceUsed(Exception):
    """The reference already belongs to a charge; a second one is never made."""


class PhoneRefused(Exception):
    """The charge was refused outright; nobody was prompted."""


@dataclass
class Pace:
    """How long things take, in seconds, and how many requests a plan allows (Starter)."""

    prompt_seconds: float = 180
    answer_seconds: float = 2
    late_seconds: float = 40
    slow_seconds: float = 20
    token_seconds: float = 300
    requests_per_minute: float = 20
    requests_per_day: float = 1000


@dataclass(kw_only=True)
class Till:
    """V-Pay's state. `tell` renders a charge as the body of its webhook, under a status word."""

    secret: str
    tell: Callable[[Charge], dict[str, Any]]
    asker: str = "V-Pay"
    clock: Callable[[], float] = time.time
    send: Sender = post_over_http
    pace: Pace = field(default_factory=Pace)
    charges: Charges = field(default_factory=Charges)
    postbacks: list[Webhook] = field(default_factory=list)
    ordered: Orders = field(default_factory=Orders)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: count[int] = field(default_factory=lambda: count(86_583_387))
    _usual_pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._usual_pace = replace(self.pace)

    def ring_up(self, sale: Sale) -> Charge:
        """Take a sale on. Raises ReferenceUsed, PhoneRefused."""
        with self._lock:
            self._advance()
            self.charges.asked[sale.refid] += 1
            if self.charges.by_refid(sale.refid):
                raise ReferenceUsed(sale.refid)
            behaviour = behaviour_of(sale.phone)
            faults = behaviour.faults | self.ordered.draw()
            if Fault.REFUSED in faults:
                raise PhoneRefused(sale.phone)
            charge = self._charge(sale, behaviour, faults)
            self.charges.made.append(charge)
            if behaviour.at_once and charge.answer is behaviour.answer:
                self._answer(charge)
            return charge

    def _charge(self, sale: Sale, behaviour: Behaviour, faults: frozenset[Fault]) -> Charge:
        now = self.clock()
        tid = f"VP{next(self._numbers)}"
        is_prompt = sale.method == "mtnrw"
        # A card's payer answers on the page, whatever the number. Under "all" a magic number
        # stands for a payer who chose the wallet there.
        answer = None if sale.method == "card" else behaviour.answer
        if is_prompt and not sale.message.replace(" ", "").isalnum():
            # Seed 002: special characters make MTN payments fail silently.
            answer = Answer.IGNORE
        is_prompted = is_prompt or answer is not None
        return Charge(
            **asdict(sale),
            tid=tid,
            page=str(uuid.uuid5(uuid.NAMESPACE_URL, tid)),
            made_at=now,
            lapses_at=now + (self.pace.prompt_seconds if is_prompted else PAGE_SECONDS),
            answers_at=now + self.pace.answer_seconds,
            faults=faults,
            answer=answer,
            prompted=is_prompted,
            ignored=answer is Answer.IGNORE,
        )

    def find(self, *, tid: str = "", refid: str = "", page: str = "") -> Charge | None:
        """Find a charge as it stands by now."""
        with self._lock:
            self._advance()
            known = self.charges
            return known.by_tid(tid) or known.by_refid(refid) or known.by_page(page)

    def prompts(self) -> list[Prompt]:
        """List what waits for a hand, oldest first."""
        with self._lock:
            self._advance()
            return [
                Prompt(
                    tid=charge.tid,
                    asker=self.asker,
                    about=charge.message,
                    amount=charge.amount,
                    currency=charge.currency,
                    msisdn=f"25{charge.phone}",
                    lapses_at=charge.lapses_at,
                )
                for charge in self.charges.waiting()
                if charge.prompted and charge.answer is None and not charge.ignored
            ]

    def prompt(self, tid: str) -> bool:
        """Ask the wallet, as its payer chose on the page; False if nothing waits any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge and not charge.prompted:
                charge.prompted = True
                charge.lapses_at = self.clock() + self.pace.prompt_seconds
            return charge is not None

    def approve(self, tid: str, *, payer: str = "") -> bool:
        """Pay a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._pay(charge, payer)
            return charge is not None

    def decline(self, tid: str, reason: str = FAILURES[Answer.DECLINE][1]) -> bool:
        """Fail a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._fail(charge, "", reason)
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
            charge = self.find(tid=tid)
            if charge is None or charge.outcome is not Outcome.FAILED:
                return False
            self._pay(charge)
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

        threading.Thread(target=keep_ticking, name=f"{self.asker} till", daemon=True).start()
        return stopped.set

    def reset(self) -> None:
        """Forget everything but the clock, the sender and the numbers already given out."""
        with self._lock:
            self.charges = Charges()
            self.postbacks = []
            self.ordered = Orders()
            self.pace = replace(self._usual_pace)

    def _waiting(self, tid: str) -> Charge | None:
        charge = self.find(tid=tid)
        return charge if charge and charge.outcome is Outcome.WAITING else None

    def _advance(self) -> None:
        now = self.clock()
        for charge in self.charges.waiting():
            if charge.answer not in (None, Answer.IGNORE) and charge.answers_at <= now:
                self._answer(charge)
            elif charge.lapses_at <= now:
                self._fail(charge, *FAILURES[Answer.TIME_OUT])

    def _answer(self, charge: Charge) -> None:
        if charge.answer in FAILURES:
            self._fail(charge, *FAILURES[charge.answer])
        else:
            self._pay(charge)

    def _pay(self, charge: Charge, payer: str = "") -> None:
        charge.outcome, charge.error_code, charge.reason = Outcome.PAID, "", PAID
        self._settled(charge, payer)

    def _fail(self, charge: Charge, code: str, reason: str) -> None:
        charge.outcome, charge.error_code, charge.reason = Outcome.FAILED, code, reason
        self._settled(charge)

    def _settled(self, charge: Charge, payer: str = "") -> None:
        charge.settled_at = self.clock()
        charge.payer = payer or f"25{charge.phone}"
        if Fault.NO_WEBHOOK in charge.faults:
            return
        wait = self.pace.late_seconds if Fault.LATE in charge.faults else 0
        for _ in range(2 if Fault.TWICE in charge.faults else 1):
            self._announce(charge, charge.settled_at + wait)
        if Fault.OUT_OF_ORDER in charge.faults:
            # What was true before the ending, told after it.
            before = replace(charge, outcome=Outcome.WAITING, error_code="", reason="")
            self._announce(before, charge.settled_at + wait + OUT_OF_ORDER_SECONDS)

    def _announce(self, charge: Charge, due_at: float) -> None:
        body = json.dumps(self.tell(charge))
        is_forged = Fault.BAD_SIGNATURE in charge.faults
        self.postbacks.append(
            Webhook(
                tid=charge.tid,
                url=charge.callback_url,
                body=body,
                signature=signature_of(body, WRONG_SECRET if is_forged else self.secret),
                due_at=due_at,
            )
        )

    def _due(self) -> list[Webhook]:
        with self._lock:
            self._advance()
            now = self.clock()
            due = [hook for hook in self.postbacks if hook.sent_at is None and hook.due_at <= now]
            for webhook in due:
                webhook.sent_at = now
            return due

    def _post(self, webhook: Webhook) -> None:
        # Outside the lock: whoever is told may ask back before answering. A charge without an
        # address has nobody to tell.
        if webhook.url:
            webhook.reply = self.send(webhook.url, webhook.body.encode(), webhook.headers)

"""The provider behind the wire: takes charges, waits for their payers, tells who asked to be told.

Time passes only by the clock: every call first lets happen what is due by now, and `tick` sends
the postbacks that are due. Tests move the clock and tick; a served simulator ticks by itself.

Errors: `RefidUsed`, `RetailerNotEnabled`.
"""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING

from infra.local.simulators.charges import Charge, Charges, Outcome, Prompt, Sale
from infra.local.simulators.faults import Answer, Fault, Orders, behaviour_of
from infra.local.simulators.postbacks import Postback, Sender, post_over_http

if TYPE_CHECKING:
    from collections.abc import Callable

CHECKOUT_PAGE_SECONDS = 30 * 60
PAID = "Successfully processed transaction."
TIMED_OUT = "Timed out: the customer did not answer the prompt."
REASONS = {Answer.DECLINE: "Declined by the customer.", Answer.NO_FUNDS: "Not enough funds"}


class RefidUsed(Exception):
    """The refid already belongs to a charge; a second one is never made."""


class RetailerNotEnabled(Exception):
    """The charge was refused outright; nobody was prompted."""


@dataclass
class Pace:
    """How long things take, in seconds."""

    prompt_seconds: float = 60
    answer_seconds: float = 2
    late_seconds: float = 40
    slow_seconds: float = 20


@dataclass(kw_only=True)
class Till:
    """One provider's state. `tell` renders a charge as the body of its postback."""

    asker: str
    tell: Callable[[Charge], dict[str, str]]
    clock: Callable[[], float] = time.time
    send: Sender = post_over_http
    pace: Pace = field(default_factory=Pace)
    charges: Charges = field(default_factory=Charges)
    postbacks: list[Postback] = field(default_factory=list)
    ordered: Orders = field(default_factory=Orders)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _numbers: count[int] = field(default_factory=lambda: count(1))
    _usual_pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self._usual_pace = replace(self.pace)

    def ring_up(self, sale: Sale) -> Charge:
        """Take a sale on. Raises RefidUsed, RetailerNotEnabled."""
        with self._lock:
            self._advance()
            self.charges.asked[sale.refid] += 1
            if self.charges.by_refid(sale.refid):
                raise RefidUsed(sale.refid)
            behaviour = behaviour_of(sale.msisdn)
            faults = behaviour.faults | self.ordered.draw()
            if Fault.REFUSED in faults:
                raise RetailerNotEnabled(sale.retailerid)
            charge = self._charge(sale, faults)
            # A card's payer answers on the card page, whatever the phone number.
            charge.answer = behaviour.answer if sale.pmethod == "momo" else None
            charge.ignored = charge.answer is Answer.IGNORE
            self.charges.made.append(charge)
            return charge

    def _charge(self, sale: Sale, faults: frozenset[Fault]) -> Charge:
        now = self.clock()
        waits = self.pace.prompt_seconds if sale.pmethod == "momo" else CHECKOUT_PAGE_SECONDS
        return Charge(
            **asdict(sale),
            tid=f"E{int(now)}{next(self._numbers):06d}",
            made_at=now,
            lapses_at=now + waits,
            answers_at=now + self.pace.answer_seconds,
            faults=faults,
        )

    def find(self, *, tid: str = "", refid: str = "") -> Charge | None:
        """Find a charge as it stands by now; the caller's own reference goes first."""
        with self._lock:
            self._advance()
            return self.charges.by_refid(refid) or self.charges.by_tid(tid)

    def prompts(self) -> list[Prompt]:
        """List what waits for a hand, oldest first."""
        with self._lock:
            self._advance()
            return [
                self._prompt(charge)
                for charge in self.charges.waiting()
                if charge.pmethod == "momo" and charge.answer is None and not charge.ignored
            ]

    def _prompt(self, charge: Charge) -> Prompt:
        return Prompt(
            tid=charge.tid,
            asker=self.asker,
            about=charge.details,
            amount=charge.amount,
            currency=charge.currency,
            msisdn=charge.msisdn,
            lapses_at=charge.lapses_at,
        )

    def approve(self, tid: str, *, payaccount: str = "") -> bool:
        """Pay a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._pay(charge, payaccount)
            return charge is not None

    def decline(self, tid: str, reason: str = REASONS[Answer.DECLINE]) -> bool:
        """Fail a waiting charge; False if none waits under this tid any more."""
        with self._lock:
            charge = self._waiting(tid)
            if charge:
                self._fail(charge, reason)
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
        for postback in self._due():
            self._post(postback)

    def tick_in_background(self, every: float = 0.1) -> Callable[[], None]:
        """Keep ticking, one thread per postback; call what is returned to stop."""
        stopped = threading.Event()

        def keep_ticking() -> None:
            while not stopped.wait(every):
                for postback in self._due():
                    threading.Thread(target=self._post, args=(postback,), daemon=True).start()

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
                self._fail(charge, TIMED_OUT)

    def _answer(self, charge: Charge) -> None:
        if charge.answer in REASONS:
            self._fail(charge, REASONS[charge.answer])
        else:
            self._pay(charge)

    def _pay(self, charge: Charge, payaccount: str = "") -> None:
        charge.outcome, charge.reason = Outcome.PAID, PAID
        charge.payaccount = payaccount or charge.msisdn
        charge.momtransactionid = f"61673{next(self._numbers):06d}"
        self._settled(charge)

    def _fail(self, charge: Charge, reason: str) -> None:
        charge.outcome, charge.reason = Outcome.FAILED, reason
        charge.payaccount = charge.msisdn
        self._settled(charge)

    def _settled(self, charge: Charge) -> None:
        charge.settled_at = self.clock()
        if Fault.NO_POSTBACK in charge.faults:
            return
        wait = self.pace.late_seconds if Fault.LATE in charge.faults else 0
        for _ in range(2 if Fault.TWICE in charge.faults else 1):
            self.postbacks.append(
                Postback(
                    tid=charge.tid,
                    url=charge.returl,
                    body=self.tell(charge),
                    due_at=charge.settled_at + wait,
                )
            )

    def _due(self) -> list[Postback]:
        with self._lock:
            self._advance()
            now = self.clock()
            due = [post for post in self.postbacks if post.sent_at is None and post.due_at <= now]
            for postback in due:
                postback.sent_at = now
            return due

    def _post(self, postback: Postback) -> None:
        # Outside the lock: whoever is told asks back before answering.
        postback.reply = self.send(postback.url, postback.body)

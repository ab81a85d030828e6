"""RwandaPay behind the wire: opens sessions, prompts wallets, tells who asked to be told.

Time passes only by the clock: every call first lets happen what is due by now, and `tick` sends
the webhooks that are due. Tests move the clock and tick; a served simulator ticks by itself.
"""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from infra.local.simulators.charges import Outcome, Prompt
from infra.local.simulators.faults import Answer
from infra.local.simulators.rwandapay_faults import (
    AT_INITIALIZE,
    AT_PROCESS,
    Fault,
    Orders,
    answer_of,
    faults_of,
)
from infra.local.simulators.rwandapay_rules import (
    AUTH_FAILED,
    DUPLICATE_REFERENCE,
    INITIALIZATION_FAILED,
    INSUFFICIENT_BALANCE,
    Bucket,
    Refused,
)
from infra.local.simulators.rwandapay_sessions import Order, Session
from infra.local.simulators.rwandapay_webhooks import (
    ANOTHER_SECRET,
    Sender,
    Webhook,
    render,
    send_over_http,
    sign,
)

if TYPE_CHECKING:
    from collections.abc import Callable

PAID = "Payment successful!"
DECLINED = "Payment failed"
NO_FUNDS = "Customer has insufficient funds"
TIMED_OUT = "Payment request expired"
OUT_OF_ORDER_SECONDS = 1.0


@dataclass
class Habits:
    """How RwandaPay goes about it; what the sources leave open can be set. Times in seconds."""

    prompt_seconds: float = 60
    answer_seconds: float = 2
    late_seconds: float = 40
    slow_seconds: float = 20
    session_seconds: float = 3600
    webhook_shape: str = "nested"
    signature_form: str = "hex"
    signature_header: str = "X-Webhook-Signature"
    error_shape: str = "coded"
    probes: bool = False
    pushes: bool = True


@dataclass(kw_only=True)
class Till:
    """RwandaPay's state."""

    webhook_secret: str = ""
    clock: Callable[[], float] = time.time
    send: Sender = send_over_http
    habits: Habits = field(default_factory=Habits)
    sessions: list[Session] = field(default_factory=list)
    webhooks: list[Webhook] = field(default_factory=list)
    opened: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    ordered: Orders = field(default_factory=Orders)
    bucket: Bucket = field(init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _usual: Habits = field(init=False)

    def __post_init__(self) -> None:
        self._usual = replace(self.habits)
        self.bucket = Bucket(self.clock)

    @property
    def charges(self) -> list[Session]:
        """Every session in which somebody was prompted, in the order of opening."""
        return [session for session in self.sessions if session.prompted_at is not None]

    def paid(self, refid: str | None = None) -> list[Session]:
        """Every session that took money, or those of one refid."""
        return [
            session
            for session in self.sessions
            if session.outcome is Outcome.PAID and refid in (None, session.refid)
        ]

    def open(self, order: Order) -> tuple[Session, frozenset[Fault]]:
        """Open a session, with what goes wrong around it. Raises Refused."""
        with self._lock:
            self.advance()
            self.opened[order.refid] += 1
            if any(session.refid == order.refid for session in self.sessions):
                raise Refused(*DUPLICATE_REFERENCE)
            faults = (faults_of(order.phone) & AT_INITIALIZE) | self.ordered.draw(AT_INITIALIZE)
            if Fault.REFUSED in faults:
                raise Refused(*AUTH_FAILED)
            if Fault.INITIALIZE_500 in faults:
                raise Refused(*INITIALIZATION_FAILED)
            session = self._session(order)
            self.sessions.append(session)
            return session, faults

    def _session(self, order: Order) -> Session:
        now = self.clock()
        mark = hashlib.sha256(f"{order.refid} {now}".encode()).hexdigest().upper()
        return Session(
            **asdict(order),
            tid=f"CHK-{mark[:16]}",
            made_at=now,
            expires_at=now + self.habits.session_seconds,
        )

    def prompt(self, session: Session, msisdn: str, network: str) -> Session:
        """Ask a wallet for the money, once in a session. Raises Refused."""
        with self._lock:
            self.advance()
            self.asked[session.refid] += 1
            if session.prompted_at is not None or session.settled_at is not None:
                raise Refused(*DUPLICATE_REFERENCE)
            now = self.clock()
            session.msisdn, session.network, session.prompted_at = msisdn, network, now
            session.paypack_reference = str(uuid.uuid5(uuid.NAMESPACE_URL, session.tid))
            session.lapses_at = now + self.habits.prompt_seconds
            session.answers_at = now + self.habits.answer_seconds
            session.faults = (faults_of(msisdn) & AT_PROCESS) | self.ordered.draw(AT_PROCESS)
            session.answer = answer_of(msisdn)
            session.ignored = session.answer is Answer.IGNORE
            self._answer_at_once(session)
            return session

    def _answer_at_once(self, session: Session) -> None:
        if session.mode == "test":
            self._settle(session, "successful", PAID)
        elif session.answer is Answer.NO_FUNDS:
            self._settle(session, "failed", NO_FUNDS)
            raise Refused(*INSUFFICIENT_BALANCE)

    def find(self, *, tid: str = "", refid: str = "") -> Session | None:
        """Find a session as it stands by now."""
        with self._lock:
            self.advance()
            return next((s for s in self.sessions if refid == s.refid or tid == s.tid), None)

    def prompts(self) -> list[Prompt]:
        """List what waits for a hand, oldest first."""
        with self._lock:
            self.advance()
            return [
                session.prompt
                for session in self.sessions
                if session.is_waiting and session.answer is None and not session.ignored
            ]

    def approve(self, tid: str) -> bool:
        """Pay; False if nothing waits under this session any more."""
        return self._end(tid, "successful", PAID)

    def decline(self, tid: str) -> bool:
        """Refuse to pay; False if nothing waits under this session any more."""
        return self._end(tid, "failed", DECLINED)

    def cancel(self, tid: str) -> bool:
        """Give up on their page; False when it is over, or when a prompt is out."""
        with self._lock:
            session = self.find(tid=tid)
            may = session is not None and session.prompted_at is None
            if session and may and session.settled_at is None:
                self._settle(session, "cancelled", "Payment cancelled")
                return True
            return False

    def ignore(self, tid: str) -> bool:
        """Put a prompt away unanswered: it stays open until it times out."""
        with self._lock:
            session = self.find(tid=tid)
            if session is None or not session.is_waiting:
                return False
            session.ignored = True
            return True

    def pay_late(self, tid: str) -> bool:
        """Turn a charge that was called failed into a paid one, as a provider sometimes must."""
        with self._lock:
            session = self.find(tid=tid)
            if session is None or session.outcome is not Outcome.FAILED:
                return False
            self._settle(session, "successful", PAID)
            return True

    def tick(self) -> None:
        """Let happen what is due by now, and send what is due, in this thread."""
        for webhook in self._due():
            self._send(webhook)

    def tick_in_background(self, every: float = 0.1) -> Callable[[], None]:
        """Keep ticking, one thread per webhook; call what is returned to stop."""
        stopped = threading.Event()

        def keep_ticking() -> None:
            while not stopped.wait(every):
                for webhook in self._due():
                    threading.Thread(target=self._send, args=(webhook,), daemon=True).start()

        threading.Thread(target=keep_ticking, name="RwandaPay till", daemon=True).start()
        return stopped.set

    def reset(self) -> None:
        """Forget everything but the clock, the sender and the secret."""
        with self._lock:
            self.sessions, self.webhooks = [], []
            self.opened, self.asked = Counter(), Counter()
            self.ordered, self.bucket = Orders(), Bucket(self.clock)
            self.habits = replace(self._usual)

    def advance(self) -> None:
        """Let happen what is due by now."""
        now = self.clock()
        for session in self.sessions:
            if not session.is_waiting:
                continue
            if session.answer not in (None, Answer.IGNORE) and session.answers_at <= now:
                approves = session.answer is Answer.APPROVE
                self._settle(session, *(("successful", PAID) if approves else ("failed", DECLINED)))
            elif session.lapses_at <= now:
                self._settle(session, "expired", TIMED_OUT)

    def _end(self, tid: str, status: str, reason: str) -> bool:
        with self._lock:
            session = self.find(tid=tid)
            if session is None or not session.is_waiting:
                return False
            self._settle(session, status, reason)
            return True

    def _settle(self, session: Session, status: str, reason: str) -> None:
        now = self.clock()
        session.status, session.reason, session.settled_at = status, reason, now
        if status == "successful":
            mark = hashlib.sha256(session.tid.encode()).hexdigest()[:8].upper()
            moment = datetime.fromtimestamp(now, UTC)
            session.transaction_id = f"PAY-{session.mode.upper()}-{mark}-{moment:%Y%m%d%H%M%S}"
        # Test mode tells nobody.
        if session.mode == "live" and session.webhook_url:
            self._tell(session, status, now)

    def _tell(self, session: Session, status: str, now: float) -> None:
        if Fault.NO_WEBHOOK in session.faults:
            return
        due_at = now + (self.habits.late_seconds if Fault.LATE in session.faults else 0)
        for _ in range(2 if Fault.TWICE in session.faults else 1):
            self.webhooks.append(self._webhook(session, status, due_at))
        if Fault.OUT_OF_ORDER in session.faults:
            late = due_at + OUT_OF_ORDER_SECONDS
            self.webhooks.append(self._webhook(session, "pending", late))

    def _webhook(self, session: Session, status: str, due_at: float) -> Webhook:
        body = render(session, status, self.habits.webhook_shape, self.clock())
        is_bad = Fault.BAD_SIGNATURE in session.faults
        secret = ANOTHER_SECRET if is_bad else self.webhook_secret
        signature = sign(body, secret, self.habits.signature_form)
        headers = {
            "Content-Type": "application/json",
            self.habits.signature_header: signature,
        }
        return Webhook(
            tid=session.tid, url=session.webhook_url, body=body, headers=headers, due_at=due_at
        )

    def _due(self) -> list[Webhook]:
        with self._lock:
            self.advance()
            now = self.clock()
            due = [hook for hook in self.webhooks if hook.sent_at is None and hook.due_at <= now]
            for webhook in due:
                webhook.sent_at = now
            return sorted(due, key=lambda webhook: webhook.due_at)

    def _send(self, webhook: Webhook) -> None:
        # Outside the lock: whoever is told may ask back before answering.
        if self.habits.probes:
            webhook.probe = self.send("HEAD", webhook.url, b"", {})
            if webhook.probe.status != 200:  # noqa: PLR2004 - the one answer that it wants
                return
        webhook.reply = self.send("POST", webhook.url, webhook.body, webhook.headers)

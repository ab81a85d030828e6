"""Every guard of a payment's life, and what the code would be without it.

A guard is a line that keeps an invariant: a condition of a write, a look for a repeat, a comparison
of sums, a signature. Each is taken away by itself, in a process of its own, and schedules are run
until one of them ends in a violation. What nobody misses is no guard, or the judge is blind.
"""

import importlib.abc
import importlib.machinery
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

FUNCTIONS = Path(__file__).parents[2] / "functions"


@dataclass(frozen=True)
class Guard:
    """A line that keeps an invariant, and the code without it."""

    name: str
    file: str
    """Below functions/."""
    line: str
    """As it stands, once in the file."""
    without: str

    @property
    def module(self) -> str:
        """The module that holds it."""
        return self.file.removesuffix(".py").replace("/", ".")

    def removed_from(self, source: str) -> str:
        """The file without the guard. Raises AssertionError when it does not stand there once."""
        assert source.count(self.line) == 1, f"{self.name}: {source.count(self.line)} times"
        return source.replace(self.line, self.without)


GUARDS: Sequence[Guard] = (
    # ------------------------------------------------------------ conditions of writes
    Guard(
        "a tx_ref is written once",
        "ledger/payments.py",
        '        "ConditionExpression": "attribute_not_exists(pk)",\n',
        "",
    ),
    Guard(
        "a payment is written over the version that was read",
        "ledger/payments.py",
        'ConditionExpression="#version = :version_before",',
        'ConditionExpression="#version = :version_before OR attribute_exists(pk)",',
    ),
    Guard(
        "an unsigned hint needs the attempt's token",
        "ledger/payments.py",
        '"attempts.#n.token_hash = :token_hash"',
        '"(attempts.#n.token_hash = :token_hash OR attribute_exists(pk))"',
    ),
    Guard(
        "a provider is asked once in two seconds",
        "ledger/payments.py",
        '" AND (attribute_not_exists(asked_at) OR asked_at <= :pause_over)"',
        '" AND (attribute_exists(pk) OR asked_at <= :pause_over)"',
    ),
    Guard(
        "an Idempotency-Key stands for one request",
        "ledger/payments.py",
        "            if other is not None:\n                raise IdempotencyKeyReused\n",
        "",
    ),
    Guard(
        "an event is written once",
        "ledger/events.py",
        'ConditionExpression="attribute_not_exists(pk)",',
        'ConditionExpression="attribute_not_exists(pk) OR attribute_exists(pk)",',
    ),
    Guard(
        "the sweep moves a look on only from where it saw it",
        "ledger/checks.py",
        'condition = "check_at = :seen AND version = :version"',
        'condition = "attribute_exists(pk) OR (check_at = :seen AND version = :version)"',
    ),
    # ------------------------------------------------------------ lost replies and repeats
    Guard(
        "an opening knows its own lost reply",
        "ledger/payments.py",
        'if found is not None and found["opened_by"] != write_id:',
        "if found is not None:",
    ),
    Guard(
        "a change knows its own lost reply",
        "ledger/payments.py",
        'if found["write_id"] != write_id:\n                raise MovedOn',
        "if True:\n                raise MovedOn",
    ),
    Guard(
        "a claim knows its own lost reply",
        "ledger/payments.py",
        '            if found.get("asked_by") == write_id:\n                return read(found)\n',
        "",
    ),
    Guard(
        "the same request finds the payment that it opened",
        "checkout/initialize.py",
        "if not payment.idempotency_hash or payment.idempotency_hash != before.idempotency_hash:",
        "if not payment.idempotency_hash:",
    ),
    Guard(
        "a used tx_ref is refused without a key",
        "checkout/initialize.py",
        "if not payment.idempotency_hash or payment.idempotency_hash != before.idempotency_hash:",
        "if payment.idempotency_hash != before.idempotency_hash:",
    ),
    Guard(
        "an old form charges nothing",
        "checkout/pay.py",
        'elif fields.get("try") == str(payment.tries + 1):',
        "else:",
    ),
    Guard(
        "the merchant's page charges once for one key",
        "checkout/process.py",
        "    if repeated:\n        return payment, repeated\n    try:",
        "    try:",
    ),
    # ------------------------------------------------------------ one live attempt
    Guard(
        "no try beside a live one",
        "checkout/charging.py",
        "    if payment.live_attempt:\n        raise AttemptInProgress\n",
        "",
    ),
    Guard(
        "no try on a payment that has ended",
        "checkout/charging.py",
        "            raise PaymentClosed(status)",
        "            pass",
    ),
    Guard(
        "whoever came second does not charge",
        "checkout/charging.py",
        "        refuse_unless_open(moved.current, now)\n"
        "        raise AttemptInProgress from moved\n",
        "        begun = moved.current\n",
    ),
    Guard(
        "the attempt is written before the provider hears of it",
        "checkout/charging.py",
        "        wiring.payments().save(begun, News.ATTEMPT)\n    except",
        "        pass\n    except",
    ),
    Guard(
        "silence leaves the attempt unknown",
        "checkout/charging.py",
        "        return begun\n",
        "        from payments.report import Outcome, Report\n"
        "        report = Report(attempt_ref=attempt.ref, outcome=Outcome.REFUSED)\n",
    ),
    Guard(
        "the next provider is asked after a plain refusal alone",
        "settlement/judge.py",
        "    return attempt.falls_over and attempt.is_refused_at_once\n",
        "    return attempt.falls_over\n",
    ),
    Guard(
        "not found is no answer for five minutes",
        "settlement/judge.py",
        "if again.times_not_found < NOT_FOUND_TIMES or not is_long_enough:",
        "if again.times_not_found < 1:",
    ),
    Guard(
        "a 5xx is silence",
        "providers/wire.py",
        '        raise ProviderSilent(f"HTTP {status}")\n',
        "        raise ProviderRefused(Reason.UNREACHABLE)\n",
    ),
    Guard(
        "a lost reply is silence",
        "providers/wire.py",
        "        raise ProviderSilent(type(lost).__name__) from lost\n",
        "        raise ProviderRefused(Reason.UNREACHABLE) from lost\n",
    ),
    # ------------------------------------------------------------ moves and sums
    Guard(
        "a payment moves by the table alone",
        "settlement/transitions.py",
        "    return then in ALLOWED[now]\n",
        "    return now is not then\n",
    ),
    Guard(
        "what is paid stays paid",
        "settlement/judge.py",
        "if attempt is None or attempt.status is AttemptStatus.PAID:",
        "if attempt is None:",
    ),
    Guard(
        "an attempt that ended is not ended again",
        "settlement/judge.py",
        "judge_without_money(payment, attempt, report, by, now) if attempt.is_live else None",
        "judge_without_money(payment, attempt, report, by, now)",
    ),
    Guard(
        "the provider's sum must be ours",
        "settlement/judge.py",
        "    return report.stated in (None, payment.money)\n",
        "    return True\n",
    ),
    Guard(
        "no answer is no decline",
        "settlement/judge.py",
        "        case Outcome.DECLINED:\n",
        "        case Outcome.DECLINED | Outcome.PENDING:\n",
    ),
    Guard(
        "what comes between two writes is judged anew",
        "settlement/settle.py",
        "            payment = moved.current\n",
        "            return moved.current\n",
    ),
    # ------------------------------------------------------------ proofs
    Guard(
        "V-Pay's signature",
        "providers/vpay.py",
        "        require_signature(notice, self._credentials.webhook_secret)\n",
        "",
    ),
    Guard(
        "DGS-Pay's signature",
        "providers/dgspay.py",
        "    return bool(secret) and hmac.compare_digest("
        'told.encode(errors="replace"), ours.encode())',
        "    return True",
    ),
    Guard(
        "RwandaPay's signature",
        "providers/rwandapay.py",
        "        check_signature(notice, self._credentials.webhook_secret)\n",
        "",
    ),
    Guard(
        "a signed letter needs the attempt's token too",
        "webhooks/receive.py",
        "        or not same(token_hash(token), attempt.token_hash)\n",
        "",
    ),
    Guard(
        "a provider's own name for a charge is one attempt's",
        "ledger/payments.py",
        '"attribute_not_exists(pk) OR attempt_ref = :ours"',
        '"attribute_not_exists(pk) OR attribute_exists(pk)"',
    ),
    Guard(
        "a letter that names nothing of ours makes us ask",
        "providers/rwandapay.py",
        "    return spoken if is_flat and is_ours else None",
        "    return spoken if is_flat else None",
    ),
    # ------------------------------------------------------------ nothing lost
    Guard(
        "news is written with the change",
        "settlement/news.py",
        "return replace(after, owed=(*after.owed, Owed(after.version, kind, after.updated_at)))",
        "return after",
    ),
    Guard(
        "the sweep tells news that nobody told",
        "polling/look.py",
        "        if is_untold(owed, events, now):\n",
        "        if False:\n",
    ),
    Guard(
        "the sweep starts a watch that never started",
        "polling/look.py",
        "                watch(payment, attempt.ref)\n",
        "                pass\n",
    ),
    Guard(
        "the sweep expires what nobody paid",
        "polling/look.py",
        "lambda standing: expire(standing, now)",
        "lambda standing: None",
    ),
    Guard(
        "the sweep asks again about what ended without money",
        "settlement/next_look.py",
        "may_bring_late_money(attempt) and now >= due and (looked_at is None or looked_at < due)",
        "False",
    ),
    Guard(
        "a day without an answer calls a person",
        "polling/ask_provider.py",
        "    return parked(payment, attempt, UNANSWERED, wiring.outside.clock())\n",
        "    return None\n",
    ),
    Guard(
        "a delivery that was not taken is tried again",
        "announcements/deliver.py",
        "        raise NotDelivered(str(pause))\n",
        "        return stands\n",
    ),
    Guard(
        "a delivery that was not taken is not given up",
        "announcements/deliver.py",
        "DeliveryState.EXHAUSTED if pause is None else DeliveryState.PENDING",
        "DeliveryState.EXHAUSTED",
    ),
)


class WithoutGuard(importlib.abc.MetaPathFinder):
    """Imports one module without its guard."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Take the guard's module alone."""
        if fullname != self._guard.module:
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        assert spec is not None
        spec.loader = Mutating(self._guard)
        return spec


class Mutating(SourceFileLoader):
    """Reads the file, and leaves the guard out."""

    def __init__(self, guard: Guard) -> None:
        super().__init__(guard.module, str(FUNCTIONS / guard.file))
        self._guard = guard

    def get_code(self, fullname: str) -> object:  # type: ignore[override]  # typeshed asks for more of a loader
        """Compile what is left; nothing of it is cached."""
        source = self._guard.removed_from((FUNCTIONS / self._guard.file).read_text())
        return compile(source, self.get_filename(fullname), "exec", dont_inherit=True)


def remove(guard: Guard) -> None:
    """Let this process import the code without a guard, from now on."""
    assert guard.module not in sys.modules
    sys.meta_path.insert(0, WithoutGuard(guard))

"""What the demo plays, as data: one scenario per way in which a payment can end.

The numbers' meanings: infra/local/simulators/kpay.py (live), functions/providers/sandbox.py (test).
"""

from dataclasses import dataclass
from enum import StrEnum

from payments.mode import Mode
from payments.status import SettledBy, Status

# A number that stands for nothing: its prompt waits for the handset.
ORDINARY = "0788123456"
# The template's watch asks after 15 s and again 15 s later: this lies between (DESIGN.md, numbers).
SILENT_SECONDS = 25.0
# Between the same two questions, in place of K-Pay's whole minute.
PROMPT_SECONDS = 20.0
# The first question comes after 15 s.
SECONDS_UNTIL_ASKED = 20.0


class Way(StrEnum):
    """Where the customer pays."""

    OWN_PAGE = "own page"
    """The merchant's page, by `process`: a decline is final."""
    HOSTED_PAGE = "hosted page"
    CARD = "card"


class Mishap(StrEnum):
    """What is made to go wrong by hand, where no number does it."""

    POSTBACK_WITHHELD = "postback withheld"
    MERCHANT_FAILS_ONCE = "merchant fails once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a payment must end. `charges` and `paid` count K-Pay's ledger."""

    status: Status
    settled_by: SettledBy | None
    answers: tuple[int, ...] = (200,)
    """What the shop answered to each delivery, in order."""
    charges: int = 0
    paid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One payment of the demo."""

    what: str
    mode: Mode
    phone: str = ORDINARY
    way: Way = Way.OWN_PAGE
    second_phone: str | None = None
    """With this the customer tries again on the page after a decline."""
    mishap: Mishap | None = None
    approved_after: float | None = None
    """Seconds after which the handset approves; None where the number decides."""
    prompt_seconds: float | None = None
    """How long K-Pay's prompt waits, where that is not its usual minute."""
    error: str | None = None
    """The code with which `process` answers a charge that is over at once."""
    watched_for: float | None = None
    """Seconds after which a payment that stays pending is left."""
    expected: Expected

    @property
    def turn(self) -> tuple[bool, bool]:
        """Sort key of who begins first.

        A mishap falls on whoever comes next, so it must be alone; then come the longest.
        """
        is_announced = self.expected.settled_by in {SettledBy.WEBHOOK, SettledBy.REPLY}
        return (self.mishap is None, is_announced)


def _paid(by: SettledBy, answers: tuple[int, ...] = (200,), charges: int = 1) -> Expected:
    return Expected(
        status=Status.SUCCESSFUL,
        settled_by=by,
        answers=answers,
        charges=charges,
        paid=min(charges, 1),
    )


def _failed(by: SettledBy, charges: int = 1) -> Expected:
    return Expected(status=Status.FAILED, settled_by=by, charges=charges)


WEBHOOK, POLLING, REPLY = SettledBy.WEBHOOK, SettledBy.POLLING, SettledBy.REPLY

SILENT = Scenario(
    what=f"silent, paid after {SILENT_SECONDS:.0f} s",
    mode=Mode.LIVE,
    mishap=Mishap.POSTBACK_WITHHELD,
    approved_after=SILENT_SECONDS,
    expected=_paid(POLLING),
)

# Live money, over K-Pay's wire.
LIVE = (
    Scenario(what="paid, webhook", mode=Mode.LIVE, phone="0788000001", expected=_paid(WEBHOOK)),
    Scenario(
        what="paid, postback withheld", mode=Mode.LIVE, phone="0788000002", expected=_paid(POLLING)
    ),
    SILENT,
    Scenario(what="paid, reply lost", mode=Mode.LIVE, phone="0788000006", expected=_paid(WEBHOOK)),
    Scenario(what="declined", mode=Mode.LIVE, phone="0788000003", expected=_failed(WEBHOOK)),
    Scenario(what="no funds", mode=Mode.LIVE, phone="0788000004", expected=_failed(WEBHOOK)),
    Scenario(
        what="ignored until time-out",
        mode=Mode.LIVE,
        phone="0788000005",
        prompt_seconds=PROMPT_SECONDS,
        expected=_failed(WEBHOOK),
    ),
    Scenario(what="postback twice", mode=Mode.LIVE, phone="0788000009", expected=_paid(WEBHOOK)),
    Scenario(
        what="refused (605)",
        mode=Mode.LIVE,
        phone="0788000011",
        error="PROVIDER_UNAVAILABLE",
        expected=_failed(REPLY, charges=0),
    ),
    Scenario(what="card paid", mode=Mode.LIVE, way=Way.CARD, expected=_paid(WEBHOOK)),
    Scenario(
        what="page: declined, then paid",
        mode=Mode.LIVE,
        way=Way.HOSTED_PAGE,
        phone="0788000003",
        second_phone="0788000001",
        expected=_paid(WEBHOOK, charges=2),
    ),
    Scenario(
        what="paid, merchant fails once",
        mode=Mode.LIVE,
        phone="0788000001",
        mishap=Mishap.MERCHANT_FAILS_ONCE,
        expected=_paid(WEBHOOK, answers=(500, 200)),
    ),
)

# The sandbox sends its webhook before it answers, so `process` can tell of a decline at once.
TEST = (
    Scenario(
        what="paid, webhook",
        mode=Mode.TEST,
        phone="0780000000",
        expected=_paid(WEBHOOK, charges=0),
    ),
    Scenario(
        what="declined",
        mode=Mode.TEST,
        phone="0780000001",
        error="PAYMENT_DECLINED",
        expected=_failed(WEBHOOK, charges=0),
    ),
    Scenario(
        what="no funds",
        mode=Mode.TEST,
        phone="0780000002",
        error="INSUFFICIENT_BALANCE",
        expected=_failed(WEBHOOK, charges=0),
    ),
    Scenario(
        what="times out", mode=Mode.TEST, phone="0780000003", expected=_failed(POLLING, charges=0)
    ),
    Scenario(
        what="silence: still pending",
        mode=Mode.TEST,
        phone="0780000004",
        watched_for=SECONDS_UNTIL_ASKED,
        expected=Expected(status=Status.PENDING, settled_by=None, answers=()),
    ),
    Scenario(
        what="paid late", mode=Mode.TEST, phone="0780000005", expected=_paid(POLLING, charges=0)
    ),
    Scenario(
        what="paid, no webhook",
        mode=Mode.TEST,
        phone="0780000006",
        expected=_paid(POLLING, charges=0),
    ),
    Scenario(
        what="paid, reply lost",
        mode=Mode.TEST,
        phone="0780000007",
        expected=_paid(POLLING, charges=0),
    ),
    Scenario(
        what="declined in the reply",
        mode=Mode.TEST,
        phone="0780000008",
        error="PAYMENT_DECLINED",
        expected=_failed(REPLY, charges=0),
    ),
    Scenario(
        what="provider refuses",
        mode=Mode.TEST,
        phone="0780000009",
        error="PROVIDER_UNAVAILABLE",
        expected=_failed(REPLY, charges=0),
    ),
    Scenario(
        what="test card paid", mode=Mode.TEST, way=Way.CARD, expected=_paid(WEBHOOK, charges=0)
    ),
)

SCENARIOS = LIVE + TEST

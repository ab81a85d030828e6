"""What the demo plays, as data: one scenario per way in which a payment can end.

The numbers' meanings: infra/local/simulators/<provider>.py (live), functions/providers/sandbox.py
(test mode).
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from infra.local.demo_merchant import ALL
from payments.mode import Mode
from payments.payment import Method
from payments.status import SettledBy, Status

# Numbers that stand for nothing: their prompts wait for the handset.
ORDINARY = "0788123456"
ORDINARY_AIRTEL = "0738123456"
# The template's watch asks after 15 s and again 15 s later: this lies between (DESIGN.md, numbers).
SILENT_SECONDS = 25.0
# Between the same two questions, in place of K-Pay's whole minute.
PROMPT_SECONDS = 20.0
# The first question comes after 15 s.
SECONDS_UNTIL_ASKED = 20.0

PAYS, PAYS_UNTOLD, DECLINES, NO_FUNDS = "0788000001", "0788000002", "0788000003", "0788000004"
IGNORES, REPLY_LOST, TOLD_TWICE, REFUSED = "0788000005", "0788000006", "0788000009", "0788000011"
PAYS_BY_AIRTEL = "0738000001"

PAYING_CARD = "4111111111111111"
DECLINED_CARD = "4000000000000002"

FRANCS, DOLLARS = (2_500, "RWF"), (19.99, "USD")


class Way(StrEnum):
    """Where the customer pays."""

    OWN_PAGE = "own page"
    """The merchant's page, by `process`, and the phone: a decline is final."""
    HOSTED_PAGE = "hosted page"
    PROVIDERS_PAGE = "provider's page"
    """The same, but the provider's page is where the customer pays, by card."""
    PROVIDERS_PAGE_BY_WALLET = "provider's page, wallet"
    TEST_CARD = "test card"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a payment must end. `charges` and `paid` count all simulators' ledgers."""

    status: Status
    settled_by: SettledBy | None
    answers: tuple[int, ...] = (200,)
    """What the shop answered to each delivery, in order."""
    charges: int = 0
    """All of them at the provider that was tried last."""
    paid: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One payment of the demo."""

    what: str
    through: str
    """The merchant: one whose payments go to the provider of that name alone, or ALL."""
    tried: tuple[str, ...]
    """The provider of each attempt that there must be in the end."""
    mode: Mode = Mode.LIVE
    method: Method = Method.MOBILE_MONEY
    sum: tuple[float, str] = FRANCS
    """Major units and currency."""
    phone: str = ORDINARY
    card: str = PAYING_CARD
    bank: str | None = None
    way: Way = Way.OWN_PAGE
    second_phone: str | None = None
    """With this the customer tries again on the page after a decline."""
    faults: tuple[str, ...] = ()
    """Ordered at the provider that is tried first, where no number brings them."""
    merchant_fails_once: bool = False
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
    def has_mishap(self) -> bool:
        """Whether it goes wrong by order, which falls on whoever comes next."""
        return bool(self.faults) or self.merchant_fails_once or self.prompt_seconds is not None

    @property
    def turn(self) -> tuple[bool, bool, bool, bool]:
        """Sort key of who begins first.

        The merchant's failure would fall on any webhook that is under way, and another mishap on
        any charge. Those with a choice of providers come before anything can have made a provider
        ail, and then come the longest.
        """
        is_announced = self.expected.settled_by in {SettledBy.WEBHOOK, SettledBy.REPLY}
        is_live_choice = self.through == ALL and self.mode is Mode.LIVE
        return (
            not self.merchant_fails_once,
            not self.has_mishap,
            not is_live_choice,
            is_announced,
        )


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


def _by(provider: str, what: str, expected: Expected, phone: str = ORDINARY) -> Scenario:
    """A wallet's payment through one provider alone."""
    return Scenario(what=what, through=provider, tried=(provider,), phone=phone, expected=expected)


def _by_prompt(provider: str) -> tuple[Scenario, ...]:
    """The four endings that every provider has, on a phone."""
    return (
        _by(provider, "paid, webhook", _paid(WEBHOOK), PAYS),
        _by(provider, "paid, polling alone", _paid(POLLING), PAYS_UNTOLD),
        _by(provider, "declined", _failed(WEBHOOK), DECLINES),
        _by(provider, "silent: reply lost", _paid(WEBHOOK), REPLY_LOST),
    )


def _by_page(provider: str, method: Method, bank: str | None = None) -> tuple[Scenario, ...]:
    """The same four on the provider's own page; of a number's meanings the reply's part holds."""
    four = (
        _by(provider, "paid, webhook", _paid(WEBHOOK)),
        _by(provider, "paid, polling alone", _paid(POLLING), PAYS_UNTOLD),
        replace(_by(provider, "declined", _failed(WEBHOOK)), card=DECLINED_CARD),
        _by(provider, "silent: reply lost", _paid(WEBHOOK), REPLY_LOST),
    )
    return tuple(replace(each, method=method, way=Way.PROVIDERS_PAGE, bank=bank) for each in four)


SILENT = replace(
    _by("kpay", f"silent, paid after {SILENT_SECONDS:.0f} s", _paid(POLLING)),
    faults=("no_postback",),
    approved_after=SILENT_SECONDS,
)

# What single requests are measured with: its prompt waits for the handset.
ORDINARY_PAYMENT = _by("kpay", "measured", _paid(WEBHOOK))

KPAY = (
    *_by_prompt("kpay"),
    SILENT,
    _by("kpay", "no funds", _failed(WEBHOOK), NO_FUNDS),
    replace(
        _by("kpay", "ignored until time-out", _failed(WEBHOOK), IGNORES),
        prompt_seconds=PROMPT_SECONDS,
    ),
    _by("kpay", "postback twice", _paid(WEBHOOK), TOLD_TWICE),
    replace(
        _by("kpay", "refused (605)", _failed(REPLY, charges=0), REFUSED),
        error="PROVIDER_UNAVAILABLE",
    ),
    replace(
        _by("kpay", "page: declined, then paid", _paid(WEBHOOK, charges=2), DECLINES),
        tried=("kpay", "kpay"),
        way=Way.HOSTED_PAGE,
        second_phone=PAYS,
    ),
    replace(
        _by("kpay", "paid, merchant fails once", _paid(WEBHOOK, answers=(500, 200)), PAYS),
        merchant_fails_once=True,
    ),
    *_by_page("kpay", Method.CARD),
    replace(
        _by("kpay", "paid in dollars", _paid(WEBHOOK)),
        method=Method.CARD,
        way=Way.PROVIDERS_PAGE,
        sum=DOLLARS,
    ),
    *_by_page("kpay", Method.SMARTCASH),
    *_by_page("kpay", Method.SPENN),
    *_by_page("kpay", Method.BANK, bank="040"),
)

VPAY = (
    *_by_prompt("vpay"),
    replace(
        _by("vpay", "paid by Airtel, webhook", _paid(WEBHOOK), ORDINARY_AIRTEL),
        way=Way.PROVIDERS_PAGE_BY_WALLET,
        approved_after=1.0,
    ),
    *_by_page("vpay", Method.CARD),
)

DGSPAY = (
    *_by_prompt("dgspay"),
    # It never learns our reference: without a reply there is nothing to ask by (PROVIDERS.md).
    replace(
        _by("dgspay", "silent, and no webhook", _paid(WEBHOOK), PAYS_UNTOLD),
        faults=("lost_reply",),
        watched_for=SECONDS_UNTIL_ASKED,
        expected=Expected(status=Status.PENDING, settled_by=None, answers=(), charges=1, paid=1),
    ),
    _by("dgspay", "paid by Airtel, webhook", _paid(WEBHOOK), PAYS_BY_AIRTEL),
)

RWANDAPAY = _by_prompt("rwandapay")

# One payment, several providers that could take it.
CHOICE = (
    Scenario(
        what="refused, so the next",
        through=ALL,
        tried=("kpay", "vpay"),
        phone=PAYS,
        faults=("refused",),
        expected=_paid(WEBHOOK),
    ),
    Scenario(
        what="silent, so never the next",
        through=ALL,
        tried=("kpay",),
        phone=REPLY_LOST,
        expected=_paid(WEBHOOK),
    ),
    Scenario(
        what="refused by all",
        through=ALL,
        tried=("kpay", "vpay", "dgspay", "rwandapay"),
        phone=REFUSED,
        error="PROVIDER_UNAVAILABLE",
        expected=_failed(REPLY, charges=0),
    ),
)


def _test(what: str, phone: str, expected: Expected, error: str | None = None) -> Scenario:
    """A payment with test keys, which never leaves the functions."""
    return Scenario(
        what=what,
        through=ALL,
        tried=("sandbox",),
        mode=Mode.TEST,
        phone=phone,
        error=error,
        expected=expected,
    )


# The sandbox sends its webhook before it answers, so `process` can tell of a decline at once.
TEST = (
    _test("paid, webhook", "0780000000", _paid(WEBHOOK, charges=0)),
    _test("declined", "0780000001", _failed(WEBHOOK, charges=0), "PAYMENT_DECLINED"),
    _test("no funds", "0780000002", _failed(WEBHOOK, charges=0), "INSUFFICIENT_BALANCE"),
    _test("times out", "0780000003", _failed(POLLING, charges=0)),
    replace(
        _test(
            "silence: still pending",
            "0780000004",
            Expected(status=Status.PENDING, settled_by=None, answers=()),
        ),
        watched_for=SECONDS_UNTIL_ASKED,
    ),
    _test("paid late", "0780000005", _paid(POLLING, charges=0)),
    _test("paid, no webhook", "0780000006", _paid(POLLING, charges=0)),
    _test("paid, reply lost", "0780000007", _paid(POLLING, charges=0)),
    _test("declined in the reply", "0780000008", _failed(REPLY, charges=0), "PAYMENT_DECLINED"),
    _test("provider refuses", "0780000009", _failed(REPLY, charges=0), "PROVIDER_UNAVAILABLE"),
    replace(
        _test("card paid", ORDINARY, _paid(WEBHOOK, charges=0)),
        method=Method.CARD,
        way=Way.TEST_CARD,
    ),
)

SCENARIOS = (*KPAY, *VPAY, *DGSPAY, *RWANDAPAY, *CHOICE, *TEST)

"""Who comes when, and what each does: drawn from a seed, so that a run can be had again."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from payments.mode import Mode
from payments.status import Status

LIVE_THROUGH = ("kpay", "vpay", "dgspay", "rwandapay")
SANDBOX = "sandbox"
THROUGH = (*LIVE_THROUGH, SANDBOX)
LEAST, MOST = 500, 90_000
PAID, FAILED, OPEN = Status.SUCCESSFUL, Status.FAILED, Status.PENDING


class Way(StrEnum):
    """Where the customer pays, if at all."""

    OWN_PAGE = "own page"
    """The merchant's, by `process`."""
    HOSTED_PAGE = "hosted page"
    NOWHERE = "nowhere"


class Hand(StrEnum):
    """What a person does with a prompt that waits for one."""

    APPROVE = "approve"
    DECLINE = "decline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One way in which a payment can go. `ends` is what must come of it."""

    name: str
    weight: int
    ends: Status
    number: str = ""
    """The magic number; blank where a hand decides."""
    way: Way = Way.OWN_PAGE
    hand: Hand | None = None
    second_number: str = ""
    """With this the customer tries again on the page after a decline."""
    is_slow: bool = False
    """The provider takes its time by order."""
    is_refused: bool = False
    """The provider refuses it outright, which is answered by 503."""


# The numbers' meanings: infra/local/simulators/faults.py, and functions/providers/sandbox.py.
LIVE_KINDS = (
    Kind(name="paid", weight=6, ends=PAID, number="0788000001"),
    Kind(name="paid, webhook lost", weight=2, ends=PAID, number="0788000002"),
    Kind(name="declined", weight=2, ends=FAILED, number="0788000003"),
    Kind(name="no funds", weight=1, ends=FAILED, number="0788000004"),
    Kind(name="prompt ignored", weight=1, ends=FAILED, number="0788000005"),
    Kind(name="reply lost", weight=1, ends=PAID, number="0788000006"),
    Kind(name="reply slow", weight=1, ends=PAID, number="0788000007", is_slow=True),
    Kind(name="reply an error", weight=1, ends=PAID, number="0788000008"),
    Kind(name="webhook twice", weight=2, ends=PAID, number="0788000009"),
    Kind(name="webhook late", weight=1, ends=PAID, number="0788000010"),
    Kind(name="refused", weight=1, ends=FAILED, number="0788000011", is_refused=True),
    Kind(name="approved by hand", weight=2, ends=PAID, hand=Hand.APPROVE),
    Kind(name="declined by hand", weight=1, ends=FAILED, hand=Hand.DECLINE),
    Kind(name="page, paid", weight=4, ends=PAID, number="0788000001", way=Way.HOSTED_PAGE),
    Kind(
        name="page, declined then paid",
        weight=1,
        ends=PAID,
        number="0788000003",
        way=Way.HOSTED_PAGE,
        second_number="0788000001",
    ),
    Kind(name="left", weight=1, ends=OPEN, way=Way.NOWHERE),
)
TEST_KINDS = (
    Kind(name="paid", weight=4, ends=PAID, number="0780000000"),
    Kind(name="declined", weight=1, ends=FAILED, number="0780000001"),
    Kind(name="no funds", weight=1, ends=FAILED, number="0780000002"),
    Kind(name="times out", weight=1, ends=FAILED, number="0780000003"),
    Kind(name="paid late", weight=1, ends=PAID, number="0780000005"),
    Kind(name="paid, no webhook", weight=1, ends=PAID, number="0780000006"),
    Kind(name="paid, reply lost", weight=1, ends=PAID, number="0780000007"),
    Kind(name="declined in the reply", weight=1, ends=FAILED, number="0780000008"),
    Kind(name="page, paid", weight=2, ends=PAID, number="0780000000", way=Way.HOSTED_PAGE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """One payment, from the order on."""

    number: int
    at: float
    """Seconds after the beginning of the run."""
    through: str
    """A provider, or SANDBOX."""
    kind: Kind
    amount: int
    """Whole francs."""
    asks_again: bool
    """The merchant sends its order once more, with the same Idempotency-Key."""
    orders_twice: bool
    """The merchant uses the tx_ref for another order."""
    clicks_twice: bool
    """Two requests to charge at once."""

    @property
    def mode(self) -> Mode:
        """Whether money is meant to move."""
        return Mode.TEST if self.through == SANDBOX else Mode.LIVE


def planned(rate: float, seconds: float, seed: int) -> list[Life]:
    """Lives at a steady rate: one every 1/rate seconds, whatever becomes of those before."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    return [_life(chance, number, number / rate) for number in range(int(rate * seconds))]


def one_of_each(first: int) -> list[Life]:
    """A payment on each way through, to start what is not running yet."""
    kinds = {way: _first(LIVE_KINDS, way) for way in (Way.OWN_PAGE, Way.HOSTED_PAGE)}
    chosen = [(through, kinds[Way.OWN_PAGE]) for through in LIVE_THROUGH]
    chosen += [("kpay", kinds[Way.HOSTED_PAGE]), (SANDBOX, TEST_KINDS[0])]
    return [
        Life(
            number=first + place,
            at=0,
            through=through,
            kind=kind,
            amount=LEAST,
            asks_again=False,
            orders_twice=False,
            clicks_twice=False,
        )
        for place, (through, kind) in enumerate(chosen)
    ]


def _first(kinds: Sequence[Kind], way: Way) -> Kind:
    return next(kind for kind in kinds if kind.way is way)


def _life(chance: random.Random, number: int, at: float) -> Life:
    through = chance.choice(THROUGH)
    kinds = TEST_KINDS if through == SANDBOX else LIVE_KINDS
    (kind,) = chance.choices(kinds, [kind.weight for kind in kinds])
    return Life(
        number=number,
        at=at,
        through=through,
        kind=kind,
        amount=chance.randint(LEAST, MOST),
        asks_again=chance.random() < 0.15,
        orders_twice=chance.random() < 0.1,
        clicks_twice=kind.way is Way.OWN_PAGE and chance.random() < 0.15,
    )

"""The sweep over a deployment in process."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from plumbing import wiring
from polling import sweep
from tests.integration.gateway import Gateway
from tests.integration.rest_events import Context

if TYPE_CHECKING:
    from ledger.whole_payments import WholePayment

MINUTE, HOUR, DAY = 60, 3600, 86_400


@dataclass(frozen=True)
class TimedContext(Context):
    """A run that has so much time, all the while."""

    milliseconds: int = 290_000

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


def swept(milliseconds: int = 290_000) -> dict[str, Any]:
    """Sweep once."""
    answer: dict[str, Any] = sweep.handler({}, TimedContext(milliseconds=milliseconds))  # type: ignore[arg-type]  # what it reads of a context
    return answer


def whole(session: str) -> "WholePayment":
    """A payment with all that lies beside it."""
    found = wiring.whole_payments().get(session)
    assert found is not None
    return found


def check_at(session: str) -> str | None:
    """When a payment is looked at next."""
    return whole(session).check_at


def is_due(session: str, at: datetime) -> bool:
    """Whether the index holds a payment as due."""
    return session in {due.session_id for due in wiring.checks().due(at)}


def sweep_all(gateway: Gateway, days: int) -> int:
    """Let time run on, a sweep every hour; how many looks there were."""
    looks = 0
    for _ in range(days * 24):
        gateway.clock.move(HOUR)
        looks += swept()["looked_at"]
    return looks

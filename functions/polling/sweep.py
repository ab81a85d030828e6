"""Sweep: what nobody brings news of is looked at, payment by payment, until nothing is left to do.

The schedule calls it. Out: {"looked_at": 12, "left": false}; what is left when time runs out is
the next run's. Raises ExceptionGroup when some payments could not be looked at: they come again
in an hour, and the others were looked at all the same.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from payments.clock import parse_iso
from payments.mode import Mode
from plumbing import wiring
from plumbing.observability import Figure, count, logger
from polling.look import look

if TYPE_CHECKING:
    from datetime import datetime

    from aws_lambda_powertools.utilities.typing import LambdaContext

    from ledger.checks import Due

# The slowest look: a provider that is asked for a token and then for an answer, and the writes.
ENOUGH_MILLISECONDS = 60_000
PUT_OFF_FOR = timedelta(hours=1)


@logger.inject_lambda_context(clear_state=True)
def handler(_event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Look at what is due, the longest due first, while there is time."""
    start = wiring.outside.clock()
    looked_at, left = 0, False
    latest = start
    troubles: list[Exception] = []
    for due in wiring.checks().due(start):
        if context.get_remaining_time_in_millis() < ENOUGH_MILLISECONDS:
            left = True
            break
        looked_at += 1
        latest = min(latest, parse_iso(due.seen))
        try:
            look(due, wiring.outside.clock())
        except Exception as trouble:  # noqa: BLE001  # whatever it is, the others are looked at
            logger.exception("could not look", extra={"payment": due.session_id})
            troubles.append(trouble)
            put_off(due, wiring.outside.clock())
    count(Figure.SWEEP_LATE, round((start - latest).total_seconds()))
    count(Figure.UNRESOLVED_OPEN, wiring.unresolved().count(Mode.LIVE))
    if troubles:
        raise ExceptionGroup("payments that could not be looked at", troubles)
    return {"looked_at": looked_at, "left": left}


def put_off(due: "Due", now: "datetime") -> None:
    """Look at it later; one that cannot even be put off is where it was, for the next run."""
    try:
        wiring.checks().put_off(due, now + PUT_OFF_FOR)
    except (BotoCoreError, ClientError):
        logger.warning("could not put off", extra={"payment": due.session_id})

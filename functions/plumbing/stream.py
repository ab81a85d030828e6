"""A batch of the outbox: each change by itself; the stream is told which were not passed on."""

import traceback
from typing import TYPE_CHECKING, Any, TypedDict

from plumbing.observability import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aws_lambda_powertools.utilities.typing import LambdaContext

    Handler = Callable[[dict[str, Any], LambdaContext], "Failures"]


class Failure(TypedDict):
    """A change that could not be passed on."""

    itemIdentifier: str
    """Its sequence number in the stream."""


class Failures(TypedDict):
    """Lambda sends again from the first of them on (its guide, "Reporting batch item failures")."""

    batchItemFailures: list[Failure]


def passing_on(act: "Callable[[Mapping[str, Any]], None]") -> "Handler":
    """The Lambda handler that does this with each record of a stream."""

    @logger.inject_lambda_context(clear_state=True)
    def handler(event: dict[str, Any], _context: "LambdaContext") -> Failures:
        failed = [record for record in event["Records"] if not is_passed_on(record, act)]
        return {
            "batchItemFailures": [
                {"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in failed
            ]
        }

    return handler


def is_passed_on(record: "Mapping[str, Any]", act: "Callable[[Mapping[str, Any]], None]") -> bool:
    """Do it; False when it failed, whatever the reason: the stream brings the record again."""
    try:
        act(record)
    except Exception as failed:  # noqa: BLE001  # as said above: none may hold up the others
        # Where, but not in the error's own words: those of SES name addresses.
        *_, where = traceback.format_tb(failed.__traceback__)
        logger.error(
            "change not passed on",
            extra={"error_type": type(failed).__name__, "where": where.strip()},
        )
        return False
    return True

"""The stream of the payments' table, and Lambda's reading of it: batches, repeats, dead letters."""

from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING, Any

from announcements import announce
from tests.integration.gateway import is_heard
from tests.simulation.sandboxes import BEHIND_SECONDS, Died, Sandboxes
from tests.simulation.scheduler import Scheduler

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_AT_ONCE = 5
MOST_TRIES = 20
"""template.yaml: MaximumRetryAttempts."""
LONGEST_PAUSE = 60.0


class Outbox:
    """Passes the stream's records on to `announce`, in order, as Lambda does."""

    def __init__(
        self,
        scheduler: Scheduler,
        sandboxes: Sandboxes,
        random: Random,
        records: Callable[[], list[dict[str, Any]]],
    ) -> None:
        self._scheduler, self._sandboxes, self._random = scheduler, sandboxes, random
        self._records = records
        self._position = 0
        self._is_reading = False
        self.repeats = 0.0
        """How often a batch that was passed on comes again, at once or much later."""
        self.losing = 0.0
        """How often a batch ends as a dead letter, whatever it holds."""
        self.dead_letters: list[Mapping[str, Any]] = []

    def poke(self) -> None:
        """There is something to read."""
        if not self._is_reading:
            self._is_reading = True
            after = self._random.uniform(0.05, 0.4)
            self._scheduler.spawn("outbox", self._read, after)

    def _read(self) -> None:
        tries = 0
        while batch := self._records()[self._position : self._position + MOST_AT_ONCE]:
            wanted = [record for record in batch if is_heard(record)]
            if wanted and self._random.random() < self.losing:
                self.dead_letters += wanted
                self._position += len(batch)
                continue
            failed = self._pass_on(wanted) if wanted else None
            if failed is None:
                self._position += len(batch)
                tries = 0
                self._maybe_again(wanted)
                continue
            # From the first that failed: what came before it was taken.
            self._position += [number_of(record) for record in batch].index(failed)
            tries += 1
            if tries > MOST_TRIES:
                self.dead_letters.append(self._records()[self._position])
                self._position += 1
                tries = 0
            self._scheduler.sleep(min(2.0**tries / 2, LONGEST_PAUSE))
        self._is_reading = False

    def _pass_on(self, records: "list[dict[str, Any]]") -> str | None:
        """The first record that was not taken."""
        try:
            answer = self._sandboxes.invoke(
                "Announce", announce.handler, {"Records": records}, BEHIND_SECONDS
            )
        except Died:
            return number_of(records[0])
        failures = [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]
        return failures[0] if failures else None

    def _maybe_again(self, records: "list[dict[str, Any]]") -> None:
        if records and self._random.random() < self.repeats:
            after = self._random.choice([0.5, 20.0, 900.0])
            self._scheduler.spawn("outbox again", lambda: self._again(records), after)

    def _again(self, records: "list[dict[str, Any]]") -> None:
        while self._is_reading:
            # One reader of a shard at a time.
            self._scheduler.sleep(0.1)
        self._is_reading = True
        self._pass_on(records)
        self._is_reading = False
        self.poke()


def number_of(record: "Mapping[str, Any]") -> str:
    """A record's sequence number."""
    return str(record["dynamodb"]["SequenceNumber"])

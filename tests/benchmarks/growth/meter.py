"""AWS as the functions have it, with every call counted and timed.

Reads are priced by the rules of DynamoDB's guide (tests/benchmarks/capacity.py) from what came
back, since MiniStack has one price for a read of any size; writes are priced as it answers, by
the sizes of the item and of its entries in the indexes.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config

from infra.local.environments import CREDENTIALS
from plumbing.aws_clients import AWS
from tests.benchmarks.capacity import NOTHING, Units, reading, size_of

# MiniStack sorts a whole partition for each page of it, and a benchmark must not count the SDK's
# second try after five seconds.
PATIENT = AWS.merge(Config(read_timeout=120))
READS = frozenset({"GetItem", "Query"})


@dataclass
class Taken:
    """What was asked of AWS since the meter was set to nothing."""

    calls: list[str] = field(default_factory=list)
    seconds: float = 0.0
    items_read: int = 0
    units: Units = NOTHING
    of_indexes: list[Mapping[str, Any]] = field(default_factory=list)
    """The queries of indexes, as they were asked."""


class Meter(boto3.Session):
    """A session in one region of a local AWS, whose clients are made once and counted."""

    def __init__(self, endpoint: str, region: str) -> None:
        super().__init__(
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            region_name=region,
        )
        self.endpoint = endpoint
        self.taken = Taken()
        self._kept: dict[str, Any] = {}
        self._asked: dict[str, Any] = {}
        self._sent_at = 0.0

    def client(self, service_name: str, **_: Any) -> Any:  # type: ignore[override]  # noqa: ANN401  # one for all services
        """The functions' client of a service, however it is to be configured."""
        if service_name not in self._kept:
            made = self.uncounted(service_name)
            made.meta.events.register("provide-client-params.dynamodb", self._ask_the_price)
            made.meta.events.register("before-call", self._send)
            made.meta.events.register("after-call", self._hear)
            self._kept[service_name] = made
        return self._kept[service_name]

    def uncounted(self, service_name: str) -> Any:  # noqa: ANN401  # one for all services
        """A client of our own."""
        return super().client(service_name, endpoint_url=self.endpoint, config=PATIENT)  # type: ignore[call-overload]  # a name that is not literal

    def _ask_the_price(self, params: dict[str, Any], **_: Any) -> dict[str, Any]:  # noqa: ANN401  # botocore says more than we need
        self._asked = params
        return params | {"ReturnConsumedCapacity": "INDEXES"}

    def _send(self, event_name: str, **_: Any) -> None:  # noqa: ANN401  # as above
        self.taken.calls.append(event_name.removeprefix("before-call."))
        self._sent_at = time.perf_counter()

    def _hear(self, event_name: str, parsed: Mapping[str, Any], **_: Any) -> None:  # noqa: ANN401  # as above
        self.taken.seconds += time.perf_counter() - self._sent_at
        service, operation = event_name.split(".")[1:]
        if service != "dynamodb":
            return
        if operation in READS:
            self._read(parsed)
        else:
            self.taken.units += Units(writes=written_units(parsed))

    def _read(self, parsed: Mapping[str, Any]) -> None:
        items = items_in(parsed)
        self.taken.items_read += parsed.get("ScannedCount", len(items))
        self.taken.units += reading(
            map(size_of, items), is_consistent=self._asked.get("ConsistentRead", False)
        )
        if "IndexName" in self._asked:
            self.taken.of_indexes.append(self._asked)


def items_in(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What a read found. An index's entry comes back whole: it holds what it was asked for."""
    return [answer["Item"]] if "Item" in answer else list(answer.get("Items", ()))


def written_units(answer: Mapping[str, Any]) -> float:
    """What a write took, as it was answered: of one table, or of several for a transaction."""
    told = answer.get("ConsumedCapacity", [])
    return float(sum(one["CapacityUnits"] for one in (told if isinstance(told, list) else [told])))

"""Changes that a function of the stream could not take, and handing them over once more.

After its last try Lambda writes to the queue where in the stream the changes lie, not the changes
themselves ("DDBStreamBatchInfo"); the stream keeps them for a day. A letter leaves the queue only
when its function has taken everything that it speaks of.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from infra.operator.deployment import Deployment
from infra.operator.refused import NoDeadLetters

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

STREAM_REMEMBERS = timedelta(hours=24)
# Longer than any of the functions may run, and no second call while the first one works.
INVOKING = Config(connect_timeout=5, read_timeout=90, retries={"total_max_attempts": 1})
LOOKING_SECONDS = 60
# Less than a long poll asks only some of SQS's machines, and may find nothing where there is some.
LONG_POLL_SECONDS = 1
WORKING_SECONDS = 900
# A page of the stream may be empty though more comes; this many in a row mean that nothing does.
MOST_EMPTY_PAGES = 10
GONE = {"TrimmedDataAccessException", "ResourceNotFoundException"}


class Outcome(StrEnum):
    """What came of handing a letter's changes over."""

    TAKEN = "taken"
    FAILED = "failed"
    """The function broke off, or refused some of the changes."""
    EXPIRED = "expired"
    """The stream has forgotten some of the changes; what it still had was taken."""
    UNREAD = "unread"
    """The stream did not come to the last of the changes; nothing was handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One message of the queue: a stretch of the stream that a function could not take."""

    message_id: str
    receipt: str
    function_arn: str
    stream_arn: str
    shard_id: str
    first: str
    """The sequence number of its first change, as it was written."""
    last: str
    changes: int
    why: str
    """Lambda's word for it: RetryAttemptsExhausted and so on."""
    since: datetime
    """When its first change happened."""

    @property
    def function(self) -> str:
        """The function's name, without account and version."""
        return self.function_arn.split(":")[6]

    @property
    def readable_until(self) -> datetime:
        """Until when the stream keeps its first change."""
        return self.since + STREAM_REMEMBERS


@dataclass(frozen=True, slots=True)
class Found:
    """What the stream still has of a letter's changes."""

    records: list[dict[str, Any]]
    is_whole: bool
    """False when it has forgotten some."""
    is_read: bool
    """False when reading ended before the last of them, for no reason that it gave."""


class DeadLetterQueue:
    """The queue of a deployment, the stream that its letters point into, and the functions."""

    def __init__(self, deployment: Deployment) -> None:
        """Raises NoDeadLetters."""
        if not deployment.dead_letters_url:
            raise NoDeadLetters("This deployment does not tell of its queue: deploy it anew first")
        self._url = deployment.dead_letters_url
        self._sqs: SQSClient = deployment.client("sqs")
        self._functions: LambdaClient = deployment.client("lambda", config=INVOKING)
        # Its stubs are not among ours.
        self._streams: Any = deployment.client("dynamodbstreams")
        self.foreign: list[str] = []
        """Messages that Lambda did not write: they are left alone."""

    @contextmanager
    def letters(self, seconds: int) -> Iterator[Iterator[DeadLetter]]:
        """Every letter, each once; what is left of them goes back to the queue in the end.

        Whoever is killed meanwhile leaves them hidden for so many seconds, and no longer.
        """
        seen: dict[str, str] = {}
        try:
            yield self._received(seen, seconds)
        finally:
            for receipt in seen.values():
                self._put_back(receipt)

    def _received(self, seen: dict[str, str], seconds: int) -> Iterator[DeadLetter]:
        while True:
            answer = self._sqs.receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=seconds,
                WaitTimeSeconds=LONG_POLL_SECONDS,
            )
            fresh = [m for m in answer.get("Messages", ()) if m["MessageId"] not in seen]
            for message in fresh:
                seen[message["MessageId"]] = message["ReceiptHandle"]
            if not fresh:
                return
            for message in fresh:
                letter = read(message)
                if letter is None:
                    self.foreign.append(message["MessageId"])
                else:
                    yield letter

    def _put_back(self, receipt: str) -> None:
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
        except ClientError:
            # It was removed, or is visible again by itself: there is nothing to put back.
            return

    def hand_over(self, letter: DeadLetter) -> Outcome:
        """Let the function have the changes once more, and remove the letter if it took all."""
        found = self._found(letter)
        if not found.is_read:
            return Outcome.UNREAD
        if not self._takes(letter, found.records):
            return Outcome.FAILED
        if not found.is_whole:
            return Outcome.EXPIRED
        self.remove(letter)
        return Outcome.TAKEN

    def remove(self, letter: DeadLetter) -> None:
        """Take a letter out of the queue for good."""
        self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=letter.receipt)

    # ------------------------------------------------------------ the stream
    def _found(self, letter: DeadLetter) -> Found:
        at_the_first = {
            "ShardIteratorType": "AT_SEQUENCE_NUMBER",
            "SequenceNumber": letter.first,
        }
        try:
            return self._stretch(letter, at_the_first, is_whole=True)
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in GONE:
                raise
        try:
            return self._stretch(letter, {"ShardIteratorType": "TRIM_HORIZON"}, is_whole=False)
        except ClientError as refused:
            if refused.response["Error"]["Code"] not in GONE:
                raise
        return Found([], is_whole=False, is_read=True)

    def _stretch(
        self, letter: DeadLetter, beginning: Mapping[str, str], *, is_whole: bool
    ) -> Found:
        place: str | None = self._streams.get_shard_iterator(
            StreamArn=letter.stream_arn, ShardId=letter.shard_id, **beginning
        )["ShardIterator"]
        records: list[dict[str, Any]] = []
        empty = 0
        while place is not None and empty < MOST_EMPTY_PAGES:
            page = self._streams.get_records(ShardIterator=place)
            place = page.get("NextShardIterator")
            empty = 0 if page["Records"] else empty + 1
            for record in page["Records"]:
                number = int(record["dynamodb"]["SequenceNumber"])
                if int(letter.first) <= number <= int(letter.last):
                    records.append(record)
                if number >= int(letter.last):
                    return Found(records, is_whole, is_read=True)
        # A shard that is closed and at its end has forgotten the rest.
        return Found(records, is_whole=False, is_read=place is None)

    # ------------------------------------------------------------ the function
    def _takes(self, letter: DeadLetter, records: list[dict[str, Any]]) -> bool:
        patterns = self._patterns(letter)
        wanted = [r for r in records if not patterns or any(matches(p, r) for p in patterns)]
        if not wanted:
            return True
        event = {"Records": [{**r, "eventSourceARN": letter.stream_arn} for r in wanted]}
        answer = self._functions.invoke(
            FunctionName=letter.function_arn, Payload=json.dumps(event, default=as_lambda_writes)
        )
        said = json.loads(answer["Payload"].read() or "null")
        return not (answer.get("FunctionError") or (said or {}).get("batchItemFailures"))

    def _patterns(self, letter: DeadLetter) -> list[Mapping[str, Any]]:
        """What the function asked to be shown of the stream; nothing at all means everything."""
        mappings = self._functions.list_event_source_mappings(
            EventSourceArn=letter.stream_arn, FunctionName=letter.function_arn
        )["EventSourceMappings"]
        return [
            json.loads(asked["Pattern"])
            for mapping in mappings
            for asked in mapping.get("FilterCriteria", {}).get("Filters", ())
        ]


def read(message: "MessageTypeDef") -> DeadLetter | None:
    """A message as Lambda wrote it, or None when somebody else did."""
    try:
        told = json.loads(message["Body"])
        return read_batch(message, told["requestContext"], told["DDBStreamBatchInfo"])
    except (ValueError, KeyError, TypeError):
        return None


def read_batch(
    message: "MessageTypeDef", context: Mapping[str, Any], batch: Mapping[str, Any]
) -> DeadLetter:
    """The letter about one batch. Raises KeyError, ValueError, TypeError."""
    return DeadLetter(
        message_id=message["MessageId"],
        receipt=message["ReceiptHandle"],
        function_arn=context["functionArn"],
        stream_arn=batch["streamArn"],
        shard_id=batch["shardId"],
        first=batch["startSequenceNumber"],
        last=batch["endSequenceNumber"],
        changes=batch["batchSize"],
        why=context["condition"],
        since=datetime.fromisoformat(batch["approximateArrivalOfFirstRecord"]).astimezone(UTC),
    )


def matches(pattern: Mapping[str, Any], record: Mapping[str, Any]) -> bool:
    """Whether a record is what an event source's filter asks for.

    Only plain values are compared, as the template's filters have them: with any other rule a
    record counts as asked for, since a function had better see too much than too little.
    """
    return all(matches_field(wanted, record.get(name)) for name, wanted in pattern.items())


def matches_field(wanted: "Mapping[str, Any] | list[Any]", found: object) -> bool:
    """Whether one field is as it should be."""
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and matches(wanted, found)
    return found in wanted or any(isinstance(rule, Mapping) for rule in wanted)


def as_lambda_writes(value: object) -> object:
    """What Lambda puts in the place of a time, or of bytes, when it hands a record over."""
    match value:
        case datetime():
            return value.timestamp()
        case bytes():
            return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)

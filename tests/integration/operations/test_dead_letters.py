import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from announcements import announce
from infra.operator import dead_letter_queue
from infra.operator.dead_letter_queue import DeadLetterQueue
from infra.operator.deployment import Deployment
from payments.clock import iso
from tests.integration import stand_in_lambda
from tests.integration.gateway import Gateway, make_machines
from tests.integration.histories import paid
from tests.integration.operations import forgetful_stream
from tests.integration.operator.conftest import STACK, Answer, Run
from tests.integration.operator.stand_in_cloudformation import Stacks
from tests.integration.rest_events import Context
from tests.integration.stand_in_lambda import StandInLambda
from tests.integration.tables import RESOURCES

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

ANNOUNCE = "arn:aws:lambda:eu-west-1:123456789012:function:shop-Announce-1A2B:live"
(FILTER,) = RESOURCES["AnnounceChanges"]["Properties"]["FilterCriteria"]["Filters"]
Redrive = Callable[..., Any]
Changes = list[dict[str, Any]]
Forget = Callable[[Changes], None]


class Killed(BaseException):
    """What a power cut would be."""


@pytest.fixture
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInLambda]:
    """Lambda, with the real `announce` behind the filter of the template."""

    def announcing(event: dict[str, Any]) -> object:
        return announce.handler(event, Context())  # type: ignore[arg-type]  # as much of one as it reads

    lambdas = StandInLambda({ANNOUNCE: announcing}, {ANNOUNCE: [FILTER["Pattern"]]})
    with stand_in_lambda.serving(lambdas) as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", address)
        yield lambdas


class Queue:
    """Where dead letters wait, with Lambda and whoever asks on its two sides."""

    def __init__(self, gateway: Gateway, url: str) -> None:
        self.gateway = gateway
        self.url = url
        self.sqs: SQSClient = boto3.client("sqs")

    def give_up(self, changes: Changes) -> None:
        """Do what Lambda does after the last try: tell where the changes lie."""
        self.put(json.dumps(told(self.gateway, changes)))

    def give_up_a_payment(self, reference: str = "ORDER-1") -> str:
        """A payment that was paid, which Lambda gave up to tell of; its session."""
        session = paid(self.gateway, tx_ref=reference)
        self.give_up(self.gateway.changes())
        return session

    def put(self, body: str) -> None:
        self.sqs.send_message(QueueUrl=self.url, MessageBody=body)

    @property
    def waiting(self) -> int:
        """How many letters whoever asks next can have: none is hidden."""
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])
        assert found["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "0"
        return int(found["Attributes"]["ApproximateNumberOfMessages"])


@pytest.fixture
def queue(
    monkeypatch: pytest.MonkeyPatch, gateway: Gateway, stacks: Stacks, deployment: Deployment
) -> Queue:
    """The queue that the stack tells of; moto's needs no patience."""
    monkeypatch.setattr(dead_letter_queue, "LONG_POLL_SECONDS", 0)
    assert deployment.dead_letters_url == ""
    make_machines()
    url = boto3.client("sqs").create_queue(QueueName="dead-letters")["QueueUrl"]
    stacks[STACK]["DeadLettersUrl"] = url
    return Queue(gateway, url)


@pytest.fixture
def redrive(run: Run, functions: StandInLambda, queue: Queue) -> Redrive:
    assert functions.given == []
    assert queue.waiting == 0

    def typed(*options: str, typing: str | None = None) -> Any:  # noqa: ANN401  # typer's own result
        return run("dead-letters", "redrive", *options, typing=typing)

    return typed


def told(gateway: Gateway, changes: Changes) -> dict[str, Any]:
    table = gateway.dynamodb.describe_table(TableName="Payments")["Table"]
    stream = table["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    first, last = changes[0]["dynamodb"], changes[-1]["dynamodb"]
    return {
        "requestContext": {
            "requestId": "c9b8fa9f-5a7f-xmpl-af9c-0c604cde93a5",
            "functionArn": ANNOUNCE,
            "condition": "RetryAttemptsExhausted",
            "approximateInvokeCount": 21,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            "functionError": "Unhandled",
        },
        "version": "1.0",
        "timestamp": "2026-11-21T14:35:00.717Z",
        "DDBStreamBatchInfo": {
            "shardId": shard["ShardId"],
            "startSequenceNumber": first["SequenceNumber"],
            "endSequenceNumber": last["SequenceNumber"],
            "approximateArrivalOfFirstRecord": iso(first["ApproximateCreationDateTime"]),
            "approximateArrivalOfLastRecord": iso(last["ApproximateCreationDateTime"]),
            "batchSize": len(changes),
            "streamArn": stream,
        },
    }


# -------------------------------------------------------------------- list
def test_letters_are_listed_and_stay_where_they_are(
    gateway: Gateway, answer: Answer, functions: StandInLambda, queue: Queue
) -> None:
    paid(gateway)
    changes = gateway.changes()
    queue.give_up(changes)
    (listed,) = answer("dead-letters", "list")
    happened = changes[0]["dynamodb"]["ApproximateCreationDateTime"]
    assert listed | {"message_id": "", "readable_until": ""} == {
        "message_id": "",
        "function": "shop-Announce-1A2B",
        "changes": len(changes),
        "since": iso(happened),
        "why": "RetryAttemptsExhausted",
        "readable": True,
        "readable_until": "",
    }
    assert functions.given == []
    assert queue.waiting == 1


def test_no_letters_are_no_error(run: Run, redrive: Redrive) -> None:
    assert run("dead-letters", "list").stdout == "none\n"
    assert redrive("--yes").stdout == "0 letters taken\n"


def test_a_deployment_that_tells_of_no_queue_is_to_be_deployed_anew(
    run: Run, stacks: Stacks
) -> None:
    assert "DeadLettersUrl" not in stacks[STACK]
    refused = run("dead-letters", "list")
    assert refused.exit_code == 1
    assert "deploy it anew" in refused.stderr


# -------------------------------------------------------------------- redrive
def test_what_was_given_up_is_announced_after_all(
    gateway: Gateway, redrive: Redrive, queue: Queue
) -> None:
    session = queue.give_up_a_payment()
    done = redrive("--yes")
    assert done.exit_code == 0, done.output
    assert done.stdout.endswith("1 letters taken\n")
    (event,) = gateway.events_of(session)
    assert event["type"] == "payment.successful"
    assert set(gateway.executions("Deliver")) == {event["event_id"]}
    assert set(gateway.executions("Watch")) == {gateway.attempt(session).ref}
    assert queue.waiting == 0


def test_only_what_the_functions_filter_lets_through_is_handed_over(
    gateway: Gateway, redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    session = paid(gateway)
    heard = gateway.changes()
    queue.give_up([first_of_all(gateway), *heard])
    assert redrive("--yes").exit_code == 0
    (event,) = functions.given
    numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
    assert numbers == [record["dynamodb"]["SequenceNumber"] for record in heard]
    assert len(gateway.events_of(session)) == 1


def first_of_all(gateway: Gateway) -> dict[str, Any]:
    """The stream's first record: the opening of a payment, which concerns nobody."""
    stream = gateway.dynamodb.describe_table(TableName="Payments")["Table"]["LatestStreamArn"]
    streams = boto3.client("dynamodbstreams")
    (shard,) = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"]
    begin = streams.get_shard_iterator(
        StreamArn=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
    )
    first: dict[str, Any] = streams.get_records(ShardIterator=begin["ShardIterator"])["Records"][0]
    return first


def test_what_lies_beyond_the_letter_is_not_handed_over(
    gateway: Gateway, redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    paid(gateway)
    queue.give_up(gateway.changes()[:1])
    paid(gateway, tx_ref="ORDER-2")
    assert redrive("--yes").exit_code == 0
    (event,) = functions.given
    assert len(event["Records"]) == 1


def test_redriving_twice_does_no_harm(gateway: Gateway, redrive: Redrive, queue: Queue) -> None:
    session = paid(gateway)
    changes = gateway.changes()
    queue.give_up(changes)
    queue.give_up(changes)
    assert redrive("--yes").stdout.endswith("2 letters taken\n")
    assert len(gateway.events_of(session)) == 1
    assert len(gateway.executions("Deliver")) == 1


def test_nothing_happens_before_a_person_says_so(
    redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    queue.give_up_a_payment()
    assert redrive(typing="n\n").exit_code == 1
    assert functions.given == []
    assert queue.waiting == 1
    assert redrive(typing="y\n").exit_code == 0
    assert queue.waiting == 0


# -------------------------------------------------------------------- what goes wrong
def test_a_letter_of_which_one_change_fails_again_stays(
    gateway: Gateway, redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    first = queue.give_up_a_payment()
    second = queue.give_up_a_payment("ORDER-2")
    announcing = functions.functions[ANNOUNCE]
    functions.functions[ANNOUNCE] = lambda event: announcing(poisoned(event, first))
    partly = redrive("--yes")
    assert partly.exit_code == 1
    assert partly.stdout.endswith("1 letters taken, 1 stay\n")
    assert "stays, its function failed again" in partly.stdout
    assert queue.waiting == 1
    assert len(gateway.events_of(second)) == 1
    functions.functions[ANNOUNCE] = announcing
    assert redrive("--yes").exit_code == 0
    assert len(gateway.events_of(first)) == 1
    assert queue.waiting == 0


def poisoned(event: dict[str, Any], session: str) -> dict[str, Any]:
    """The last change of this payment, as no function can read it."""
    mine = [r for r in event["Records"] if r["dynamodb"]["Keys"]["pk"]["S"] == session]
    if mine:
        mine[-1]["dynamodb"]["NewImage"]["mode"] = {"S": "no such mode"}
    return event


def test_a_letter_whose_function_breaks_off_stays(
    redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    queue.give_up_a_payment()
    functions.functions.clear()
    assert redrive("--yes").exit_code == 1
    assert len(functions.given) == 1
    assert queue.waiting == 1


def test_whoever_is_killed_before_the_letter_is_removed_loses_nothing(
    gateway: Gateway,
    redrive: Redrive,
    functions: StandInLambda,
    queue: Queue,
    deployment: Deployment,
) -> None:
    session = queue.give_up_a_payment()

    def dies(**_: Any) -> None:  # noqa: ANN401  # botocore says what it sends
        raise Killed

    killer = deployment.client("sqs")
    killer.meta.events.register("before-call.sqs.DeleteMessage", dies)
    letters = queue_reached_by(replace(deployment, dead_letters_url=queue.url), killer)
    with letters.letters(1) as found, pytest.raises(Killed):
        letters.hand_over(next(found))
    assert len(functions.given) == 1
    assert queue.waiting == 1
    assert redrive("--yes").exit_code == 0
    assert len(gateway.events_of(session)) == 1
    assert queue.waiting == 0


def queue_reached_by(deployment: Deployment, sqs: "SQSClient") -> DeadLetterQueue:
    """The queue, as it is reached by this client."""

    def client(service: str, **settings: Any) -> Any:  # noqa: ANN401  # as boto3's
        return sqs if service == "sqs" else deployment.client(service, **settings)

    return DeadLetterQueue(replace(deployment, client=client))


def test_a_message_of_somebody_else_is_told_of_and_left_alone(
    redrive: Redrive, queue: Queue
) -> None:
    for body in ("hello", '{"Records": []}', "[]"):
        queue.put(body)
    done = redrive("--yes")
    assert done.exit_code == 0
    assert "Left alone, since Lambda did not write them" in done.stderr
    assert queue.waiting == 3


# -------------------------------------------------------------------- a day later
@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forget]:
    """Let the stream forget all but these changes."""
    left: Changes = []

    def forgotten(all_but: Changes) -> None:
        left.extend(all_but)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", address)

    with forgetful_stream.serving(left) as address:
        yield forgotten


def test_what_the_stream_forgot_is_told_plainly_and_what_it_has_is_handed_over(
    gateway: Gateway, redrive: Redrive, queue: Queue, forget: Forget
) -> None:
    session = paid(gateway)
    changes = gateway.changes()
    queue.give_up(changes)
    forget(changes[-1:])
    done = redrive("--yes")
    assert done.exit_code == 1
    assert "the stream has forgotten some of its changes. The sweep finds" in done.stdout
    assert len(gateway.events_of(session)) == 1
    assert gateway.executions("Watch") == {}
    assert queue.waiting == 1


def test_what_the_stream_forgot_is_dropped_only_for_the_asking(
    gateway: Gateway, redrive: Redrive, queue: Queue, forget: Forget
) -> None:
    queue.give_up_a_payment()
    paid(gateway, tx_ref="ORDER-2")
    forget(gateway.changes())
    done = redrive("--yes", "--drop-expired")
    assert done.exit_code == 0
    assert done.stdout.endswith("0 letters taken, 1 dropped\n")
    assert gateway.executions("Watch") == {}
    assert queue.waiting == 0


def test_a_stretch_that_was_not_read_to_its_end_is_never_dropped(
    gateway: Gateway, redrive: Redrive, functions: StandInLambda, queue: Queue
) -> None:
    paid(gateway)
    changes = gateway.changes()
    beyond = json.loads(json.dumps(changes[-1], default=str))
    beyond["dynamodb"]["SequenceNumber"] = str(int(beyond["dynamodb"]["SequenceNumber"]) + 9)
    beyond["dynamodb"]["ApproximateCreationDateTime"] = changes[-1]["dynamodb"][
        "ApproximateCreationDateTime"
    ]
    queue.give_up([changes[0], beyond])
    done = redrive("--yes", "--drop-expired")
    assert done.exit_code == 1
    assert "did not show all of its changes" in done.stdout
    assert functions.given == []
    assert queue.waiting == 1

"""Stored payments, many at a time: the SDK's own request, without what the SDK does before it."""

import json
from collections.abc import Iterator, Mapping, Sequence

import httpx
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.local.environments import CREDENTIALS
from infra.local.refusals import LocalStackRefused
from tests.benchmarks.growth.specimens import Ending, Holder, Item, Kept, copy_of
from tests.benchmarks.report import Progress

AT_ONCE = 25
"""As many as BatchWriteItem takes."""
SMALLEST = 10
"""So many the merchant who asks holds in every store, and every payment of the smallest."""
TOLD_EVERY = 20_000
WORDS = {
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.BatchWriteItem",
}
SECONDS = 60


class NotStored(LocalStackRefused):
    """The local AWS did not take some payments."""


class Filler:
    """Writes to the Payments table of one region."""

    def __init__(self, http: httpx.Client, endpoint: str, region: str) -> None:
        self._http = http
        self._endpoint = endpoint
        credentials = Credentials(*CREDENTIALS.values())
        self._signer = SigV4Auth(credentials, "dynamodb", region)

    def write(self, items: Sequence[Item]) -> None:
        """Store at most 25 of them. Raises NotStored."""
        puts = [{"PutRequest": {"Item": item}} for item in items]
        asked = AWSRequest(
            "POST",
            self._endpoint,
            data=json.dumps({"RequestItems": {"Payments": puts}}).encode(),
            headers=WORDS,
        )
        self._signer.add_auth(asked)
        answer = self._http.post(
            self._endpoint, content=asked.data, headers=dict(asked.headers), timeout=SECONDS
        )
        if not answer.is_success or answer.json()["UnprocessedItems"]:
            raise NotStored(answer.text)


def fill(
    filler: Filler,
    specimens: Mapping[Ending, Item],
    stored: int,
    holders: Sequence[Holder],
    say: Progress,
) -> None:
    """Store so many payments. Raises NotStored."""
    for numbers in groups(stored):
        keeping = (Kept(number, holder_of(number, holders)) for number in numbers)
        filler.write([copy_of(specimens[kept.ending], kept) for kept in keeping])
        if numbers.stop % TOLD_EVERY == 0:
            say(f"{numbers.stop:,} of {stored:,} payments stored")


def groups(stored: int) -> Iterator[range]:
    """Their numbers, as many at a time as one request takes."""
    for first in range(0, stored, AT_ONCE):
        yield range(first, min(first + AT_ONCE, stored))


def holder_of(number: int, holders: Sequence[Holder]) -> Holder:
    """Whose a payment is: the first few are the first merchant's, the others everybody's."""
    return holders[0] if number < SMALLEST else holders[number % len(holders)]

"""Clients of the local AWS under somebody's credentials, one per service, closed at the end."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import cache
from typing import Any

import boto3

from infra.local.environments import CREDENTIALS
from infra.local.stack_file import StackFile

# By the service's name: "dynamodb".
AwsClients = Callable[[str], Any]
ADMINISTRATOR = {name.lower(): value for name, value in CREDENTIALS.items()}


@contextmanager
def clients_with(stack: StackFile, credentials: Mapping[str, str]) -> Iterator[AwsClients]:
    """Clients with these credentials (`aws_access_key_id` and so on)."""
    # Any: a mapping cannot tell its keys to a type checker.
    given: Any = credentials
    session = boto3.Session(region_name=stack["region"], **given)
    with ExitStack() as opened:

        @cache
        def client(service: str) -> Any:  # noqa: ANN401  # any client
            made: Any = session.client(service, endpoint_url=stack["endpoint"])  # type: ignore[call-overload]  # a name that is not literal
            return opened.enter_context(closing(made))

        yield client

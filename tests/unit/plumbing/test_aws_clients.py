import re
from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError

from plumbing import wiring
from plumbing.aws_clients import SERVICES, aws_client


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")


def test_the_loader_knows_every_service_that_is_called_and_no_other() -> None:
    called = re.findall(r'outside\.aws\("(\w+)"\)', Path(wiring.__file__).read_text())
    assert sorted(called) == sorted(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_a_client_retries_as_the_functions_time_allows(service: str) -> None:
    client = aws_client(service)
    assert client.meta.config.retries == {"mode": "standard", "total_max_attempts": 4}
    assert client.meta.config.read_timeout == 5


def test_a_service_that_nobody_listed_is_told() -> None:
    with pytest.raises(UnknownServiceError):
        aws_client("sqs")

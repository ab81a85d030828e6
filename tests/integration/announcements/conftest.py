import boto3
import pytest

from tests.integration.gateway import Gateway, aws_calls, gateway

__all__ = ["aws_calls", "gateway"]


@pytest.fixture(autouse=True)
def _machines(gateway: Gateway) -> None:
    """The state machines, by name alone: moto keeps what was started and runs nothing."""
    assert gateway.items() == []
    for name in ("Watch", "Deliver"):
        boto3.client("stepfunctions").create_state_machine(
            name=name, definition="{}", roleArn="arn:aws:iam::123456789012:role/machine"
        )

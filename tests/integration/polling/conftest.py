import pytest

from tests.integration.gateway import Gateway, aws_calls, gateway, make_machines

__all__ = ["aws_calls", "gateway"]


@pytest.fixture(autouse=True)
def _machines(gateway: Gateway) -> None:
    assert gateway.items() == []
    make_machines()

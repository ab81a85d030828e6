import pytest

from tests.contract.vpay.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

import pytest

from tests.contract.kpay.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

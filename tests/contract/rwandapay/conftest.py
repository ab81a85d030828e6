import pytest

from tests.contract.rwandapay.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

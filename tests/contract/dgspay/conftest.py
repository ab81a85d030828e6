import pytest

from tests.contract.dgspay.desk import Desk


@pytest.fixture
def desk() -> Desk:
    return Desk()

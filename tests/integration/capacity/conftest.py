from collections.abc import Iterator

import pytest

from tests.simulation.world import Deployment, deployed


@pytest.fixture(scope="module")
def deployment() -> Iterator[Deployment]:
    with deployed() as made:
        yield made

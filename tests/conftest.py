"""How the tests are shared out among processes, and what they do not depend on."""

import gc
from pathlib import Path
from typing import Any, ClassVar

import pytest
from botocore import loaders
from hypothesis import HealthCheck, settings

# Two processes share two cores with a whole local stack, and on a fresh clone the first text that
# Hypothesis draws takes it seconds: how quickly an example is made or tried says nothing about it.
settings.register_profile("shared", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("shared")

# moto and the SDK keep a million objects that live as long as the tests: to look through them all
# again and again took a sixth of the time.
gc.set_threshold(100_000, 50, 1_000)


class KeptLoader(loaders.Loader):
    """The SDK's own, which reads each file with the models of its services once.

    Each session has a loader of its own, each command of the operator's a session, and to read
    those files anew took half of the time of its tests.
    """

    kept: ClassVar[dict[type, dict[Any, Any]]] = {}
    """By the kind of loader: that of the functions knows other services."""

    def __init__(self, *given: Any, **settings: Any) -> None:  # noqa: ANN401  # as it is given
        super().__init__(*given, **settings)
        self._cache = self.kept.setdefault(type(self), {})


loaders.Loader = KeptLoader  # type: ignore[misc]  # a class in place of a class

E2E = Path(__file__).parent / "e2e"
SIMULATION = Path(__file__).parent / "simulation"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep what uses the one local stack together, and every other file by itself.

    The simulation's are long, and each is independent of the next.
    """
    for item in items:
        group = "stack" if item.path.is_relative_to(E2E) else str(item.path)
        if item.path.is_relative_to(SIMULATION):
            group = item.nodeid
        item.add_marker(pytest.mark.xdist_group(group))

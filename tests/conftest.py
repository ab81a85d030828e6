"""How the tests are shared out among processes, and what they do not depend on."""

import gc
from typing import Any, ClassVar

import pytest
from botocore import loaders
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

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


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # as above
    """Keeps what uses the one local stack together, and every other file by itself.

    The simulation's tests are long, and each is independent of the next. Not by marks: this xdist
    writes them into names that this pytest does not read.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        if file.startswith("tests/e2e/"):
            return "the local stack"
        return nodeid if file.startswith("tests/simulation/") else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:  # noqa: ANN401  # xdist's own
    """Share the tests out so, where there is more than one process."""
    return ByFile(config, log)

"""A provider's simulator as the local stack finds it: by the provider's name, in the same shape.

`infra/local/simulators/<name>.py` ends with `SIMULATED`.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from infra.local.handset import Prompter
from providers.registry import REGISTRY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from _typeshed.wsgi import WSGIApplication

# Test mode's stand-in lives in the functions themselves.
PROVIDERS = tuple(name for name in REGISTRY if name != "sandbox")


class RunningTill(Prompter, Protocol):
    """A provider behind its wire, as whoever serves it knows it."""

    def tick_in_background(self) -> Callable[[], object]:
        """Let time pass; call what is returned to stop."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A simulator with an empty ledger. `app` answers at `Simulated.path`."""

    till: RunningTill
    app: WSGIApplication


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """All that the local stack has to know of a simulator."""

    title: str
    """The provider's name, as people know it."""
    path: str
    """The path of its base address."""
    credentials: Mapping[str, str]
    """What it gave its one customer, by the names that the operator stores."""
    open: Callable[[], Opened]


def simulated(provider: str) -> Simulated:
    """Find a provider's simulator. Raises ImportError where there is none."""
    module = importlib.import_module(f"infra.local.simulators.{provider}")
    return cast("Simulated", module.SIMULATED)


def below(path: str, app: WSGIApplication) -> WSGIApplication:
    """Put an application at a path, and nothing elsewhere."""
    return DispatcherMiddleware(NotFound(), {path.rstrip("/"): app})

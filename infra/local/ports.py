"""The ports of the local stack, and whether they are free."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from infra.local.refusals import NotAPort, PortTaken
from infra.local.simulators.simulated import PROVIDERS, simulated

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535

OURS = {"stack": 4566, "shop": 8001, "handset": 8002}
SIMULATORS = {name: 8011 + place for place, name in enumerate(PROVIDERS)}
VARIABLES = {
    "stack": "ISHYURA_PORT",
    **{name: f"ISHYURA_{name.upper()}_PORT" for name in ("shop", "handset", *PROVIDERS)},
}
WANTED_BY = {
    "stack": "the local AWS (MiniStack)",
    "shop": "the demo shop",
    "handset": "the handset page",
}


@dataclass(frozen=True, slots=True)
class Ports:
    """Where each server of the local stack listens, on the loopback address alone."""

    stack: int = OURS["stack"]
    shop: int = OURS["shop"]
    handset: int = OURS["handset"]
    simulators: Mapping[str, int] = field(default_factory=lambda: dict(SIMULATORS))
    """By provider."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Ports":
        """Read the variables that move a port. Raises NotAPort."""
        given = {name: environ.get(VARIABLES[name]) for name in VARIABLES}
        return cls.of({name: _port(VARIABLES[name], text) for name, text in given.items() if text})

    @classmethod
    def of(cls, numbers: Mapping[str, int]) -> "Ports":
        """Take these; a server that is not named keeps its usual port."""
        moved = OURS | dict(numbers)
        return cls(
            **{name: moved[name] for name in OURS},
            simulators={name: moved.get(name, usual) for name, usual in SIMULATORS.items()},
        )

    @classmethod
    def free_ones(cls) -> "Ports":
        """Ports that nobody uses at this moment, so that a test can run beside `make run`."""
        # All are held at once, or the system might hand out the same one twice.
        held = {name: socket.socket() for name in VARIABLES}
        try:
            for server in held.values():
                server.bind((LOOPBACK, 0))
            return cls.of({name: server.getsockname()[1] for name, server in held.items()})
        finally:
            for server in held.values():
                server.close()

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """Name and number of each."""
        yield from ((name, getattr(self, name)) for name in OURS)
        yield from self.simulators.items()


def require_free(name: str, port: int) -> None:
    """Raise PortTaken, saying who wants the port and which variable moves it."""
    if _is_free(port):
        return
    raise PortTaken(
        f"Port {port} is taken by another program, and {_whose(name)} needs it.\n"
        f"Stop that program (`lsof -i :{port}` names it), or choose another port:\n"
        f"    {VARIABLES[name]}={port + 1} make run"
    )


def require_all_different(ports: Ports) -> None:
    """Raise PortTaken if two of our own servers were given one port."""
    owners: dict[int, str] = {}
    for name, port in ports:
        if port in owners:
            raise PortTaken(
                f"{VARIABLES[owners[port]]} and {VARIABLES[name]} both say {port}: "
                f"{_whose(owners[port])} and {_whose(name)} cannot share it."
            )
        owners[port] = name


def _whose(name: str) -> str:
    return WANTED_BY.get(name) or f"the {simulated(name).title} simulator"


def _port(variable: str, text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) <= HIGHEST_PORT:
        return int(text)
    raise NotAPort(f"{variable}={text} is not a port: a whole number from 1 to {HIGHEST_PORT}.")


def _is_free(port: int) -> bool:
    with socket.socket() as caller:
        # macOS lets a loopback address be bound beside a server on all addresses: ask first.
        if caller.connect_ex((LOOPBACK, port)) == 0:
            return False
    with socket.socket() as server:
        # As our servers do, so that a port which they left a moment ago counts as free.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind((LOOPBACK, port))
        except PermissionError as refused:
            raise NotAPort(f"Port {port} is not ours to use: {refused.strerror}.") from None
        except OSError:
            return False
    return True

"""stack.json: where everything is while the local stack is up, for scripts and tests."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict, cast

from infra.local.ports import VARIABLES, Ports
from infra.local.refusals import AlreadyRunning, NotRunning

NAME = "stack.json"
OWNER_ONLY = 0o600
OTHER_PORTS = " ".join(f"{VARIABLES[name]}={port + 100}" for name, port in Ports())


class Tables(TypedDict):
    """The two tables by their deployed names."""

    payments: str
    merchants: str


class Machines(TypedDict):
    """The two state machines' ARNs."""

    watch: str
    deliver: str


class MerchantTold(TypedDict):
    """A merchant: "keys" has "test" and "live", each with "public" and "secret"."""

    merchant_id: str
    keys: dict[str, dict[str, str]]
    webhook_secret: str


class StackFile(TypedDict):
    """All that a script needs to use the local stack."""

    api: str
    checkout: str
    shop: str
    handset: str
    merchant_id: str
    keys: dict[str, dict[str, str]]
    """The demo merchant's, whose payments may go to every provider."""
    webhook_secret: str
    merchants: dict[str, MerchantTold]
    """Provider -> a merchant whose payments go to it alone."""
    providers: dict[str, str]
    """Provider -> the base address that the stack calls."""
    tables: Tables
    machines: Machines
    ask_provider: str
    """The function that asks providers."""
    dead_letters: str
    """The address of the queue of what the stream's functions could not take."""
    parameter_prefix: str
    region: str
    endpoint: str


@contextlib.contextmanager
def sole_use_of(folder: Path) -> Iterator[None]:
    """Keep a second stack out of this folder while the block runs. Raises AlreadyRunning."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            # The system lets go of it when this process ends, however it ends.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"A local stack already runs with its files in {folder}.\n"
                "For a second one beside it choose another folder and other ports:\n"
                f"    ISHYURA_STATE_DIR=.local-2 {OTHER_PORTS} make run"
            ) from None
        # One that a killed run left behind tells of a stack that is gone.
        (folder / NAME).unlink(missing_ok=True)
        yield


@contextlib.contextmanager
def published(folder: Path, stack: StackFile) -> Iterator[None]:
    """Have stack.json in the folder while the block runs. It holds keys: its owner reads it."""
    path = folder / NAME
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        json.dump(stack, file, indent=2)
        file.write("\n")
    try:
        # Whoever waits for the file never sees half of one.
        fresh.replace(path)
        yield
    finally:
        fresh.unlink(missing_ok=True)
        path.unlink(missing_ok=True)


def read(folder: Path) -> StackFile:
    """Read what the running stack says of itself. Raises NotRunning."""
    try:
        return cast("StackFile", json.loads((folder / NAME).read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise NotRunning("No local stack is up: start one with `make run` first.") from None

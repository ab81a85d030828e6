"""A local stack for tests and for the programs beside them.

ISHYURA_STACK names the stack.json of one that runs already, for whoever writes tests here.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.ports import Ports
from infra.local.settings import Settings
from infra.local.stack import running_stack
from infra.local.stack_file import StackFile, read


@contextmanager
def a_stack(folder: Path) -> Iterator[StackFile]:
    """The one that is named, or one of our own with its files in this folder."""
    running = os.environ.get("ISHYURA_STACK")
    if running:
        yield read(Path(running).parent)
        return
    with running_stack(Settings(ports=Ports.free_ones(), folder=folder)) as told:
        yield told

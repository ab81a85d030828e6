"""The Node of these tests: the machine's own, or the one that Playwright brings along."""

import shutil
from importlib.resources import files
from pathlib import Path

NONE_FOUND = "No Node was found: neither on the PATH nor in the playwright package"


def find() -> Path | None:
    """The Node to use; None when there is none."""
    on_path = shutil.which("node")
    if on_path:
        return Path(on_path)
    beside = Path(str(files("playwright") / "driver" / "node"))
    return beside if beside.is_file() else None

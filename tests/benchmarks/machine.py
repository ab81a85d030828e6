"""Where a benchmark ran: its figures are this machine's, and only their ratios travel."""

import os
import platform
from pathlib import Path

from tests.figures import commit

CPUINFO = Path("/proc/cpuinfo")


def described() -> str:
    """The commit, the machine and its Python, in a sentence."""
    return (
        f"Commit {commit()}; {os.cpu_count()} cores of {processor()}, {platform.system()}"
        f" {platform.machine()}, Python {platform.python_version()}."
    )


def processor() -> str:
    """The processor's name, as far as the system tells it."""
    if CPUINFO.is_file():
        for line in CPUINFO.read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()

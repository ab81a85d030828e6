"""The PHP of these tests: where it is, and, run as a program, getting one.

`python -m tests.integration.examples.php` prints its path, and installs Debian's own package first
where there is none and we are root.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

NONE_FOUND = """\
No PHP was found, and none could be installed. The tests of infra/examples/php need one: install
it by hand (Debian and Ubuntu: apt-get install php-cli; macOS: brew install php), then run this
again."""
WAYS: Sequence[Sequence[str]] = (
    ("apt-get", "update"),
    ("apt-get", "install", "-y", "--no-install-recommends", "php-cli"),
)


def find() -> Path | None:
    """The PHP to use; None when this machine has none."""
    found = shutil.which("php")
    return Path(found) if found else None


def install() -> None:
    """Install Debian's, where that is ours to do."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        for command in WAYS:
            sys.stderr.write(f"No PHP found: {' '.join(command)}\n")
            subprocess.run(command, stdout=sys.stderr, check=False)  # noqa: S603  # our own lines


def main() -> int:
    """Print its path; 1 when there is none and none could be had."""
    if find() is None:
        install()
    found = find()
    sys.stdout.write(f"{found}\n" if found else "")
    sys.stderr.write("" if found else f"{NONE_FOUND}\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())

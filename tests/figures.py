"""The figures of RELIABILITY.md: a test that backs one says what it counted.

`make figures` (`python -m tests.figures`) runs those tests one after the other and prints what they
said as a table, with the commit; in any other run of the tests it is only printed.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

COLLECTED_IN = "ISHYURA_FIGURES"
TESTS = Path(__file__).parent
# How a test says it; this file does not count.
SAYS = "from tests.figures import publish"


def publish(figure: str, measured: str) -> None:
    """Say what was counted for a figure of the README's table."""
    print(f"{figure}: {measured}")  # noqa: T201  # pytest shows it with -s, or when the test fails
    if COLLECTED_IN in os.environ:
        with Path(os.environ[COLLECTED_IN]).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"figure": figure, "measured": measured}) + "\n")


def collect() -> int:
    """Run the tests that say something, and print it; the exit code is theirs."""
    files = [
        str(path)
        for path in sorted(TESTS.rglob("test_*.py"))
        if SAYS in path.read_text(encoding="utf-8")
    ]
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder) / "figures"
        ended = subprocess.run(  # noqa: S603  # ourselves
            [sys.executable, "-m", "pytest", "-q", *files],
            env=os.environ | {COLLECTED_IN: str(lines)},
            check=False,
        )
        told = [json.loads(line) for line in lines.read_text(encoding="utf-8").splitlines()]
    by_figure: dict[str, list[str]] = defaultdict(list)
    for line in told:
        by_figure[line["figure"]].append(line["measured"])
    sys.stdout.write(f"\n| figure | counted at {commit()} |\n|---|---|\n")
    for figure, measured in by_figure.items():
        sys.stdout.write(f"| {figure} | {'; '.join(measured)} |\n")
    return ended.returncode


def commit() -> str:
    """The commit that stands here, and whether more has changed."""
    asked = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603  # as above
    return said.stdout.strip() or "an unknown commit"


if __name__ == "__main__":
    sys.exit(collect())

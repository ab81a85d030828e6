"""The figures of RELIABILITY.md: a test that backs one says what it counted.

`make figures` collects them; a plain test run only prints them.
"""

import json
import os
from pathlib import Path

COLLECTED_IN = "ISHYURA_FIGURES"


def publish(figure: str, measured: str) -> None:
    """Say what was counted for a figure of the README's table."""
    print(f"{figure}: {measured}")  # noqa: T201  # pytest shows it with -s, or when the test fails
    if COLLECTED_IN in os.environ:
        with Path(os.environ[COLLECTED_IN]).open("a", encoding="utf-8") as lines:
            lines.write(json.dumps({"figure": figure, "measured": measured}) + "\n")

"""What an audit comes to."""

from enum import IntEnum
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".venv-audit" / "bin"


class Verdict(IntEnum):
    """The graver, the greater."""

    FINE = 0
    NOT_ASKED = 1
    """Some questions had no answer, which says nothing either way."""
    FOUND = 2

    @property
    def code(self) -> int:
        """The exit code: 3 for what could not be asked, since make ends with 2 of its own."""
        return {Verdict.FINE: 0, Verdict.NOT_ASKED: 3, Verdict.FOUND: 1}[self]

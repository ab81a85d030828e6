"""The languages of infra/examples, and how each program of theirs is run."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.integration.examples import node, php

EXAMPLES = Path(__file__).parents[3] / "infra" / "examples"


@dataclass(frozen=True)
class Language:
    """A folder of infra/examples."""

    name: str
    ending: str
    find: Callable[[], Path | None]
    none_found: str
    serving: Callable[[str, int], Sequence[str]]
    """What follows the interpreter to serve a program at a port."""

    def asking(self, *words: str) -> list[str]:
        """The command that opens a payment or asks for it."""
        return [str(self.find()), str(self.program("checkout")), *words]

    def listening(self, port: int) -> list[str]:
        """The command that takes webhooks at a port."""
        return [str(self.find()), *self.serving(str(self.program("webhook")), port)]

    def program(self, name: str) -> Path:
        return EXAMPLES / self.name / f"{name}.{self.ending}"


def by_argument(program: str, port: int) -> Sequence[str]:
    return program, str(port)


LANGUAGES = (
    Language("python", "py", lambda: Path(sys.executable), "", by_argument),
    Language("javascript", "mjs", node.find, node.NONE_FOUND, by_argument),
    Language(
        "php",
        "php",
        php.find,
        php.NONE_FOUND,
        lambda program, port: ("-S", f"127.0.0.1:{port}", program),
    ),
)

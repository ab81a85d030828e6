"""What a part of the benchmark has to say, and how it is written down."""

from dataclasses import dataclass
from typing import Protocol


class Progress(Protocol):
    """Shows one line to whoever waits."""

    def __call__(self, said: str, /) -> None:
        """Show it."""


@dataclass(frozen=True)
class Table:
    """A head and its rows, each cell as it is printed."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table in Markdown."""
        rule = tuple("---" for _ in self.head)
        return "\n".join(f"| {' | '.join(row)} |" for row in (self.head, rule, *self.rows))


@dataclass(frozen=True)
class Section:
    """One part's results."""

    title: str
    lines: tuple[str, ...]
    """How it was measured, and what it means: a paragraph each."""
    tables: tuple[Table, ...]
    misses: tuple[str, ...] = ()
    """The targets that it missed, a sentence each."""

    def markdown(self) -> str:
        """The section in Markdown, its misses last."""
        missed = (f"**Missed:** {miss}" for miss in self.misses)
        tables = (table.markdown() for table in self.tables)
        return "\n\n".join((f"## {self.title}", *self.lines, *tables, *missed))

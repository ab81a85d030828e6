"""Horizontal bars in groups, as a small SVG that reads well on GitHub. Pure.

One file serves light and dark pages: its own style asks what the reader prefers. Text is text, a
title and a description tell the figures to whoever does not see them, and the same figures always
make the same file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import floor, log10
from xml.sax.saxutils import escape

WIDTH = 760
MARGIN = 16
LABELS = 196
"""What is kept for the groups' names."""
FIGURES = 64
"""What is kept for the figure behind the longest bar."""
BAR, BETWEEN, APART = 16, 4, 18
TOP, LEGEND, BOTTOM = 44, 26, 40
MOST_LETTERS = 22
"""Of a group's name in one line."""
# Blue, orange, green, purple and grey that are told apart by most eyes, on white and on black.
LIGHT = ("#0b62d0", "#c2410c", "#15803d", "#7c3aed", "#6b7280")
DARK = ("#6cb0ff", "#fb923c", "#4ade80", "#c4a5ff", "#9ca3af")
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Group:
    """One thing that was measured, with a figure for each series."""

    name: str
    figures: tuple[float | None, ...]
    """None where a series has none."""

    @property
    def bars(self) -> tuple[tuple[int, float], ...]:
        """Each bar: its series, its figure."""
        return tuple((n, figure) for n, figure in enumerate(self.figures) if figure is not None)

    @property
    def height(self) -> float:
        """Of all its bars."""
        return len(self.bars) * (BAR + BETWEEN) - BETWEEN


@dataclass(frozen=True)
class Chart:
    """What is drawn."""

    title: str
    unit: str
    """In words; empty where each figure is written with it."""
    series: tuple[str, ...]
    groups: tuple[Group, ...]
    shown: str = "{:,.0f}"
    """How a figure is written."""

    @property
    def largest(self) -> float:
        """The longest bar's figure."""
        return max(figure for group in self.groups for _, figure in group.bars)


def bars(chart: Chart) -> str:
    """The chart as SVG. Raises ValueError for one that cannot be told from its colours."""
    if len(chart.series) > len(LIGHT):
        raise ValueError(f"no more than {len(LIGHT)} series")
    height = round(bottom_of(chart) + BOTTOM)
    named = 'role="img" aria-labelledby="title told"'
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {named}>',
            f'<title id="title">{escape(chart.title)}</title>',
            f'<desc id="told">{escape(" ".join(sentences(chart)))}</desc>',
            f"<style>{style(len(chart.series))}</style>",
            f'<rect class="page" width="{WIDTH}" height="{height}" rx="6"/>',
            f'<text class="head" x="{MARGIN}" y="28">{escape(chart.title)}</text>',
            *legend(chart),
            *grid(chart),
            *drawn(chart),
            "</svg>\n",
        )
    )


def sentences(chart: Chart) -> Iterable[str]:
    """The figures in words."""
    for group in chart.groups:
        told = ", ".join(
            f"{name} {chart.shown.format(figure)}"
            for name, figure in zip(chart.series, group.figures, strict=True)
            if figure is not None
        )
        yield f"{group.name}: {told}."
    if chart.unit:
        yield f"In {chart.unit}."


def style(series: int) -> str:
    """The colours, for a light page and for a dark one."""
    return (
        "text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif}"
        ".head{font-size:16px;font-weight:600}.small{font-size:12px}"
        ".figure{paint-order:stroke;stroke-width:4px}"
        f"{colours('#ffffff', '#1f2328', '#59636e', '#d1d9e0', LIGHT[:series])}"
        "@media (prefers-color-scheme:dark){"
        f"{colours('#0d1117', '#f0f6fc', '#9198a1', '#3d444d', DARK[:series])}}}"
    )


def colours(page: str, text: str, muted: str, line: str, series: Sequence[str]) -> str:
    """One set of colours."""
    rules = "".join(f".s{number}{{fill:{colour}}}" for number, colour in enumerate(series))
    return (
        f".page{{fill:{page}}}text{{fill:{text}}}.small{{fill:{muted}}}.figure{{stroke:{page}}}"
        f".grid{{stroke:{line}}}{rules}"
    )


# -------------------------------------------------------------------- its parts
def legend(chart: Chart) -> Iterator[str]:
    """Which colour is whose."""
    x = float(MARGIN)
    for number, name in enumerate(chart.series):
        yield f'<rect class="s{number}" x="{x:g}" y="{TOP}" width="12" height="12" rx="2"/>'
        yield f'<text class="small" x="{x + 18:g}" y="{TOP + 11}">{escape(name)}</text>'
        x += 18 + 7 * len(name) + 24


def grid(chart: Chart) -> Iterator[str]:
    """The scale: lines from zero on, each with its figure, and the unit below, if it has one."""
    bottom = bottom_of(chart)
    for tick in ticks(chart.largest):
        x = x_of(chart, tick)
        yield f'<line class="grid" x1="{x:.1f}" y1="{TOP + LEGEND}" x2="{x:.1f}" y2="{bottom:g}"/>'
        yield (
            f'<text class="small" x="{x:.1f}" y="{bottom + 16:g}" text-anchor="middle">'
            f"{chart.shown.format(tick)}</text>"
        )
    if chart.unit:
        yield (
            f'<text class="small" x="{WIDTH - MARGIN}" y="{bottom + 33:g}" text-anchor="end">'
            f"{escape(chart.unit)}</text>"
        )


def drawn(chart: Chart) -> Iterator[str]:
    """The groups' names and bars, each bar with its figure."""
    for number, group in enumerate(chart.groups):
        top = top_of(chart, number)
        yield from name_of(group.name, top + group.height / 2)
        for row, (series, figure) in enumerate(group.bars):
            y, end = top + row * (BAR + BETWEEN), x_of(chart, figure)
            yield (
                f'<rect class="s{series}" x="{LABELS}" y="{y:g}" '
                f'width="{max(end - LABELS, 1):.1f}" height="{BAR}" rx="2"/>'
            )
            yield (
                f'<text class="small figure" x="{end + 6:.1f}" y="{y + 12:g}">'
                f"{chart.shown.format(figure)}</text>"
            )


def name_of(name: str, middle: float) -> Iterator[str]:
    """A group's name, in as many lines as it takes."""
    lines = broken(name)
    first = middle + 4 - 8 * (len(lines) - 1)
    for number, line in enumerate(lines):
        yield (
            f'<text x="{LABELS - 10}" y="{first + 16 * number:g}" text-anchor="end">'
            f"{escape(line)}</text>"
        )


def broken(name: str) -> list[str]:
    """A name in lines, broken between words."""
    lines = [""]
    for word in name.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= MOST_LETTERS or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


# -------------------------------------------------------------------- where things are
def top_of(chart: Chart, number: int) -> float:
    """The upper edge of a group's first bar."""
    above = sum(group.height + APART for group in chart.groups[:number])
    return TOP + LEGEND + APART / 2 + above


def bottom_of(chart: Chart) -> float:
    """Where the bars end."""
    return top_of(chart, len(chart.groups)) - APART / 2


def x_of(chart: Chart, figure: float) -> float:
    """How far a bar reaches."""
    room = WIDTH - MARGIN - FIGURES - LABELS
    return LABELS + room * figure / max(chart.largest, ticks(chart.largest)[-1])


def ticks(largest: float) -> list[float]:
    """Round figures from zero up to the largest, five or so."""
    if largest <= 0:
        return [0.0]
    magnitude = 10.0 ** floor(log10(largest / 5))
    step = next(s * magnitude for s in STEPS if s * magnitude >= largest / 5)
    return [step * number for number in range(floor(largest / step) + 1)]

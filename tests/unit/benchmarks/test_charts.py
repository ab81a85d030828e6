import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from tests.benchmarks.charts import LABELS, WIDTH, Chart, Group, bars, broken, ticks

SVG = "{http://www.w3.org/2000/svg}"
CHART = Chart(
    title="Cost & more",
    unit="US dollars",
    series=("ours", "the <usual>"),
    groups=(Group("settled", (100.0, 400.0)), Group("merchant's endpoint down", (540.25, None))),
    shown="${:,.0f}",
)


def parsed(chart: Chart) -> ET.Element:
    # Ours, of a line before.
    return ET.fromstring(bars(chart))  # noqa: S314


def drawn(chart: Chart) -> list[tuple[str, float, float]]:
    """Each bar's class, upper edge and length."""
    return [
        (str(bar.get("class")), float(str(bar.get("y"))), float(str(bar.get("width"))))
        for bar in parsed(chart).iter(f"{SVG}rect")
        if bar.get("x") == str(LABELS)
    ]


def texts(chart: Chart) -> list[str]:
    return [text.text or "" for text in parsed(chart).iter(f"{SVG}text")]


def test_bars_are_as_long_as_their_figures() -> None:
    lengths = [length for _, _, length in drawn(CHART)]
    assert len(lengths) == 3
    assert lengths[1] == pytest.approx(4 * lengths[0], abs=0.2)
    assert lengths[2] == pytest.approx(5.4025 * lengths[0], abs=0.3)
    assert max(lengths) < WIDTH - LABELS


def test_each_bar_has_its_series_colour_and_a_row_of_its_own() -> None:
    found = drawn(CHART)
    assert [colour for colour, _, _ in found] == ["s0", "s1", "s0"]
    assert found[0][1] < found[1][1] < found[2][1]


def test_what_a_series_has_no_figure_for_leaves_no_gap() -> None:
    one, other = Group("one", (1.0, None, 2.0)), Group("two", (1.0, 2.0))
    three = Chart(title="t", unit="", series=("a", "b", "c"), groups=(one,))
    two = Chart(title="t", unit="", series=("a", "b"), groups=(other,))
    assert [y for _, y, _ in drawn(three)] == [y for _, y, _ in drawn(two)]
    assert [colour for colour, _, _ in drawn(three)] == ["s0", "s2"]


def test_every_figure_and_name_is_written() -> None:
    told = texts(CHART)
    for text in ("Cost & more", "ours", "the <usual>", "settled", "$100", "$400", "$540"):
        assert text in told
    assert "US dollars" in told


def test_whoever_does_not_see_it_is_told_the_same() -> None:
    root = parsed(CHART)
    title, told = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert told is not None
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {told.get('id')}"
    assert title.text == "Cost & more"
    assert told.text == (
        "settled: ours $100, the <usual> $400. merchant's endpoint down: ours $540. In US dollars."
    )


def test_a_dark_page_gets_other_colours() -> None:
    style = parsed(CHART).find(f"{SVG}style")
    assert style is not None
    light, _, dark = str(style.text).partition("@media (prefers-color-scheme:dark)")
    for rule in (".page", ".s0", ".s1", "text", ".small", ".grid"):
        colours = [re.findall(rf"{re.escape(rule)}{{\w+:(#\w+)}}", half) for half in (light, dark)]
        assert len(colours[0]) == len(colours[1]) == 1, rule
        assert colours[0] != colours[1], rule


def test_it_carries_no_script_and_asks_nobody_for_anything() -> None:
    told = bars(CHART)
    assert not re.search(r"<script|href|url\(|@import|onload", told)


def test_the_same_figures_make_the_same_file() -> None:
    assert bars(CHART) == bars(replace(CHART))
    assert bars(CHART) != bars(replace(CHART, title="Another"))


def test_a_unit_that_each_figure_bears_is_not_said_again() -> None:
    bare = replace(CHART, unit="", shown="{:,.0f} ms")
    assert "100 ms" in texts(bare)
    assert texts(bare)[-1] != ""
    told = parsed(bare).find(f"{SVG}desc")
    assert told is not None
    assert str(told.text).endswith("540 ms.")


def test_more_series_than_colours_are_refused() -> None:
    crowded = Chart(title="t", unit="", series=tuple("abcdef"), groups=(Group("g", (1.0,) * 6),))
    with pytest.raises(ValueError, match="no more than 5 series"):
        bars(crowded)


@pytest.mark.parametrize(
    ("largest", "expected"),
    [
        (877.0, [0, 200, 400, 600, 800]),
        (467.0, [0, 100, 200, 300, 400]),
        (5.0, [0, 1, 2, 3, 4, 5]),
        (1.2, [0, 0.25, 0.5, 0.75, 1.0]),
        (0.0, [0]),
    ],
)
def test_the_scale_has_round_figures(largest: float, expected: list[float]) -> None:
    assert ticks(largest) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("settled by webhook", ["settled by webhook"]),
        ("merchant's endpoint down for a day", ["merchant's endpoint", "down for a day"]),
        ("Donaudampfschifffahrtsgesellschaft", ["Donaudampfschifffahrtsgesellschaft"]),
    ],
)
def test_a_long_name_is_broken_between_words(name: str, lines: list[str]) -> None:
    assert broken(name) == lines

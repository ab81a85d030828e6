"""The document's Markdown as HTML: the few forms that its own guide is written in.

Paragraphs, `## headings`, lists, tables, `code` and **stress**. Everything is escaped first.
"""

import re
from html import escape

HEADING = "## "
ITEM = "- "
ROW = "| "
CODE = re.compile(r"`([^`]+)`")
STRESS = re.compile(r"\*\*([^*]+)\*\*")
NO_WORD = re.compile(r"[^a-z0-9]+")


def headings(text: str) -> list[tuple[str, str]]:
    """The headings of a text, each with the name that links find it by."""
    found = [line.removeprefix(HEADING) for line in text.splitlines() if line.startswith(HEADING)]
    return [(anchor(heading), heading) for heading in found]


def anchor(heading: str) -> str:
    """The name that links find a heading by: "rate-limits"."""
    return NO_WORD.sub("-", heading.lower()).strip("-")


def html(text: str) -> str:
    """A whole text as HTML."""
    blocks = [block for block in re.split(r"\n\s*\n", text.strip()) if block.strip()]
    return "\n".join(block_html(block) for block in blocks)


def block_html(block: str) -> str:
    """A paragraph, heading, list or table."""
    if block.startswith(HEADING):
        heading = block.removeprefix(HEADING)
        return f'<h2 id="{anchor(heading)}">{words(heading)}</h2>'
    if block.startswith(ITEM):
        items = re.split(r"\n- ", block.removeprefix(ITEM))
        return f"<ul>{''.join(f'<li>{words(item)}</li>' for item in items)}</ul>"
    if block.startswith(ROW):
        return table(block.splitlines())
    return f"<p>{words(block)}</p>"


def table(lines: list[str]) -> str:
    """A table; its second line only draws the line under the head."""
    head, _, *rows = (line.strip("| ").split(" | ") for line in lines)
    top = "".join(f'<th scope="col">{words(cell)}</th>' for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{words(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return (
        '<div class="wide" tabindex="0">'
        f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def words(text: str) -> str:
    """Running text."""
    plain = escape(text.replace("\n", " ").strip())
    return STRESS.sub(r"<strong>\1</strong>", CODE.sub(r"<code>\1</code>", plain))

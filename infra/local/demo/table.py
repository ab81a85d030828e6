"""The demo's table, as text."""

from collections.abc import Sequence

from infra.local.demo.row import Row
from infra.local.demo.warm import (
    MOST_TRANSITIONS_SILENT,
    TARGETS,
    TRANSITIONS_BY_WEBHOOK,
    Warm,
)
from infra.local.simulators.simulated import PROVIDERS, simulated

HEADINGS = (
    *("provider", "method", "what", "status", "settled by", "seconds", "merchant told"),
    *("AWS calls", "transitions", "paid/charges"),
)
LEGEND = """\
seconds: from the charge to verify's final word. merchant told: deliveries under a good signature.
AWS calls: by the functions, but for verify's own. transitions: watch + delivery.
paid/charges: in the simulators' own ledgers, all of them together."""
TITLES = {name: simulated(name).title for name in PROVIDERS} | {"sandbox": "test mode"}


def table(rows: Sequence[Row]) -> str:
    """Draw the rows in columns; a mark stands before those that went wrong."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS))]
    marks = ["  ", *("! " if row.problems else "  " for row in rows)]
    drawn = [
        mark + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for mark, line in zip(marks, lines, strict=True)
    ]
    rule = "  " + "  ".join("-" * width for width in widths)
    return "\n".join(line.rstrip() for line in [drawn[0], rule, *drawn[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        " > ".join(TITLES[name] for name in dict.fromkeys(row.tried)),
        row.method.replace("_", " "),
        row.what,
        row.status,
        row.settled_by or f"nobody, asked {row.asked} x",
        "" if row.seconds is None else f"{row.seconds:.1f}",
        _told(row),
        str(row.aws_calls),
        f"{row.watch_transitions} + {row.delivery_transitions}",
        f"{row.paid}/{row.charges}" if row.mode == "live" else "",
    )


def _told(row: Row) -> str:
    if not row.answers:
        return "nothing"
    if len(row.answers) == 1:
        return "once"
    return f"{len(row.answers)} x ({', '.join(map(str, row.answers))})"


def measures(warm: Warm, silent: int) -> str:
    """Draw DESIGN.md's numbers beside those that were measured."""
    lines = [
        (f"AWS calls, warm: {name}", str(warm.calls[name]), str(target))
        for name, target in TARGETS.items()
    ]
    lines += [
        (
            "transitions: settled by webhook",
            str(warm.transitions_by_webhook),
            str(TRANSITIONS_BY_WEBHOOK),
        ),
        ("transitions: silent, paid after 25 s", str(silent), f"<= {MOST_TRANSITIONS_SILENT}"),
    ]
    return "\n".join(f"  {name:<40}{was:>4}   (DESIGN.md: {target})" for name, was, target in lines)

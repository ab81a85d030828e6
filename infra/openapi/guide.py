"""The guide that opens the document: guide.md, with its tables made from the code."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from infra.openapi import failures
from infra.openapi.letters import event_types
from payments.limits import limits
from payments.plan import PLANS
from providers.sandbox import MAGIC_NUMBERS, Ending

WRITTEN = Path(__file__).with_suffix(".md")


def text() -> str:
    """The guide as Markdown."""
    least, most = limits("RWF", {})
    return WRITTEN.read_text(encoding="utf-8").format(
        limits=f"{least} and {most}",
        plans=table(
            ("plan", "a minute", "bucket", "a day"),
            (
                (plan.name, f"{plan.per_minute:,}", f"{plan.burst:,}", f"{plan.per_day:,}")
                for plan in PLANS.values()
            ),
        ),
        errors=table(
            ("code", "status", "meaning"),
            ((f"`{code}`", str(status), told) for code, status, told in failures.table()),
        ),
        events=table(
            ("event", "meaning"), ((f"`{kind}`", told) for kind, told in event_types().items())
        ),
        numbers=table(
            ("number", "what happens", "who settles it"),
            ((f"`078000000{digit}`", *told_of(ending)) for digit, ending in MAGIC_NUMBERS.items()),
        ),
    )


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def told_of(ending: Ending) -> tuple[str, str]:
    """What a magic number does, and who gets to know."""
    if ending.reply_lost and not ending.answers_status:
        return "silence, for ever", "nobody: left to a person after a day"
    outcome = str(ending.reason or ending.outcome).replace("_", " ")
    lost = "; the reply to the charge is lost" if ending.reply_lost else ""
    after = f" after {int(ending.after.total_seconds())} s" if ending.after else ""
    who = "the reply" if ending.in_reply else "webhook" if ending.by_webhook else "polling"
    return f"{outcome}{after}{lost}", who

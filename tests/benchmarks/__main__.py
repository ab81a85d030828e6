"""`make bench`: how fast, how cheap, and how both grow, beside what else one would build.

PART names one of the parts, which is then printed alone; all together write RESULTS.md and the
README's charts. A figure that depends on the machine stands beside one of the same run that it is
to be held against. Exit code: 0 when all parts ran, whether or not they met their targets, which
RESULTS.md tells; 130 after Ctrl-C.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from infra.local.interruption import Interrupted, interruptible
from infra.local.refusals import LocalStackRefused
from tests.benchmarks import calls, growth, latency
from tests.benchmarks.cost import bill, told
from tests.benchmarks.machine import described
from tests.benchmarks.report import Section
from tests.benchmarks.runtime import chart as cold
from tests.benchmarks.runtime import measuring as running
from tests.benchmarks.runtime import section as runtime
from tests.figures import commit

HERE = Path(__file__).parent
RESULTS = HERE / "RESULTS.md"
PICTURES = HERE.parents[1] / "infra" / "pictures"
STOPPED = 130  # a shell's code for a program that Ctrl-C ended


def say(said: str) -> None:
    """Show one line to whoever waits."""
    sys.stderr.write(f"{said}\n")
    sys.stderr.flush()


class Bench:
    """One run, part after part."""

    def __init__(self) -> None:
        self.charts: dict[str, str] = {}

    def runtime(self) -> Section:
        """Cold and warm, in Lambda's own runtime."""
        measured = running.measure(say)
        self.charts["cold-start.svg"] = cold.drawing(measured)
        return runtime.section(measured)

    def calls(self) -> Section:
        """AWS calls and capacity."""
        return calls.section(calls.measure(say))

    def cost(self) -> Section:
        """A million payments, priced."""
        costs = bill.measure(say)
        self.charts["cost.svg"] = told.drawing(costs)
        return told.section(costs)

    def growth(self) -> Section:
        """With more and more payments stored."""
        return growth.section(growth.measure(say))

    def latency(self) -> Section:
        """From a provider's webhook to ours."""
        return latency.section(latency.measure(say))

    @property
    def parts(self) -> dict[str, Callable[[], Section]]:
        """All of them, those first that a quiet machine matters most to."""
        return {
            "runtime": self.runtime,
            "calls": self.calls,
            "cost": self.cost,
            "growth": self.growth,
            "latency": self.latency,
        }


def run(part: str | None) -> None:
    """Run one part and print it, or all, and write them down."""
    bench = Bench()
    at_first = described()
    sections = []
    for name, measure in bench.parts.items():
        if part in (None, name):
            sections.append(measure())
            sys.stdout.write(f"\n{sections[-1].markdown()}\n")
            sys.stdout.flush()
    if part is None:
        RESULTS.write_text(written(at_first, sections), encoding="utf-8")
        for name, drawing in bench.charts.items():
            (PICTURES / name).write_text(drawing, encoding="utf-8")
        say(f"Written to {RESULTS} and {PICTURES}, at {commit()}.")


def written(machine: str, sections: Sequence[Section]) -> str:
    """RESULTS.md: where it ran, what was missed, and each part."""
    misses = [f"- {section.title}: {miss}" for section in sections for miss in section.misses]
    missed = "\n".join(["Targets that were missed:", "", *misses]) if misses else "No target missed"
    head = f"# What was measured\n\nMade by `make bench`, in one run. {machine}\n\n{missed}"
    return "\n\n".join([head, *(section.markdown() for section in sections)]) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Read the command line, run, and answer with the exit code."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("part", nargs="?", choices=list(Bench().parts))
    given = parser.parse_args(arguments)
    try:
        with interruptible():
            run(given.part)
    except LocalStackRefused as refused:
        say(str(refused))
        return 1
    except Interrupted:
        say("Stopped.")
        return STOPPED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

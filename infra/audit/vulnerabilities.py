"""Ask whether a version that a lock pins is known to be vulnerable.

pip-audit ends well, with "No known vulnerabilities found", when nobody knew the packages that it
asked about. So its list is read here, package by package, and an answer that is missing is said to
be missing.

What is known and does no harm here goes to pyproject.toml, under
`[tool.ishyura.accepted-vulnerabilities]`, each with its reason.
"""

import json
import subprocess
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any

import typer

from infra.audit.verdict import ROOT, TOOLS, Verdict

PIP_AUDIT = TOOLS / "pip-audit"
PROJECT = ROOT / "pyproject.toml"
LOCKS = (
    ROOT / "functions" / "requirements.txt",
    ROOT / "infra" / "requirements-dev.txt",
    ROOT / "infra" / "requirements-audit.txt",
    ROOT / "infra" / "requirements-bench.txt",
    ROOT / "infra" / "requirements-uv.txt",
)
# The second is asked where the first does not answer for every package.
SERVICES = ("pypi", "osv")
MOST_LETTERS = 120


@dataclass(frozen=True, slots=True)
class Answer:
    """What one service said about one lock."""

    known: Mapping[str, str]
    """The id of each known vulnerability -> the package that has it, and the versions without."""
    asked: int
    """How many packages it answered for."""
    unanswered: Sequence[str]
    """Why there is no answer: for the whole lock, or a package each."""


def look(
    pip_audit: Path = PIP_AUDIT, locks: Sequence[Path] = LOCKS, project: Path = PROJECT
) -> Verdict:
    """Ask about every lock and say what came of it."""
    accepted = accepted_by(project)
    verdict = max(_look_at(pip_audit, lock, accepted) for lock in locks)
    if verdict is Verdict.NOT_ASKED:
        typer.echo(
            "Vulnerabilities: nobody who knows could be asked about everything, so nothing is said"
            " about it. Run this again where a service can be reached.",
            err=True,
        )
    return verdict


def accepted_by(project: Path) -> dict[str, str]:
    """Read which vulnerabilities do no harm here, and why not, by their ids."""
    told: dict[str, Any] = tomllib.loads(project.read_text(encoding="utf-8"))["tool"]
    accepted: dict[str, str] = told.get("ishyura", {}).get("accepted-vulnerabilities", {})
    return accepted


def _look_at(pip_audit: Path, lock: Path, accepted: Mapping[str, str]) -> Verdict:
    answers: list[Answer] = []
    for service in SERVICES:
        answers.append(ask(pip_audit, lock, service))
        if not answers[-1].unanswered:
            break
    known = {name: told for answer in answers for name, told in answer.known.items()}
    unexplained = {name: told for name, told in known.items() if name not in accepted}
    _tell(f"{lock.parent.name}/{lock.name}", unexplained, answers)
    if unexplained:
        return Verdict.FOUND
    return Verdict.NOT_ASKED if answers[-1].unanswered else Verdict.FINE


def _tell(lock: str, unexplained: Mapping[str, str], answers: Sequence[Answer]) -> None:
    for found, told in unexplained.items():
        typer.echo(f"{lock}: {found} in {told}", err=True)
    if answers[-1].unanswered:
        for answer in answers:
            first = shorten(answer.unanswered[0], MOST_LETTERS)
            typer.echo(f"{lock}: {first} ({len(answer.unanswered)} such)", err=True)
    elif not unexplained:
        typer.echo(f"{lock}: nothing unexplained is known of {answers[-1].asked} packages")


def ask(pip_audit: Path, lock: Path, service: str) -> Answer:
    """Ask one service about one lock. Whatever goes wrong is an answer that is missing."""
    ran = subprocess.run(  # noqa: S603  # nosec B603  # our own command line
        [
            str(pip_audit),
            *("--requirement", str(lock), "--require-hashes", "--disable-pip"),
            *("--vulnerability-service", service),
            *("--format", "json", "--desc", "off", "--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        packages: list[dict[str, Any]] = json.loads(ran.stdout)["dependencies"]
    except ValueError:
        last_line = (ran.stderr.strip().splitlines() or ["It said nothing."])[-1]
        return Answer({}, 0, [f"{service} could not be asked: {last_line}"])
    return Answer(
        known={
            found["id"]: f"{package['name']} {package['version']}, {_without(found)}"
            for package in packages
            for found in package.get("vulns", ())
        },
        asked=sum("vulns" in package for package in packages),
        # An empty lock would be an answer about nothing.
        unanswered=[one["skip_reason"] for one in packages if "skip_reason" in one]
        if packages
        else [f"{service} was asked about no package"],
    )


def _without(found: Mapping[str, Any]) -> str:
    fixed: list[str] = found["fix_versions"]
    return f"mended in {', '.join(fixed)}" if fixed else "mended nowhere yet"

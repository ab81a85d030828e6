"""Ask checkov about template.yaml; infra/audit/checkov.yaml says what it looks at.

checkov ends well when it could not read the template at all. So what it counted is read here.
"""

import json
import subprocess
from pathlib import Path
from typing import Any

import typer

from infra.audit.verdict import ROOT, TOOLS, Verdict

CHECKOV = TOOLS / "checkov"
CONFIGURED = ROOT / "infra" / "audit" / "checkov.yaml"


def look(checkov: Path = CHECKOV) -> Verdict:
    """Say what it found. What it could not look at counts as found."""
    ran = subprocess.run(  # noqa: S603  # nosec B603  # our own command line
        [str(checkov), "--config-file", str(CONFIGURED), "--output", "json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        told: dict[str, Any] = json.loads(ran.stdout)
        counted: dict[str, int] = told["summary"]
    except (ValueError, KeyError):
        typer.echo(f"template.yaml: checkov did not look at it. {ran.stderr.strip()}", err=True)
        return Verdict.FOUND
    for check in told["results"]["failed_checks"]:
        name = f"{check['check_id']} of {check['resource']}: {check['check_name']}"
        typer.echo(f"template.yaml: {name}", err=True)
    passed, failed = counted["passed"], counted["failed"]
    typer.echo(f"template.yaml: {passed} checks passed, {failed} failed")
    if counted["parsing_errors"]:
        typer.echo("template.yaml: checkov could not read it", err=True)
    is_fine = passed and not failed and not counted["parsing_errors"]
    return Verdict.FINE if is_fine else Verdict.FOUND

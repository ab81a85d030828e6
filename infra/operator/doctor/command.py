"""`doctor`: run the checks and print what they find."""

import json
import sys
from typing import Annotated

import typer

from infra.operator.doctor.examination import examination_of
from infra.operator.doctor.examine import examine
from infra.operator.doctor.finding import Finding, Verdict
from infra.operator.terminal import STOPPED, AsJson, deployment_of, passing_line

WORDS = {Verdict.WARNING: "warnings", Verdict.PROBLEM: "problems"}


def doctor(
    context: typer.Context,
    merchant_id: Annotated[
        str | None,
        typer.Option("--merchant", metavar="MERCHANT", help="mer_…; everyone without it."),
    ] = None,
    *,
    webhooks: Annotated[
        bool, typer.Option(help="Send each merchant's endpoints a test event.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Look whether the deployment works, and say what to do where it does not.

    Nothing is charged. Exit code 1 when there is a problem.
    """
    found: list[Finding] = []
    say = passing_line(sys.stderr)
    try:
        deployment = deployment_of(context)
        examination = examination_of(deployment, say)
        for finding in examine(examination, merchant_id, webhooks=webhooks):
            found.append(finding)
            say("")
            # Where the answer is JSON, whoever watches still sees each as it comes.
            typer.echo(finding.line, err=as_json)
    except KeyboardInterrupt:
        say("")
        typer.echo(f"Stopped after {len(found)} checks", err=True)
        raise typer.Exit(STOPPED) from None
    if as_json:
        typer.echo(json.dumps([finding.record for finding in found], ensure_ascii=False, indent=2))
    verdicts = [finding.verdict for finding in found]
    counts = ", ".join(f"{verdicts.count(verdict)} {word}" for verdict, word in WORDS.items())
    typer.echo(f"{len(found)} checks: {counts}", err=True)
    if Verdict.PROBLEM in verdicts:
        raise typer.Exit(1)

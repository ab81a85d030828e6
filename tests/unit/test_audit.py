"""What `make audit` makes of what pip-audit and checkov say, and of what they do not say.

Programs that answer as those two do stand in for them.
"""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.audit import template, vulnerabilities
from infra.audit.verdict import Verdict

CLEAN = {"name": "httpx", "version": "0.28.1", "vulns": []}
VULNERABLE = {
    "name": "jinja2",
    "version": "3.1.0",
    "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["3.1.3"], "aliases": ["CVE-2024-1"]}],
}
UNKNOWN = {
    "name": "httpx",
    "skip_reason": "Dependency not found on PyPI and could not be audited: httpx (0.28.1)",
}
UNREACHABLE = "requests.exceptions.ConnectionError: Failed to resolve the name"

Standing = Callable[[Mapping[str, Any]], Path]
Asking = Callable[..., Verdict]


@pytest.fixture
def pip_audit(tmp_path: Path) -> Standing:
    """A program that answers for each service with packages, or with an error."""

    def made(answers: Mapping[str, Any]) -> Path:
        program = tmp_path / "pip-audit"
        program.write_text(
            f"#!{sys.executable}\n"
            "import json, sys\n"
            f"answers = json.loads({json.dumps(json.dumps(dict(answers)))})\n"
            "given = sys.argv[sys.argv.index('--vulnerability-service') + 1]\n"
            "assert {'--require-hashes', '--disable-pip'} <= set(sys.argv)\n"
            "answer = answers[given]\n"
            "if isinstance(answer, str):\n"
            "    sys.exit(answer)\n"
            "print(json.dumps({'dependencies': answer, 'fixes': []}))\n"
            "sys.exit(any(one.get('vulns') for one in answer))\n"
        )
        program.chmod(0o755)
        return program

    return made


@pytest.fixture
def asked(tmp_path: Path, pip_audit: Standing) -> Asking:
    """What comes of one lock, with these answers and these vulnerabilities accepted."""

    def ask(accepted: Mapping[str, str] | None = None, **answers: object) -> Verdict:
        project = tmp_path / "pyproject.toml"
        lines = [
            f"{json.dumps(name)} = {json.dumps(why)}" for name, why in (accepted or {}).items()
        ]
        project.write_text("\n".join(["[tool.ishyura.accepted-vulnerabilities]", *lines]))
        lock = tmp_path / "requirements.txt"
        return vulnerabilities.look(pip_audit(answers), [lock], project)

    return ask


def test_is_fine_when_every_package_was_answered_for(asked: Asking) -> None:
    assert asked(pypi=[CLEAN]) is Verdict.FINE


def test_finds_what_is_known(asked: Asking, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(pypi=[CLEAN, VULNERABLE]) is Verdict.FOUND
    assert "PYSEC-2024-1 in jinja2 3.1.0, mended in 3.1.3" in capsys.readouterr().err


def test_what_is_accepted_with_its_reason_is_fine(asked: Asking) -> None:
    why = {"PYSEC-2024-1": "We render no templates of strangers."}
    assert asked(why, pypi=[CLEAN, VULNERABLE]) is Verdict.FINE


def test_accepting_one_does_not_accept_another(asked: Asking) -> None:
    why = {"PYSEC-2024-2": "We render no templates of strangers."}
    assert asked(why, pypi=[VULNERABLE]) is Verdict.FOUND


def test_the_second_service_is_asked_when_the_first_does_not_know(asked: Asking) -> None:
    assert asked(pypi=[UNKNOWN], osv=[CLEAN]) is Verdict.FINE
    assert asked(pypi=UNREACHABLE, osv=[VULNERABLE]) is Verdict.FOUND


def test_a_package_that_nobody_knows_is_not_called_safe(
    asked: Asking, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(pypi=[CLEAN, UNKNOWN], osv=UNREACHABLE) is Verdict.NOT_ASKED
    told = capsys.readouterr()
    assert "could not be audited: httpx (0.28.1)" in told.err
    assert f"osv could not be asked: {UNREACHABLE}" in told.err
    assert "nothing is said about it" in told.err
    assert told.out == ""


def test_an_answer_about_no_package_is_none(asked: Asking) -> None:
    assert asked(pypi=[], osv=[]) is Verdict.NOT_ASKED


def test_what_one_service_knows_counts_though_another_was_silent(asked: Asking) -> None:
    assert asked(pypi=[VULNERABLE, UNKNOWN], osv=UNREACHABLE) is Verdict.FOUND


def test_the_exit_code_tells_what_was_found_from_what_could_not_be_asked() -> None:
    assert [verdict.code for verdict in Verdict] == [0, 3, 1]
    assert max(Verdict.FINE, Verdict.NOT_ASKED, Verdict.FOUND) is Verdict.FOUND


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str], Verdict]:
    """What comes of this text on checkov's standard output."""

    def check(printed: str) -> Verdict:
        program = tmp_path / "checkov"
        program.write_text(f"#!{sys.executable}\nprint({printed!r})\n")
        program.chmod(0o755)
        return template.look(program)

    return check


def summary(**counted: int) -> dict[str, Any]:
    counts = {"passed": 76, "failed": 0, "skipped": 7, "parsing_errors": 0} | counted
    return {"results": {"failed_checks": []}, "summary": counts}


def test_a_template_without_findings_is_fine(checked: Callable[[str], Verdict]) -> None:
    assert checked(json.dumps(summary())) is Verdict.FINE


def test_a_finding_of_checkov_is_told(
    checked: Callable[[str], Verdict], capsys: pytest.CaptureFixture[str]
) -> None:
    told = summary(failed=1)
    told["results"]["failed_checks"] = [
        {
            "check_id": "CKV_AWS_28",
            "resource": "AWS::DynamoDB::Table.Payments",
            "check_name": "Ensure DynamoDB point in time recovery (backup) is enabled",
        }
    ]
    assert checked(json.dumps(told)) is Verdict.FOUND
    assert "CKV_AWS_28 of AWS::DynamoDB::Table.Payments" in capsys.readouterr().err


@pytest.mark.parametrize(
    "printed",
    [
        json.dumps(summary(parsing_errors=1)),
        json.dumps(summary(passed=0)),
        json.dumps({"passed": 0, "failed": 0, "parsing_errors": 1}),
        "",
    ],
    ids=["not all of it", "no check", "no results", "nothing"],
)
def test_a_template_that_checkov_did_not_look_at_is_not_fine(
    checked: Callable[[str], Verdict], printed: str
) -> None:
    assert checked(printed) is Verdict.FOUND

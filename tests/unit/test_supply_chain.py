"""Whatever is told to look away says why, beside it.

The locks themselves are looked at in test_locks.py, the program that asks about known
vulnerabilities in test_audit.py.
"""

import re
import tokenize
import tomllib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RESOURCES: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]
PROGRAMS = sorted(
    file for folder in ("functions", "infra", "tests") for file in (ROOT / folder).rglob("*.py")
)
# Each says what it looks away from, by its code.
LOOKS_AWAY = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*"
    r"|nosec\s+B[0-9]+(?:,\s*B[0-9]+)*"
    r"|type:\s*ignore\[[a-z, -]+\])"
)
# Any way of saying it, without a code as well.
ANY_WAY = re.compile(
    r"#\s*(?:(?:ruff:\s*)?noqa|nosec|type:\s*ignore|mypy:|pylint:|pyright:)", re.IGNORECASE
)
WORD = re.compile(r"[A-Za-z]{2}")


def suppressions(file: Path) -> Iterator[tuple[int, str, str]]:
    """Line number, comment, and the line above it."""
    lines = file.read_text(encoding="utf-8").splitlines()
    with file.open("rb") as opened:
        for token in tokenize.tokenize(opened.readline):
            if token.type == tokenize.COMMENT and ANY_WAY.search(token.string):
                line = token.start[0]
                yield line, token.string, lines[line - 2].strip() if line > 1 else ""


def says_why(comment: str, above: str) -> bool:
    """Whether a reason stands after it, or as the comment on the line above."""
    left = LOOKS_AWAY.sub("", comment)
    if ANY_WAY.search(left):
        return False
    return bool(WORD.search(left)) or (above.startswith("#") and not ANY_WAY.search(above))


def test_whatever_silences_a_check_in_the_code_says_why() -> None:
    found = [
        (f"{file.relative_to(ROOT)}:{line}: {comment}", says_why(comment, above))
        for file in PROGRAMS
        for line, comment, above in suppressions(file)
    ]
    assert len(found) > len(PROGRAMS) / 10
    unexplained = "\n".join(where for where, explained in found if not explained)
    assert unexplained == ""


@pytest.mark.parametrize(
    ("comment", "above", "explained"),
    [
        ("# noqa: S603  # our own command line", "", True),
        ("# noqa: S603 - our own command line", "", True),
        ("# noqa: S603, S607  # nosec B603  # our own", "", True),
        ("# type: ignore[arg-type]  # a stand-in", "", True),
        ("# noqa: S311", "# It only keeps them from marching in step.", True),
        ("# noqa: S311", "spread = planned", False),
        ("# noqa: S311  # nosec B311", "", False),
        ("# type: ignore[arg-type]", "", False),
        ("# type: ignore[attr-defined, no-any-return]", "", False),
        ("# noqa  # for every reason", "", False),
        ("# nosec  # for every reason", "", False),
        ("# type: ignore  # for every reason", "", False),
        ("# noqa: S311", "# noqa: S603", False),
        ("# ruff: noqa: S311  # for the whole file", "", False),
    ],
)
def test_a_reason_is_told_from_none(comment: str, above: str, explained: object) -> None:
    assert says_why(comment, above) is explained


def listed(folder: str) -> Iterator[tuple[str, str]]:
    """What pyproject.toml or a file of infra/audit leaves out: the lines, and those above them."""
    lines = (ROOT / folder).read_text(encoding="utf-8").splitlines()
    yield from ((line.strip(), above.strip()) for above, line in pairwise(lines))


def test_whatever_a_tool_leaves_out_everywhere_says_why() -> None:
    rules = PROJECT["tool"]["ruff"]["lint"]
    left_out = {
        *rules["ignore"],
        *(rule for some in rules["per-file-ignores"].values() for rule in some),
        *PROJECT["tool"]["bandit"]["skips"],
    }
    reasons = re.findall(
        r'^ *"([A-Z]+[0-9]*)", *# *(\S.*)$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert {rule for rule, _ in reasons} >= left_out
    assert all(WORD.search(reason) or "as " in reason for _, reason in reasons)


def test_whatever_checkov_leaves_out_everywhere_says_why() -> None:
    left_out = [pair for pair in listed("infra/audit/checkov.yaml") if pair[0].startswith("- CKV")]
    configured = yaml_parse((ROOT / "infra" / "audit" / "checkov.yaml").read_text())
    assert [f"- {check}" for check in configured["skip-check"]] == [line for line, _ in left_out]
    assert all(above.startswith("#") for _, above in left_out)


def test_whatever_checkov_leaves_out_of_a_resource_says_why() -> None:
    skipped = [
        (name, skip["id"], skip.get("comment", ""))
        for name, resource in RESOURCES.items()
        for skip in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    ]
    assert skipped
    assert [(name, check) for name, check, why in skipped if len(why.split()) < 4] == []


def test_whatever_cfn_lint_leaves_out_says_why() -> None:
    left_out = [pair for pair in listed("template.yaml") if "ignore_checks" in pair[0]]
    assert left_out
    assert all(above.startswith("#") for _, above in left_out)


def test_whatever_vulnerability_is_accepted_says_why() -> None:
    accepted = PROJECT["tool"]["ishyura"]["accepted-vulnerabilities"]
    assert [name for name, why in accepted.items() if len(str(why).split()) < 4] == []


def test_a_function_has_no_metadata_of_its_own() -> None:
    """Where they differ, `sam build` builds the one artefact several times (STYLE.md)."""
    functions = [one for one in RESOURCES.values() if one["Type"] == "AWS::Serverless::Function"]
    assert functions
    assert not any("Metadata" in function for function in functions)

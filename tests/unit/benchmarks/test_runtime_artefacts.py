"""A peer's artefact holds what it is written with and what that needs, and no more."""

import py_compile
from pathlib import Path

import pydantic
import pytest

from infra.local.refusals import StepFailed
from tests.benchmarks.runtime.artefacts import BENCHMARKS, closure, copied, install

HERE = Path(pydantic.__file__).parents[1]


def test_a_distribution_brings_what_it_needs_and_no_extras() -> None:
    found = set(closure(["pydantic"], HERE))
    assert {"pydantic", "pydantic-core", "annotated-types"} <= found
    assert "email-validator" not in found


def test_what_is_not_installed_is_named() -> None:
    with pytest.raises(StepFailed, match="no-such-thing is not in"):
        closure(["no-such-thing"], HERE)


def test_its_files_are_copied_and_nobody_elses(tmp_path: Path) -> None:
    install(["packaging"], tmp_path, HERE)
    assert (tmp_path / "packaging" / "requirements.py").is_file()
    assert {file.name.partition("-")[0] for file in tmp_path.iterdir()} == {"packaging"}


def test_no_programs_for_the_command_line_are_copied(tmp_path: Path) -> None:
    into = tmp_path / "artefact"
    install(["typer"], into, HERE)
    assert (into / "typer").is_dir()
    assert not (into / "bin").exists()
    assert [file.name for file in tmp_path.iterdir()] == ["artefact"]


def test_a_floor_is_copied_without_bytecode(tmp_path: Path) -> None:
    compiled = py_compile.compile(str(BENCHMARKS / "floor" / "verify.py"))
    assert compiled
    assert Path(compiled).is_file()
    floor = copied("floor", tmp_path)
    assert (floor / "verify.py").is_file()
    assert not list(floor.rglob("*.pyc"))

"""The import rules in pyproject.toml speak of every folder that is deployed, and hold."""

import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]
RULES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
FOLDERS = {path.parent.name for path in (ROOT / "functions").glob("*/*.py")}
LAYERS, INFRA = RULES["contracts"]


def test_every_folder_has_its_place_in_the_layers() -> None:
    named = {name.strip() for layer in LAYERS["layers"] for name in layer.split("|")}
    assert named == FOLDERS


def test_every_folder_is_looked_at() -> None:
    assert set(RULES["root_packages"]) == FOLDERS | {"infra"}
    assert set(INFRA["source_modules"]) == FOLDERS
    assert INFRA["forbidden_modules"] == ["infra"]


def test_the_rules_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert lint_imports(config_filename="pyproject.toml", no_cache=True) == 0

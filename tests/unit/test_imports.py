"""The import rules in pyproject.toml speak of every folder that is deployed, and hold."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

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


def test_the_rules_hold() -> None:
    # In a process of its own: in this one it would switch off every logger that there is.
    done = subprocess.run(  # noqa: S603  # our own command
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": "functions:."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout

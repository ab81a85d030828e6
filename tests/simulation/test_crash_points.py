"""A crash at every point of a good payment, and at every pair of points, per provider."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.figures import publish
from tests.simulation.crash_points import WAYS

ROOT = Path(__file__).parents[2]
# Fewer would mean that the run stopped early, or that points are not found any more.
LEAST_SINGLES, LEAST_PAIRS = 20, 200


@pytest.mark.parametrize("provider", WAYS)
def test_no_crash_and_no_pair_of_crashes_breaks_an_invariant(provider: str) -> None:
    # It forks, which a process with threads must not.
    said = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-m", "tests.simulation", "crash-points", provider],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"functions{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr[-2000:] + said.stdout[-2000:]
    found = json.loads(said.stdout.splitlines()[-1])
    assert found["provider"] == provider
    assert found["violations"] == []
    assert found["singles"] >= LEAST_SINGLES
    assert found["pairs"] >= LEAST_PAIRS
    publish("crash points", f"{provider}: {found['singles']} single, {found['pairs']} in pairs")

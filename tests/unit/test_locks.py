"""The lock files still follow from pyproject.toml, without asking any index."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from infra.audit import vulnerabilities

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
DEPLOYED = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEVELOPMENT = [Requirement(line) for line in PROJECT["dependency-groups"]["dev"]]
AUDIT = [Requirement(line) for line in PROJECT["dependency-groups"]["audit"]]
BENCH = [Requirement(line) for line in PROJECT["dependency-groups"]["bench"]]
ARTEFACT = ROOT / "functions" / "requirements.txt"
WORKBENCH = ROOT / "infra" / "requirements-dev.txt"
INSTALLER = ROOT / "infra" / "requirements-uv.txt"
AUDITORS = ROOT / "infra" / "requirements-audit.txt"
PEERS = ROOT / "infra" / "requirements-bench.txt"
EVERY = [ARTEFACT, WORKBENCH, AUDITORS, PEERS, INSTALLER]
LOCKS = pytest.mark.parametrize("lock", EVERY, ids=lambda lock: lock.name)
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ ;\\\n]+)", re.MULTILINE)
ENTRY = re.compile(r"^\S.*(?:\n[ #].*)*", re.MULTILINE)


def pins(lock: Path) -> dict[str, Version]:
    """Distribution -> its version."""
    return {
        canonicalize_name(name): Version(version)
        for name, version in PINNED.findall(lock.read_text())
    }


def asked_for(lock: Path, by: str) -> set[str]:
    """The distributions that a lock says it holds because pyproject.toml asks for them."""
    return {
        canonicalize_name(found[1])
        for entry in ENTRY.findall(lock.read_text())
        if by in entry and (found := PINNED.match(entry))
    }


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


@pytest.mark.parametrize("wanted", DEPLOYED, ids=str)
def test_the_artefacts_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert pins(ARTEFACT)[canonicalize_name(wanted.name)] in wanted.specifier


@pytest.mark.parametrize("wanted", [*DEPLOYED, *DEVELOPMENT], ids=str)
def test_the_workbenchs_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert pins(WORKBENCH)[canonicalize_name(wanted.name)] in wanted.specifier


@pytest.mark.parametrize("wanted", AUDIT, ids=str)
def test_the_auditors_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert pins(AUDITORS)[canonicalize_name(wanted.name)] in wanted.specifier


@pytest.mark.parametrize("wanted", BENCH, ids=str)
def test_the_peers_lock_satisfies_the_project(wanted: Requirement) -> None:
    assert pins(PEERS)[canonicalize_name(wanted.name)] in wanted.specifier


def test_peers_are_measured_with_the_versions_that_are_deployed() -> None:
    # Compared with what is tested, which is what is deployed (below), and Lambda's boto3 with it.
    shared = pins(PEERS).keys() & pins(WORKBENCH).keys()
    assert {"aws-lambda-powertools", "boto3", "botocore", "pydantic"} <= shared
    assert {name: pins(PEERS)[name] for name in shared} == {
        name: pins(WORKBENCH)[name] for name in shared
    }


def test_there_is_no_lock_that_is_not_looked_at_here() -> None:
    assert {*(ROOT / "infra").glob("requirements*.txt"), ARTEFACT} == set(EVERY)
    assert set(vulnerabilities.LOCKS) == set(EVERY)


def test_the_locks_hold_nothing_that_the_project_no_longer_asks_for() -> None:
    assert asked_for(ARTEFACT, "ishyura (pyproject.toml)") == names(DEPLOYED)
    assert asked_for(WORKBENCH, "ishyura (pyproject.toml)") == names(DEPLOYED)
    assert asked_for(WORKBENCH, "ishyura (pyproject.toml:dev)") == names(DEVELOPMENT)
    assert asked_for(AUDITORS, "ishyura (pyproject.toml:audit)") == names(AUDIT)
    assert asked_for(PEERS, "ishyura (pyproject.toml:bench)") == names(BENCH)


def test_what_is_tested_is_what_is_deployed() -> None:
    workbench = pins(WORKBENCH)
    assert pins(ARTEFACT).items() <= workbench.items()
    assert pins(INSTALLER).items() <= workbench.items()


def test_the_runtimes_own_libraries_stay_out_of_the_artefact() -> None:
    assert {"boto3", "botocore", "s3transfer"}.isdisjoint(pins(ARTEFACT))


@LOCKS
def test_every_pin_has_its_hashes(lock: Path) -> None:
    entries = [entry for entry in ENTRY.findall(lock.read_text()) if PINNED.match(entry)]
    assert len(entries) == len(PINNED.findall(lock.read_text())) > 0
    assert all("--hash=sha256:" in entry for entry in entries)


@LOCKS
def test_no_lock_names_where_anything_was_downloaded(lock: Path) -> None:
    assert not re.search(r"://|--(extra-)?index|--find-links", lock.read_text())

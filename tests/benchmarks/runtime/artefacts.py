"""What runs in the runtime: our artefact as `sam build` made it, and everybody else's like it.

An artefact carries what its function needs and no more; boto3 is the runtime's. Bytecode is
treated alike: where our artefact brings its own, so does everybody's, else nobody's does. Nothing
is written while functions run, as on Lambda's read-only disk.
"""

import shutil
import sys
import venv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from samtranslator.yaml_helper import yaml_parse  # type: ignore[import-untyped]  # it has no types

from infra.artefact.bytecode import compile_artefacts
from infra.local.deployment import parameters
from infra.local.environments import SAM_MEMORY, for_sam
from infra.local.programs import call
from infra.local.refusals import StepFailed
from infra.local.settings import ROOT, Settings, python_runtime

BUILD = ROOT / ".aws-sam" / "benchmarks"
# `make bench` installs infra/requirements-bench.txt there.
INSTALLED = ROOT / ".venv-bench"
BENCHMARKS = Path(__file__).parents[1]
LAMBDAS_OWN = ("awslambdaric", "boto3")
PEERS = {
    "fastapi_mangum": ("fastapi", "mangum", "pydantic"),
    "powertools": ("aws-lambda-powertools", "pydantic"),
}
"""Peer -> the distributions that it is written with."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A function: the folder that is Lambda's /var/task, and its handler in there."""

    folder: Path
    handler: str


@dataclass(frozen=True, slots=True)
class Runtime:
    """What Lambda brings along: a Python without packages, and a folder of its own ones."""

    python: Path
    packages: Path


@dataclass(frozen=True, slots=True)
class Artefacts:
    """Everybody's artefacts, ready to run."""

    ours: dict[str, Artefact]
    """By the function's logical id."""
    floor: Path
    peers: dict[str, Path]
    runtime: Runtime
    is_compiled: bool
    """Whether artefacts hold bytecode."""


def prepared(settings: Settings, folder: Path) -> Artefacts:
    """Build ours, and lay out all else in a folder. Raises StepFailed."""
    if not (INSTALLED / "installed").is_file():
        raise StepFailed("The peers are not installed: `make bench` installs them.")
    ours = built(settings)
    is_compiled = any(next(iter(ours.values())).folder.rglob("*.pyc"))
    others, lambdas = folder / "others", folder / "lambda"
    peers = {name: laid_out(name, others) for name in PEERS}
    floor = copied("floor", others)
    runtime = runtime_in(lambdas)
    for laid in (lambdas, others) if is_compiled else (lambdas,):
        compile_artefacts(laid, python_runtime())
    return Artefacts(ours, floor, peers, runtime, is_compiled)


def built(settings: Settings) -> dict[str, Artefact]:
    """Our artefact, made and compiled as it is deployed, unless it is fresh. Raises StepFailed."""
    # SAM CLI keeps its small memory there (infra/local/environments.py).
    SAM_MEMORY.mkdir(parents=True, exist_ok=True)
    overrides = [f"{name}={value}" for name, value in parameters(settings).items()]
    call(
        [
            *("sam", "build", "--config-env", "local"),
            *("--build-dir", str(BUILD / "build"), "--cache-dir", str(BUILD / "cache")),
            *("--parameter-overrides", *overrides),
        ],
        for_sam(settings),
    )
    compile_artefacts(BUILD / "build", python_runtime())
    template: dict[str, Any] = yaml_parse((BUILD / "build" / "template.yaml").read_text())
    return {
        name: Artefact(
            BUILD / "build" / resource["Properties"]["CodeUri"], resource["Properties"]["Handler"]
        )
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def laid_out(peer: str, folder: Path) -> Path:
    """A peer's artefact: its files, and what it is written with."""
    artefact = copied(f"peers/{peer}", folder)
    shutil.copy(BENCHMARKS / "peers" / "by_hand.py", artefact)
    install(PEERS[peer], artefact)
    return artefact


def copied(sources: str, folder: Path) -> Path:
    """A folder of these benchmarks in a folder of its own, without any bytecode."""
    to = folder / Path(sources).name
    shutil.copytree(BENCHMARKS / sources, to, ignore=shutil.ignore_patterns("__pycache__"))
    return to


def runtime_in(folder: Path) -> Runtime:
    """A Python as bare as Lambda's, and what Lambda has beside it."""
    python = folder.with_name("python")
    venv.create(python, symlinks=True)
    install(LAMBDAS_OWN, folder / "runtime")
    return Runtime(python / "bin" / "python", folder / "runtime")


def packages_of(environment: Path) -> Path:
    """Where a virtual environment of this Python keeps its packages."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return environment / "lib" / version / "site-packages"


def install(names: Iterable[str], into: Path, source: Path | None = None) -> None:
    """Copy distributions, and whatever they need, from where the lock installed them."""
    for distribution in closure(names, source or packages_of(INSTALLED)).values():
        for file in distribution.files or ():
            # What lies outside of the packages is programs for the command line.
            if ".." not in file.parts:
                to = into / file
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), to)


def closure(names: Iterable[str], source: Path) -> dict[str, Distribution]:
    """These distributions and all that they need here, by name. Raises StepFailed."""
    there: dict[str, Distribution] = {
        canonicalize_name(one.metadata["Name"]): one
        for one in Distribution.discover(path=[str(source)])
    }
    wanted: list[str] = [canonicalize_name(name) for name in names]
    found: dict[str, Distribution] = {}
    while wanted:
        name = wanted.pop()
        if name in found:
            continue
        if name not in there:
            raise StepFailed(f"{name} is not in {source}: remove it, and `make bench`.")
        found[name] = there[name]
        wanted.extend(needed_by(there[name]))
    return found


def needed_by(distribution: Distribution) -> Iterator[str]:
    """What a distribution needs on this machine, without its extras."""
    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield canonicalize_name(requirement.name)

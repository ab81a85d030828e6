"""Bytecode in the artefact: else every cold start compiles every module anew.

`sam build` makes none, and Lambda's disk takes none. What is compiled here is not held against the
time of its source, which `sam deploy` sets to 1980 in the zip, but believed (PEP 552): `sam build`
lays the folder anew whenever a source has changed.
"""

import shutil
import subprocess
import sys
from pathlib import Path


class NoSuchPython(Exception):  # what happened, as every error here is named
    """The runtime's own Python is not on this machine; another one's bytecode is passed over."""


def compile_artefacts(build: Path, runtime: str) -> list[Path]:
    """Compile every artefact in a build folder for a Lambda runtime ("python3.13").

    Answers with their folders. Raises NoSuchPython, CalledProcessError with the module that fails.
    """
    artefacts = sorted(folder for folder in build.iterdir() if folder.is_dir())
    python = python_of(runtime)
    for artefact in artefacts:
        subprocess.run(  # noqa: S603  # nosec B603  # the runtime's own Python, on our own folder
            [
                *(python, "-m", "compileall", "-q", "-f"),
                *("--invalidation-mode", "unchecked-hash", str(artefact)),
            ],
            check=True,
        )
    return artefacts


def python_of(runtime: str) -> str:
    """The program that is this runtime's Python. Raises NoSuchPython."""
    if runtime == f"python{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    found = shutil.which(runtime)
    if found is None or version_of(found) != runtime:
        raise NoSuchPython(runtime)
    return found


def version_of(program: str) -> str:
    """What a program says that it is: pyenv has stand-ins for Pythons that are not there."""
    asked = [program, "-c", "import sys; print('python%d.%d' % sys.version_info[:2])"]
    said = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603  # nosec B603  # found under the name of a Python
    return said.stdout.strip()

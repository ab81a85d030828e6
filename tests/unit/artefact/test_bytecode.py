import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from infra.artefact.bytecode import NoSuchPython, compile_artefacts
from infra.local.settings import python_runtime


@pytest.fixture
def build(tmp_path: Path) -> Path:
    (tmp_path / "template.yaml").write_text("Parameters: {PythonRuntime: {Default: python2.7}}")
    (tmp_path / "Artefact").mkdir()
    (tmp_path / "Artefact" / "module.py").write_text("WORD = 'compiled'\n")
    return tmp_path


def test_what_is_compiled_is_believed_whatever_the_time_of_its_source(build: Path) -> None:
    [artefact] = compile_artefacts(build, python_runtime())
    source = artefact / "module.py"
    compiled = Path(importlib.util.cache_from_source(str(source)))
    # PEP 552: bit 0 for a hash in place of a time, bit 1 for one that is checked.
    assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 0b01
    source.write_text("WORD = 'as in the zip, of 1980'\n")
    program = "import module; print(module.WORD)"
    said = subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-c", program], cwd=artefact, capture_output=True, text=True, check=True
    )
    assert said.stdout == "compiled\n"


def test_a_module_that_cannot_be_compiled_is_told(build: Path) -> None:
    (build / "Artefact" / "broken.py").write_text("def\n")
    with pytest.raises(subprocess.CalledProcessError):
        compile_artefacts(build, python_runtime())


def test_another_runtimes_python_may_be_missing(build: Path) -> None:
    with pytest.raises(NoSuchPython, match=r"python9\.9"):
        compile_artefacts(build, "python9.9")


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # ours
        [sys.executable, "-m", "infra.artefact", *words],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_artefact_goes_as_it_is_where_the_templates_python_is_missing(build: Path) -> None:
    said = command(str(build))
    assert said.returncode == 0
    assert "python2.7 is not on this machine" in said.stderr
    assert not list(build.rglob("*.pyc"))


def test_the_command_line_says_what_it_compiled(build: Path) -> None:
    said = command(str(build), "--runtime", python_runtime())
    assert said.stdout == f"Compiled for {python_runtime()}: Artefact\n"


def test_sam_build_comes_first(tmp_path: Path) -> None:
    said = command(str(tmp_path))
    assert (said.returncode, "`sam build` comes first" in said.stderr) == (1, True)

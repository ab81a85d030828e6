"""What `sam build` made: all that the handlers need, and nothing that Lambda brings along.

The local stack runs functions with this very environment's Python, where a dependency that is
missing from the artefact would still be found: so each handler is imported from it alone.
"""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.settings import BUILD
from infra.local.stack_file import StackFile

# boto3 and what it needs: on AWS they are the runtime's own.
LAMBDAS_OWN = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
IMPORT = """
import importlib, sys
artefact, lambdas_own, *modules = sys.argv[1:]
sys.path[:0] = [artefact, lambdas_own]
for name in modules:
    module = importlib.import_module(name)
    assert callable(module.handler) and module.__file__.startswith(artefact)
    print(module.__name__)
"""


@pytest.fixture(scope="module")
def template(stack: StackFile) -> str:
    """The built template; asking for the stack has it built."""
    assert stack
    return (BUILD / "build" / "template.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def artefact(template: str) -> Path:
    # The first is what the template itself says, for all of them.
    source, *built = re.findall(r"CodeUri: (\S+)", template)
    (folder,) = set(built)
    assert (source, len(built)) == ("functions/", len(handlers_of(template)))
    return BUILD / "build" / str(folder)


def handlers_of(template: str) -> list[str]:
    """Every handler's module, as the template writes it: checkout/initialize."""
    return re.findall(r"Handler: (\S+)\.handler", template)


@pytest.fixture(scope="module")
def lambdas_own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with boto3 and its family, and nothing else of this environment."""
    folder = tmp_path_factory.mktemp("lambda")
    for name in LAMBDAS_OWN:
        spec = importlib.util.find_spec(name)
        assert spec
        assert spec.origin
        found = Path(spec.origin)
        found = found.parent if found.name == "__init__.py" else found
        (folder / found.name).symlink_to(found)
    return folder


@pytest.mark.parametrize(
    "needed", ["pydantic", "httpx", "jinja2", "segno", "aws_lambda_powertools"]
)
def test_a_dependency_is_in_the_artefact(artefact: Path, needed: str) -> None:
    assert (artefact / needed / "__init__.py").is_file()


def test_every_page_is_in_the_artefact(artefact: Path) -> None:
    sources = Path("functions")
    pages = {page.relative_to(sources) for page in sources.glob("*/templates/*")}
    assert len({page.parent for page in pages}) > 1
    assert pages == {page.relative_to(artefact) for page in artefact.glob("*/templates/*")}


@pytest.mark.parametrize("unwanted", ["boto3", "botocore", "infra", "tests", "moto", "flask"])
def test_what_is_not_deployed_is_not_in_the_artefact(artefact: Path, unwanted: str) -> None:
    assert not (artefact / unwanted).exists()


def test_it_is_small_enough_for_lambda(artefact: Path) -> None:
    # Lambda's limit is 250 MB unzipped; a cold start reads what is there.
    size = sum(file.stat().st_size for file in artefact.rglob("*") if file.is_file())
    assert size < 60 * 1024 * 1024


def test_each_handler_comes_from_the_artefact_alone(
    template: str, artefact: Path, lambdas_own: Path
) -> None:
    handlers = handlers_of(template)
    assert len(handlers) == len(set(handlers)) >= 12
    modules = [handler.replace("/", ".") for handler in handlers]
    imported = subprocess.run(  # noqa: S603  # our own line
        # -I -S: no path of this environment, nor the working copy.
        [sys.executable, "-I", "-S", "-c", IMPORT, str(artefact), str(lambdas_own), *modules],
        # Nothing may be read from the environment, nor any client be made, at import.
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (imported.stdout.split(), imported.stderr) == (modules, "")

"""`python -m infra.artefact`: compile what `sam build` made, for the runtime that will run it."""

import subprocess
from pathlib import Path
from typing import Annotated

import typer
from samcli.yamlhelper import yaml_parse  # type: ignore[import-untyped]  # it has no types

from infra.artefact.bytecode import NoSuchPython, compile_artefacts

BUILD = Path(".aws-sam/build")


def main(
    build: Annotated[Path, typer.Argument(help="The folder that `sam build` filled")] = BUILD,
    runtime: Annotated[str, typer.Option(help="As PythonRuntime, if that was overridden")] = "",
) -> None:
    """Compile it. Without the runtime's Python the artefact stays as it is, and says so."""
    template = build / "template.yaml"
    if not template.is_file():
        typer.echo(f"There is nothing in {build}: `sam build` comes first.", err=True)
        raise typer.Exit(1)
    wanted = runtime or runtime_of(template)
    try:
        compiled = compile_artefacts(build, wanted)
    except NoSuchPython:
        typer.echo(
            f"{wanted} is not on this machine, so the artefact goes without bytecode: it works,"
            " and each cold start takes longer.",
            err=True,
        )
    except subprocess.CalledProcessError as failed:
        raise typer.Exit(failed.returncode) from failed
    else:
        typer.echo(f"Compiled for {wanted}: {', '.join(folder.name for folder in compiled)}")


def runtime_of(template: Path) -> str:
    """The runtime that the template stands for unless told otherwise."""
    return str(yaml_parse(template.read_text())["Parameters"]["PythonRuntime"]["Default"])


if __name__ == "__main__":
    typer.run(main)

"""`make sam-local`: API Gateway and Lambda in Docker, on the running stack's tables and machines.

For whoever debugs one handler in the runtime of AWS itself. Needs a container engine and, in
another window, `make run`; on Linux as `make run ISHYURA_BIND_HOST=0.0.0.0`, because a container
there reaches this machine by an address that is not the loopback one. Functions run with the
administrator's rights here, not with their roles'.
"""

import json
import subprocess
import sys
from pathlib import Path

import docker  # type: ignore[import-untyped]  # it has no types
import typer
from docker.errors import DockerException  # type: ignore[import-untyped]  # it has no types

from infra.local import stack_file
from infra.local.deployment import parameters
from infra.local.environments import for_sam
from infra.local.interruption import Interrupted, interruptible
from infra.local.programs import end
from infra.local.refusals import LocalStackRefused, NoContainerEngine
from infra.local.settings import BUILD, ROOT, Settings
from infra.local.stack_file import StackFile

HOST_SEEN_FROM_CONTAINER = "host.docker.internal"
PORT = "3000"


def main() -> int:
    """Serve the template's API until Ctrl-C; 1 and a message where that cannot be."""
    try:
        with interruptible():
            _require_container_engine()
            settings = Settings.from_environment()
            stack = stack_file.read(settings.folder)
            env_vars = settings.folder / "sam-local.json"
            env_vars.write_text(json.dumps({"Parameters": variables(stack)}), encoding="utf-8")
            return _serve(settings, env_vars)
    except Interrupted:
        return 0
    except LocalStackRefused as refused:
        typer.echo(refused, err=True)
        return 1


def variables(stack: StackFile) -> dict[str, str]:
    """Give the functions' environment, as a container sees this machine.

    SAM CLI passes on only what the template declares, and knows no resource by its real name.
    """
    return {
        "PAYMENTS_TABLE": stack["tables"]["payments"],
        "MERCHANTS_TABLE": stack["tables"]["merchants"],
        "PARAMETER_PREFIX": stack["parameter_prefix"],
        "PUBLIC_BASE_URL": f"http://localhost:{PORT}",
        **{
            f"{name.upper()}_BASE_URL": from_container(url)
            for name, url in stack["providers"].items()
        },
        "WATCH_MACHINE_ARN": stack["machines"]["watch"],
        "DELIVER_MACHINE_ARN": stack["machines"]["deliver"],
        "LOOPBACK_ALLOWED": "true",
        "AWS_ENDPOINT_URL": from_container(stack["endpoint"]),
    }


def from_container(url: str) -> str:
    """Name the same server as a container on this machine reaches it."""
    for loopback in ("//127.0.0.1", "//localhost"):
        url = url.replace(loopback, f"//{HOST_SEEN_FROM_CONTAINER}", 1)
    return url


def _require_container_engine() -> None:
    try:
        docker.from_env(timeout=5).ping()
    except (DockerException, OSError) as silent:
        raise NoContainerEngine(
            "No container engine answers, and `sam local` runs functions in containers.\n"
            "Start Docker (or set DOCKER_HOST to an engine that speaks its language) and try\n"
            f"again. Without one, `make run` runs everything.\n({silent})"
        ) from None


def _serve(settings: Settings, env_vars: Path) -> int:
    overrides = [f"{name}={value}" for name, value in parameters(settings).items()]
    # Linux gives containers no name for their host unless asked to.
    host = ["--add-host", f"{HOST_SEEN_FROM_CONTAINER}:host-gateway"]
    program = subprocess.Popen(  # noqa: S603  # nosec B603  # our own command line
        [
            *("sam", "local", "start-api", "--port", PORT, "--env-vars", str(env_vars)),
            *("--template", str(BUILD / "build" / "template.yaml")),
            *(host if sys.platform == "linux" else []),
            *("--parameter-overrides", *overrides),
        ],
        cwd=ROOT,
        env=for_sam(settings),
        text=True,
        start_new_session=True,
    )
    try:
        return program.wait()
    except BaseException:
        end(program)
        raise
    finally:
        env_vars.unlink(missing_ok=True)

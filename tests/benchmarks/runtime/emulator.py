"""AWS's own runtime emulator, with one function in it.

The binary comes with SAM CLI; it starts the function's process at the first invocation, as Lambda
does for a sandbox that it has not had yet.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import samcli  # type: ignore[import-untyped]  # it has no types

from infra.local.programs import end
from infra.local.refusals import StepFailed
from infra.local.settings import architecture
from tests.benchmarks.runtime.artefacts import Artefact, Runtime

LOOPBACK = "127.0.0.1"
INVOCATIONS = "/2015-03-31/functions/function/invocations"
BINARIES = Path(samcli.__file__).parent / "local" / "rapid"
SECONDS_TO_START = 10
SECONDS_TO_ANSWER = 30
SECONDS_BETWEEN_LOOKS = 0.0005
LINES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A function in its runtime, and the connection to it."""

    line: http.client.HTTPConnection
    log: Path

    def ask(self, event: bytes) -> tuple[float, Any]:
        """Invoke it: how many seconds that took, and what it answered. Raises StepFailed."""
        began = time.perf_counter()
        try:
            self.line.request("POST", INVOCATIONS, event)
            said = self.line.getresponse().read()
            taken = time.perf_counter() - began
            return taken, json.loads(said)
        # What is no JSON is a ValueError: the emulator itself then says what went wrong.
        except (OSError, http.client.HTTPException, ValueError) as broken:
            raise StepFailed(f"The function gave no answer: {broken!r}\n{self.words()}") from broken

    def words(self) -> str:
        """The last lines that function and emulator wrote."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LINES_SHOWN:])


@dataclass(frozen=True, slots=True)
class Emulator:
    """Where functions run: the runtime beside them, a port and the next, and what they are told."""

    runtime: Runtime
    port: int
    told: Mapping[str, str]
    """The functions' variables."""
    log: Path

    def beside(self, place: int) -> "Emulator":
        """The same at ports of its own."""
        log = self.log.with_name(f"{place}-{self.log.name}")
        return replace(self, port=self.port + 2 * place, log=log)

    @contextmanager
    def running(self, function: Artefact) -> Iterator[Sandbox]:
        """Start a process for this function; it is up, and nothing of the function's has run."""
        require_free(self.port)
        require_free(self.port + 1)
        with self.log.open("w", encoding="utf-8") as lines:
            program = subprocess.Popen(  # noqa: S603  # our own command line
                self._command(function),
                cwd=function.folder,
                env=self._environment(function),
                stdin=subprocess.DEVNULL,
                stdout=lines,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        line = http.client.HTTPConnection(LOOPBACK, self.port, timeout=SECONDS_TO_ANSWER)
        try:
            self._wait_until_up(program)
            yield Sandbox(line, self.log)
        finally:
            line.close()
            end(program)

    def cold(self, function: Artefact, event: bytes) -> tuple[float, Any]:
        """Seconds from a process's start to its first answer, and that answer."""
        began = time.perf_counter()
        with self.running(function) as sandbox:
            _, answer = sandbox.ask(event)
            return time.perf_counter() - began, answer

    def _command(self, function: Artefact) -> list[str]:
        return [
            str(binary()),
            *("--log-level", "error"),
            *("--runtime-interface-emulator-address", f"{LOOPBACK}:{self.port}"),
            *("--runtime-api-address", f"{LOOPBACK}:{self.port + 1}"),
            *(str(self.runtime.python), "-m", "awslambdaric", function.handler),
        ]

    def _environment(self, function: Artefact) -> dict[str, str]:
        """As Lambda's, in nothing but this: what its read-only disk forbids, a variable forbids."""
        return {
            **self.told,
            "PATH": os.defpath,
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": f"{function.folder}{os.pathsep}{self.runtime.packages}",
            "LAMBDA_TASK_ROOT": str(function.folder),
            "LAMBDA_RUNTIME_DIR": str(self.runtime.packages),
            "_HANDLER": function.handler,
            "AWS_LAMBDA_FUNCTION_NAME": "function",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": "28",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_LEVEL": "INFO",
        }

    def _wait_until_up(self, program: subprocess.Popen[str]) -> None:
        give_up = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < give_up:
            if is_taken(self.port):
                return
            if program.poll() is not None:
                break
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise StepFailed(f"The runtime emulator did not start:\n{self.log.read_text()}")


def binary() -> Path:
    """The emulator for this machine. Raises StepFailed where AWS makes none."""
    if sys.platform != "linux":
        raise StepFailed("AWS's runtime emulator runs on Linux alone.")
    return BINARIES / f"aws-lambda-rie-{architecture()}"


def require_free(port: int) -> None:
    """Raise StepFailed for a port that another program listens at: it would answer for ours."""
    if is_taken(port):
        raise StepFailed(f"Port {port} is taken by another program (`lsof -i :{port}` names it).")


def is_taken(port: int) -> bool:
    """Whether somebody listens there."""
    with socket.socket() as caller:
        return caller.connect_ex((LOOPBACK, port)) == 0

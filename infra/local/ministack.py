"""The local AWS: MiniStack as a child process."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from infra.local.environments import for_ministack
from infra.local.programs import end
from infra.local.refusals import StepFailed
from infra.local.settings import Settings

LEASHED = Path(__file__).with_name("leashed_ministack.py")
SECONDS_TO_START = 60
SECONDS_TO_LEAVE = 0.5
SECONDS_BETWEEN_LOOKS = 0.05
LINES_SHOWN = 30
FOLDERS = ("s3", "state", "tmp")


@contextmanager
def ministack(settings: Settings) -> Iterator[None]:
    """Run MiniStack, healthy when the block begins and gone, files and all, when it ends.

    What it logs is kept in ministack.log until the next start. Raises StepFailed.
    """
    log = settings.folder / "ministack.log"
    _forget(settings.folder)
    (settings.folder / "tmp").mkdir(parents=True)
    try:
        with log.open("w", encoding="utf-8") as lines:
            program = subprocess.Popen(  # noqa: S603  # nosec B603  # our own script
                # -P: the script's own folder holds a module that is called ministack as well.
                [sys.executable, "-P", str(LEASHED)],
                env=for_ministack(settings),
                stdin=subprocess.PIPE,
                stdout=lines,
                stderr=subprocess.STDOUT,
                text=True,
                start_new_session=True,
            )
        try:
            _wait_until_healthy(program, settings.endpoint, log)
            yield
        finally:
            # It keeps nothing that is worth a long farewell to open connections.
            end(program, patience=SECONDS_TO_LEAVE)
            if program.stdin:
                program.stdin.close()
    finally:
        _forget(settings.folder)


def _wait_until_healthy(program: subprocess.Popen[str], endpoint: str, log: Path) -> None:
    give_up = time.monotonic() + SECONDS_TO_START
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < give_up:
            if program.poll() is not None:
                raise StepFailed(f"MiniStack ended at once. Its last words:\n\n{_end_of(log)}")
            if _is_healthy(client, endpoint):
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)
    raise StepFailed(f"MiniStack did not answer in {SECONDS_TO_START} s:\n\n{_end_of(log)}")


def _is_healthy(client: httpx.Client, endpoint: str) -> bool:
    try:
        return client.get(f"{endpoint}/_ministack/health").is_success
    except httpx.TransportError:
        return False


def _end_of(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-LINES_SHOWN:])


def _forget(folder: Path) -> None:
    for name in FOLDERS:
        shutil.rmtree(folder / name, ignore_errors=True)

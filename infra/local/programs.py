"""Programs that we call and wait for."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence

from infra.local.refusals import StepFailed
from infra.local.settings import ROOT

SECONDS_TO_END = 5


def call(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Run a program quietly from the repository's root. Raises StepFailed with what it printed.

    When we are interrupted meanwhile, it ends before we go on, and so does all that it started.
    """
    program = subprocess.Popen(  # noqa: S603  # nosec B603  # our own command lines only
        command,
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # A group of its own: Ctrl-C reaches us alone, and we can end the whole family.
        start_new_session=True,
    )
    try:
        printed, _ = program.communicate()
    except BaseException:
        end(program)
        raise
    if program.returncode != 0:
        raise StepFailed(
            f"`{' '.join(command[:2])}` failed (exit code {program.returncode}):\n\n{printed}"
        )


def end(program: subprocess.Popen[str], patience: float = SECONDS_TO_END) -> None:
    """End a program and its family: by asking first, by force when the patience is over."""
    _signal(program, signal.SIGTERM)
    try:
        program.wait(timeout=patience)
    except subprocess.TimeoutExpired:
        pass
    finally:
        # Children outlive a parent that ended politely; nothing of the group may stay behind.
        _signal(program, signal.SIGKILL)
        program.wait()


def _signal(program: subprocess.Popen[str], number: signal.Signals) -> None:
    try:
        os.killpg(program.pid, number)
    except (ProcessLookupError, PermissionError):  # macOS says EPERM of a group that has ended
        return

"""`make run` as a program: what it leaves behind, which is nothing, and why it does not start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from infra.local.ports import LOOPBACK, VARIABLES, Ports
from infra.local.settings import ROOT
from infra.local.stack_file import NAME, read
from tests.e2e.patience import eventually

SECONDS_TO_START = 90.0
SECONDS_TO_STOP = 20.0


@dataclass
class Run:
    """A runner in a folder of its own."""

    program: subprocess.Popen[bytes]
    folder: Path

    def is_up(self) -> bool:
        """Whether the stack can be used; raises AssertionError when it never will be."""
        assert self.program.poll() is None, self.said
        return (self.folder / NAME).exists()

    @property
    def said(self) -> str:
        """All that it printed."""
        return (self.folder / "said").read_text(encoding="utf-8")


@contextmanager
def running(folder: Path, ports: Ports) -> Iterator[Run]:
    variables = {VARIABLES[name]: str(port) for name, port in ports}
    elsewhere = elsewhere_of(folder)
    paths = {
        "ISHYURA_STATE_DIR": str(folder),
        "PYTHONPATH": f"functions{os.pathsep}.",
        "TMPDIR": str(elsewhere),
    }
    folder.mkdir(exist_ok=True)
    elsewhere.mkdir()
    with (folder / "said").open("wb") as said:
        program = subprocess.Popen(
            [sys.executable, "-m", "infra.local", "run"],
            cwd=ROOT,
            env=os.environ | variables | paths,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
    try:
        yield Run(program, folder)
    finally:
        if program.poll() is None:
            program.terminate()
        program.wait(SECONDS_TO_STOP)


def elsewhere_of(folder: Path) -> Path:
    """Where the programs that a runner starts put what they throw away, unless told otherwise."""
    return folder.with_name("elsewhere")


def living_parents() -> dict[int, int]:
    """Every process of this machine that is alive, with its parent."""
    proc = Path("/proc")
    if (proc / "self/stat").exists():
        return dict(filter(None, map(read_stat, proc.glob("[0-9]*/stat"))))
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat="],  # noqa: S607  # wherever the system has it
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def read_stat(path: Path) -> tuple[int, int] | None:
    try:
        # pid (name) state ppid …; a name may hold anything, brackets too.
        state, parent, *_ = path.read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else (int(path.parent.name), int(parent))


def family_of(pid: int) -> set[int]:
    parents = living_parents()
    family = {pid}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def assert_nothing_is_left(run: Run, ports: Ports, family: set[int]) -> None:
    eventually(lambda: not family & living_parents().keys(), within=5, what="the end of them all")
    assert not (run.folder / NAME).exists()
    assert not any((run.folder / name).exists() for name in ("s3", "state", "tmp"))
    assert list(elsewhere_of(run.folder).iterdir()) == []
    for _, port in ports:
        with socket.socket() as caller:
            assert caller.connect_ex((LOOPBACK, port)) != 0


def test_ctrl_c_stops_everything_and_leaves_nothing(tmp_path: Path) -> None:
    ports = Ports.free_ones()
    with running(tmp_path / "stack", ports) as run:
        eventually(run.is_up, within=SECONDS_TO_START, what="the stack")
        with httpx.Client(timeout=30, trust_env=False) as client:
            # So that a worker of a function is there to be left behind.
            stack = read(run.folder)
            keys = stack["keys"]["test"]
            headers = {"X-Public-Key": keys["public"], "X-Secret-Key": keys["secret"]}
            answer = client.post(f"{stack['api']}/checkout/initialize", headers=headers, json={})
            assert answer.status_code == 422
        family = family_of(run.program.pid)
        assert len(family) >= 3
        run.program.send_signal(signal.SIGINT)
        assert run.program.wait(SECONDS_TO_STOP) == 0
        assert_nothing_is_left(run, ports, family)
        assert "Ctrl-C stops it and leaves nothing behind" in run.said
        assert run.said.endswith("Stopped.\n")
        assert "Traceback" not in run.said


def test_ctrl_c_while_it_starts_leaves_nothing_either(tmp_path: Path) -> None:
    ports = Ports.free_ones()
    with running(tmp_path / "stack", ports) as run:
        eventually(lambda: "sam deploy" in run.said, within=SECONDS_TO_START, what="the deployment")
        family = family_of(run.program.pid)
        run.program.send_signal(signal.SIGINT)
        assert run.program.wait(SECONDS_TO_STOP) == 130
        assert_nothing_is_left(run, ports, family)
        assert "Traceback" not in run.said


@pytest.mark.parametrize("taken", list(VARIABLES))
def test_a_port_in_use_is_named_with_the_variable_that_moves_it(tmp_path: Path, taken: str) -> None:
    ports = Ports.free_ones()
    port = dict(ports)[taken]
    with socket.create_server((LOOPBACK, port)), running(tmp_path / "stack", ports) as run:
        assert run.program.wait(SECONDS_TO_STOP) == 1
        assert f"Port {port} is taken" in run.said
        assert f"{VARIABLES[taken]}={port + 1} make run" in run.said
        assert "Traceback" not in run.said

"""Everybody gets as many turns as everybody else, and nobody is always first."""

from collections import Counter
from pathlib import Path

from tests.benchmarks.runtime.artefacts import Artefact
from tests.benchmarks.runtime.measuring import Contestant, in_turn, nothing
from tests.benchmarks.runtime.operations import OPERATIONS

FLOOR = Path(__file__).parents[2] / "benchmarks" / "floor"
PEERS = Path(__file__).parents[2] / "benchmarks" / "peers"


def contestant() -> Contestant:
    return Contestant(Artefact(Path(), "empty.handler"), nothing())


def test_each_round_is_begun_by_another() -> None:
    by = {name: contestant() for name in ("a", "b", "c")}
    rounds = [in_turn(by, turn) for turn in range(-3, 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds)
    assert rounds[:3] == [["a", "b", "c"], ["b", "c", "a"], ["c", "a", "b"]]
    assert Counter(first for first, *_ in rounds) == {"a": 2, "b": 2, "c": 2}


def test_every_operation_has_its_floor_and_its_peers() -> None:
    assert {f"{operation.floor}.py" for operation in OPERATIONS} | {"empty.py"} == {
        file.name for file in FLOOR.glob("*.py")
    }
    wanted = {f"{operation.peer}.py" for operation in OPERATIONS if operation.peer}
    peers = [folder for folder in PEERS.iterdir() if (folder / "verify.py").exists()]
    assert len(peers) == 2
    assert all({file.name for file in folder.glob("*.py")} == wanted for folder in peers)

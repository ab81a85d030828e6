"""The table of guards follows the code; `make guards` takes each away and counts."""

import json
import os
import subprocess
import sys

import pytest

from tests.simulation.guards import FUNCTIONS, GUARDS, Guard

ROOT = FUNCTIONS.parent
# Conditions that keep no invariant of a payment's life, and the tests that miss them.
ELSEWHERE = {
    "ledger/counted_keys.py": "tests/integration/ledger/test_counted_keys.py",
    "ledger/endpoints.py": "tests/integration/ledger/test_endpoints.py",
    "ledger/link_payments.py": "tests/integration/ledger/test_links.py",
    "ledger/links.py": "tests/integration/ledger/test_links.py",
    "ledger/logos.py": "tests/integration/operator/test_logo.py",
    "ledger/merchants.py": "tests/integration/ledger/test_merchants.py",
    "ledger/pair_writes.py": "tests/integration/ledger/test_merchants.py",
    "ledger/receipts.py": "tests/integration/announcements/test_send_receipt.py",
    "ledger/repeats.py": "tests/integration/ledger/test_repeats.py",
}
# A few that are missed soon, so that every run of the tests shows that schedules do miss guards.
MISSED_SOON = (
    "a tx_ref is written once",
    "a payment is written over the version that was read",
    "silence leaves the attempt unknown",
    "an event is written once",
    "what is paid stays paid",
    "a claim knows its own lost reply",
    "a delivery that was not taken is tried again",
)
SOON = 60


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_a_guard_stands_once_in_its_file_and_can_be_taken_away(guard: Guard) -> None:
    source = (FUNCTIONS / guard.file).read_text(encoding="utf-8")
    without = guard.removed_from(source)
    assert without != source
    compile(without, guard.file, "exec")


def test_every_conditional_write_is_a_guard_or_missed_by_other_tests() -> None:
    conditional = {
        str(path.relative_to(FUNCTIONS))
        for path in FUNCTIONS.rglob("*.py")
        if "ConditionExpression" in path.read_text(encoding="utf-8").replace("KeyCondition", "")
    }
    guarded = {guard.file for guard in GUARDS}
    assert conditional - guarded == set(ELSEWHERE)
    assert all((ROOT / tests).exists() for tests in ELSEWHERE.values())


def test_every_provider_that_signs_has_its_signature_among_the_guards() -> None:
    signing = {
        path.name
        for path in (FUNCTIONS / "providers").glob("*.py")
        if "compare_digest" in path.read_text(encoding="utf-8")
    }
    assert {f"providers/{name}" for name in signing} <= {guard.file for guard in GUARDS}


@pytest.mark.parametrize("name", MISSED_SOON)
def test_schedules_miss_a_guard_that_was_taken_away(name: str) -> None:
    said = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-m", "tests.simulation.without", name, "--most", str(SOON)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"functions{os.pathsep}."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr[-2000:]
    told = json.loads(said.stdout.splitlines()[-1])
    assert told["violation"], f"nobody missed it in {told['schedules']} schedules"

"""stack.json tells scripts where everything is, for exactly as long as it is there."""

import stat
from pathlib import Path

import pytest

from infra.local.refusals import AlreadyRunning, NotRunning
from infra.local.sam_local import from_container, variables
from infra.local.stack_file import NAME, StackFile, published, read, sole_use_of

ADDRESSES = {
    "kpay": "http://127.0.0.1:8011/",
    "vpay": "http://127.0.0.1:8012/api/",
    "dgspay": "http://127.0.0.1:8013/generation/v2",
    "rwandapay": "http://127.0.0.1:8014/api/v1",
}
STACK: StackFile = {
    "api": "http://localhost:4566/_aws/execute-api/ishyura/pay/api/v1",
    "checkout": "http://localhost:4566/_aws/execute-api/ishyura/pay",
    "shop": "http://127.0.0.1:8001/",
    "handset": "http://127.0.0.1:8002/",
    "merchant_id": "mer_0123456789ab",
    "keys": {
        "test": {"public": "pk_test_a", "secret": "sk_test_a"},
        "live": {"public": "pk_live_a", "secret": "sk_live_a"},
    },
    "webhook_secret": "whsec_a",
    "merchants": {
        name: {
            "merchant_id": f"mer_{name:0<12}",
            "keys": {
                "test": {"public": f"pk_test_{name}", "secret": f"sk_test_{name}"},
                "live": {"public": f"pk_live_{name}", "secret": f"sk_live_{name}"},
            },
            "webhook_secret": f"whsec_{name}",
        }
        for name in ADDRESSES
    },
    "providers": ADDRESSES,
    "tables": {"payments": "payments-1", "merchants": "merchants-1"},
    "machines": {"watch": "arn:watch", "deliver": "arn:deliver"},
    "ask_provider": "arn:aws:lambda:us-east-1:000000000000:function:AskProvider:live",
    "dead_letters": "http://localhost:4566/000000000000/dead-letters",
    "parameter_prefix": "/ishyura/ishyura-local",
    "region": "us-east-1",
    "endpoint": "http://127.0.0.1:4566",
}


def test_what_was_published_can_be_read_until_the_stack_stops(tmp_path: Path) -> None:
    with published(tmp_path, STACK):
        assert read(tmp_path) == STACK
    with pytest.raises(NotRunning, match="make run"):
        read(tmp_path)


def test_only_its_owner_may_read_the_keys(tmp_path: Path) -> None:
    with published(tmp_path, STACK):
        assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o600


def test_nothing_stays_behind_when_the_stack_stops_badly(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), published(tmp_path, STACK):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_a_second_stack_is_kept_out_of_the_folder(tmp_path: Path) -> None:
    with (
        sole_use_of(tmp_path),
        pytest.raises(AlreadyRunning, match="ISHYURA_STATE_DIR"),
        sole_use_of(tmp_path),
    ):
        pytest.fail("two stacks in one folder")
    with sole_use_of(tmp_path):
        pass


def test_a_file_that_a_killed_run_left_behind_is_not_believed(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{}", encoding="utf-8")
    with sole_use_of(tmp_path), pytest.raises(NotRunning):
        read(tmp_path)


def test_a_container_is_told_real_names_and_addresses_that_it_can_reach() -> None:
    told = variables(STACK)
    assert told["PAYMENTS_TABLE"] == "payments-1"
    assert told["AWS_ENDPOINT_URL"] == "http://host.docker.internal:4566"
    assert told["KPAY_BASE_URL"] == "http://host.docker.internal:8011/"
    assert told["VPAY_BASE_URL"] == "http://host.docker.internal:8012/api/"
    assert told["DGSPAY_BASE_URL"] == "http://host.docker.internal:8013/generation/v2"
    assert told["RWANDAPAY_BASE_URL"] == "http://host.docker.internal:8014/api/v1"


def test_somebody_elses_provider_keeps_its_own_address() -> None:
    assert from_container("https://pay.example.rw/127.0.0.1") == "https://pay.example.rw/127.0.0.1"

from datetime import timedelta

import pytest

from infra.operator.deployment import Deployment
from infra.operator.issuing import read_duration
from infra.operator.refused import UnusableInput
from payments import keys
from payments.clock import parse_iso, utc_now
from payments.mode import Mode
from tests.integration.operator.conftest import Answer, Run


def test_live_keys_are_issued_and_listed(answer: Answer, merchant_id: str) -> None:
    issued = answer("keys", "issue", merchant_id, "--mode", "live")
    assert issued["public_key"].startswith("pk_live_")
    assert keys.is_secret_key(issued["secret_key"])
    listed = answer("keys", "list", merchant_id)
    assert {key["mode"] for key in listed} == {"test", "live"}
    assert all(key["active"] and key["revoked_at"] is None for key in listed)


def test_a_listing_never_shows_a_secret(run: Run, answer: Answer, merchant_id: str) -> None:
    secret = answer("keys", "issue", merchant_id, "--mode", "live")["secret_key"]
    shown = run("keys", "list").stdout + run("keys", "list", "--json").stdout
    assert "pk_live_" in shown
    assert "sk_" not in shown
    assert keys.hash_secret(secret) not in shown


def test_all_merchants_keys_are_listed_together(answer: Answer, merchant_id: str) -> None:
    other = answer("merchants", "enrol", "Other")["merchant_id"]
    assert {key["merchant_id"] for key in answer("keys", "list")} == {merchant_id, other}
    assert {key["merchant_id"] for key in answer("keys", "list", other)} == {other}


def test_a_third_active_pair_is_refused_with_a_sentence(run: Run, merchant_id: str) -> None:
    assert run("keys", "issue", merchant_id, "--mode", "test").exit_code == 0
    refused = run("keys", "issue", merchant_id, "--mode", "test")
    assert refused.exit_code == 1
    assert (
        refused.stderr
        == f"Error: {merchant_id} has 2 active test pairs already: revoke one first\n"
    )
    assert refused.stdout == ""


@pytest.mark.parametrize(
    "words", [("issue", "--mode", "live"), ("list",), ("rotate", "--mode", "test")]
)
def test_an_unknown_merchant_is_named_in_the_error(run: Run, words: tuple[str, ...]) -> None:
    command, *options = words
    refused = run("keys", command, "mer_nobody000000", *options)
    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no merchant mer_nobody000000\n"


def test_a_mode_that_does_not_exist_is_refused(run: Run, merchant_id: str) -> None:
    assert run("keys", "issue", merchant_id, "--mode", "sandbox").exit_code == 2


def test_a_rotated_pair_overlaps_for_a_day_unless_said_otherwise(
    run: Run, answer: Answer, deployment: Deployment, merchant_id: str
) -> None:
    [old] = answer("keys", "list", merchant_id)
    before = utc_now().replace(microsecond=0)
    rotated = answer("keys", "rotate", merchant_id, "--mode", "test")
    ended = deployment.merchants.key(old["public_key"])
    assert ended is not None
    assert ended.revoked_at == parse_iso(rotated["old_until"])
    assert timedelta(0) <= ended.revoked_at - before - timedelta(hours=24) <= timedelta(minutes=1)
    assert all(key["active"] for key in answer("keys", "list", merchant_id))
    assert run("keys", "rotate", merchant_id, "--mode", "test").exit_code == 1


def test_a_rotation_without_overlap_ends_the_old_pair_now(answer: Answer, merchant_id: str) -> None:
    [old] = answer("keys", "list", merchant_id)
    new = answer("keys", "rotate", merchant_id, "--mode", "test", "--overlap", "0")
    active = {key["public_key"]: key["active"] for key in answer("keys", "list", merchant_id)}
    assert active == {old["public_key"]: False, new["public_key"]: True}


def test_an_overlap_that_is_no_length_of_time_changes_nothing(
    run: Run, answer: Answer, merchant_id: str
) -> None:
    refused = run("keys", "rotate", merchant_id, "--mode", "test", "--overlap", "a day")
    assert refused.exit_code == 1
    assert "length of time" in refused.stderr
    assert len(answer("keys", "list", merchant_id)) == 1


@pytest.mark.parametrize("overlap", ["", "24", "-1h", "1.5h", "99999d", "a day", "1h ", "٣h"])
def test_what_is_no_length_of_time_is_refused(overlap: str) -> None:
    with pytest.raises(UnusableInput, match="length of time"):
        read_duration(overlap)


@pytest.mark.parametrize(
    ("overlap", "seconds"), [("0", 0), ("30s", 30), ("90m", 5400), ("24h", 86_400), ("7d", 604_800)]
)
def test_a_length_of_time_is_read_in_any_unit(overlap: str, seconds: int) -> None:
    assert read_duration(overlap) == timedelta(seconds=seconds)


def test_a_revoked_key_is_inactive_and_revoking_it_again_is_quiet(
    run: Run, answer: Answer, merchant_id: str
) -> None:
    [key] = answer("keys", "list", merchant_id)
    assert "is revoked" in run("keys", "revoke", key["public_key"]).stdout
    again = run("keys", "revoke", key["public_key"])
    assert again.exit_code == 0
    assert "already" in again.stdout
    assert [one["active"] for one in answer("keys", "list", merchant_id)] == [False]


def test_a_secret_key_or_a_typo_is_not_revoked(run: Run, answer: Answer, merchant_id: str) -> None:
    issued = answer("keys", "issue", merchant_id, "--mode", "test")
    typo = issued["public_key"][:-1] + ("0" if issued["public_key"][-1] != "0" else "1")
    for wrong in (issued["secret_key"], typo, "pk_test_é"):
        refused = run("keys", "revoke", wrong)
        assert refused.exit_code == 1
        assert wrong not in refused.output
    assert all(key["active"] for key in answer("keys", "list", merchant_id))


def test_a_good_key_that_nobody_was_issued_is_not_revoked(run: Run) -> None:
    refused = run("keys", "revoke", keys.mint(Mode.TEST).public_key)
    assert refused.exit_code == 1
    assert "There is no key" in refused.stderr

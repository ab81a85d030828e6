from typing import TYPE_CHECKING

from infra.operator.deployment import Deployment
from ledger.endpoints import DisabledWhy
from payments.clock import utc_now
from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets, new_secret, written
from plumbing.parameter_secrets import webhook_secret_name
from tests.integration.operator.conftest import Answer, Run

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

URL = "https://shop.example/in"


def urls(deployment: Deployment, merchant_id: str) -> dict[str, str | None]:
    return {mode.value: deployment.endpoints.get(merchant_id, mode).url for mode in Mode}


def test_a_webhook_address_is_set_for_both_modes(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    words = ("webhook", "set", merchant_id, URL)
    assert run(*words).stdout == "Changed\n"
    assert run(*words).stdout == "It is so already\n"
    assert urls(deployment, merchant_id) == {"test": URL, "live": URL}


def test_a_webhook_address_is_set_for_one_mode_alone(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    rehearsal = "http://shop.example:8443/"
    run("webhook", "set", merchant_id, rehearsal, "--mode", "test")
    assert urls(deployment, merchant_id) == {"test": rehearsal, "live": None}


def test_an_enrolled_merchant_hears_of_both_modes_at_the_address_named(
    answer: Answer, deployment: Deployment
) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House", "--webhook-url", URL)
    assert enrolled["webhook_url"] == URL
    assert urls(deployment, enrolled["merchant_id"]) == {"test": URL, "live": URL}


def test_setting_the_address_again_enables_what_was_disabled(
    run: Run, deployment: Deployment, merchant_id: str
) -> None:
    run("webhook", "set", merchant_id, URL)
    endpoint = deployment.endpoints.get(merchant_id, Mode.LIVE)
    assert deployment.endpoints.disable(endpoint, DisabledWhy.GONE, utc_now())
    assert run("webhook", "set", merchant_id, URL).stdout == "Changed\n"
    assert deployment.endpoints.get(merchant_id, Mode.LIVE).disabled_at is None


def test_an_unusable_address_is_not_set(run: Run, deployment: Deployment, merchant_id: str) -> None:
    for url in ("http://localhost:8090/", "http://shop.example/", "https://shop.example:22/"):
        assert run("webhook", "set", merchant_id, url).exit_code == 1
    assert urls(deployment, merchant_id) == {"test": None, "live": None}


def test_no_address_is_set_for_nobody(run: Run) -> None:
    refused = run("webhook", "set", "mer_nobody000000", URL)
    assert refused.exit_code == 1
    assert "no merchant" in refused.stderr


def test_the_webhook_secret_is_shown_again_when_asked_for(run: Run, answer: Answer) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    for mode in Mode:
        shown = run("webhook", "secret", enrolled["merchant_id"], "--mode", mode)
        assert shown.stdout == enrolled["webhook_secret"] + "\n"


def test_the_secret_of_a_mode_that_was_rotated_is_its_own(
    run: Run, deployment: Deployment, answer: Answer, ssm: "SSMClient"
) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    rotated = new_secret()
    ssm.put_parameter(
        Name=webhook_secret_name(deployment.parameter_prefix, enrolled["merchant_id"], Mode.LIVE),
        Value=written(WebhookSecrets(current=rotated, previous=enrolled["webhook_secret"])),
        Type="SecureString",
        Overwrite=True,
    )
    shown = {
        mode: run("webhook", "secret", enrolled["merchant_id"], "--mode", mode).stdout.strip()
        for mode in Mode
    }
    assert shown == {Mode.TEST: enrolled["webhook_secret"], Mode.LIVE: rotated}


def test_a_merchant_without_a_secret_is_told_so(run: Run) -> None:
    refused = run("webhook", "secret", "mer_nobody000000", "--mode", "live")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: mer_nobody000000 has no webhook secret here\n"


def test_a_secret_that_is_lost_is_replaced_in_its_mode_and_read_anew(
    run: Run, deployment: Deployment, answer: Answer
) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    merchant_id = enrolled["merchant_id"]
    before = deployment.endpoints.get(merchant_id, Mode.LIVE).secret_version
    fresh = run("webhook", "new-secret", merchant_id, "--mode", "live").stdout
    assert fresh.startswith("whsec_")
    assert fresh.strip() != enrolled["webhook_secret"]
    assert run("webhook", "secret", merchant_id, "--mode", "live").stdout == fresh
    kept = run("webhook", "secret", merchant_id, "--mode", "test").stdout.strip()
    assert kept == enrolled["webhook_secret"]
    assert deployment.endpoints.get(merchant_id, Mode.LIVE).secret_version == before + 1


def test_nobody_is_given_a_secret(run: Run) -> None:
    refused = run("webhook", "new-secret", "mer_nobody000000", "--mode", "live")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: There is no merchant mer_nobody000000\n"

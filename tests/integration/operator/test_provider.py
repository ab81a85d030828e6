import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.operator.credentials import from_file
from infra.operator.refused import UnusableInput
from tests.integration.operator.conftest import STACK, Answer, Run

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

CREDENTIALS = {
    "username": "ikawa",
    "password": "p4ss-é-word",
    "api_key": "kpay-key-0001",
    "retailer_id": "01",
}


def kept(ssm: "SSMClient", merchant_id: str) -> tuple[str, object]:
    name = f"/ishyura/{STACK}/providers/kpay/{merchant_id}/live"
    parameter = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    return parameter["Type"], json.loads(parameter["Value"])


def test_credentials_are_asked_for_and_the_secret_ones_not_shown(
    run: Run, ssm: "SSMClient", merchant_id: str
) -> None:
    typed = "".join(f"{value}\n" for value in CREDENTIALS.values())
    stored = run("provider", "set", "kpay", merchant_id, typing=typed)
    assert stored.exit_code == 0, stored.output
    assert kept(ssm, merchant_id) == ("SecureString", CREDENTIALS)
    assert "ikawa" in stored.output
    assert CREDENTIALS["password"] not in stored.output
    assert CREDENTIALS["api_key"] not in stored.output


def test_credentials_are_read_from_a_file_or_the_standard_input(
    run: Run, ssm: "SSMClient", merchant_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "kpay.json"
    file.write_text(json.dumps(CREDENTIALS), encoding="utf-8")
    assert run("provider", "set", "kpay", merchant_id, "--from-file", str(file)).exit_code == 0
    assert kept(ssm, merchant_id) == ("SecureString", CREDENTIALS)
    renewed = CREDENTIALS | {"password": "another"}
    words = ("provider", "set", "kpay", merchant_id, "--from-file", "-")
    assert run(*words, typing=json.dumps(renewed)).exit_code == 0
    assert kept(ssm, merchant_id) == ("SecureString", renewed)


@pytest.mark.parametrize(
    "content",
    [
        "p4ss-é-word",
        '["p4ss-é-word"]',
        '{"password": "p4ss-é-word"}',
        json.dumps(CREDENTIALS | {"more": "x"}),
        json.dumps(CREDENTIALS | {"api_key": " "}),
        json.dumps(CREDENTIALS | {"retailer_id": 1}),
    ],
)
def test_credentials_of_another_form_are_refused_and_not_repeated(content: str) -> None:
    with pytest.raises(UnusableInput) as refused:
        from_file("kpay", StringIO(content))
    assert "p4ss" not in str(refused.value)


def test_unreadable_credentials_leave_nothing_behind(
    run: Run, answer: Answer, merchant_id: str
) -> None:
    refused = run("provider", "set", "kpay", merchant_id, "--from-file", "-", typing="p4ss-word")
    assert refused.exit_code == 1
    assert refused.output == "Error: The credentials are not JSON\n"
    assert answer("provider", "show") == []


def test_credentials_for_nobody_are_refused_before_they_are_typed(run: Run, answer: Answer) -> None:
    refused = run("provider", "set", "kpay", "mer_nobody000000", typing="ikawa\n")
    assert refused.exit_code == 1
    assert refused.output == "Error: There is no merchant mer_nobody000000\n"
    assert answer("provider", "show") == []


def test_a_provider_that_we_do_not_know_is_refused(run: Run, merchant_id: str) -> None:
    refused = run("provider", "set", "paypal", merchant_id)
    assert refused.exit_code == 1
    assert refused.output == "Error: There is no provider 'paypal': kpay, vpay, dgspay, rwandapay\n"


def test_whose_credentials_are_stored_is_shown_but_never_what_they_are(
    run: Run, answer: Answer, merchant_id: str
) -> None:
    words = ("provider", "set", "kpay", merchant_id, "--from-file", "-")
    run(*words, typing=json.dumps(CREDENTIALS))
    [shown] = answer("provider", "show")
    assert (shown["provider"], shown["merchant_id"], shown["mode"]) == ("kpay", merchant_id, "live")
    text = run("provider", "show").stdout
    assert merchant_id in text
    assert not any(value in text for value in CREDENTIALS.values() if value != "01")

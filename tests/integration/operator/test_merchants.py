import base64
import re
from typing import TYPE_CHECKING

import pytest

from infra.operator.deployment import Deployment
from infra.operator.enrolment import enrol
from infra.operator.refused import UnusableInput
from payments import keys
from payments.clock import utc_now
from payments.mode import Mode
from payments.webhook_secrets import WebhookSecrets, read
from tests.integration.operator.conftest import STACK, Answer, Run

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


def test_an_enrolled_merchant_gets_an_id_test_keys_and_a_secret(answer: Answer) -> None:
    enrolled = answer("merchants", "enrol", " Ikawa House ")
    assert re.fullmatch("mer_[a-z0-9]{12}", enrolled["merchant_id"])
    assert enrolled["name"] == "Ikawa House"
    assert keys.is_public_key(enrolled["public_key"])
    assert keys.is_secret_key(enrolled["secret_key"])
    assert enrolled["mode"] == "test"
    assert len(base64.b64decode(enrolled["webhook_secret"].removeprefix("whsec_"))) == 32


def test_the_keys_of_an_enrolled_merchant_work_in_test_mode_alone(
    answer: Answer, deployment: Deployment
) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    key = deployment.merchants.key(enrolled["public_key"])
    assert key is not None
    assert key.mode is Mode.TEST
    assert key.merchant_id == enrolled["merchant_id"]
    assert keys.is_secret_of(enrolled["secret_key"], key.secret_hash)


def test_the_webhook_secret_is_kept_encrypted(answer: Answer, ssm: "SSMClient") -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    for mode in Mode:
        name = f"/ishyura/{STACK}/webhook-secret/{enrolled['merchant_id']}/{mode}"
        kept = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        assert kept["Type"] == "SecureString"
        assert read(kept["Value"]) == WebhookSecrets(current=enrolled["webhook_secret"])


def test_an_enrolled_merchant_has_a_salt_and_the_default_routes(
    answer: Answer, deployment: Deployment
) -> None:
    one, other = (answer("merchants", "enrol", name)["merchant_id"] for name in "AB")
    merchant = deployment.merchants.known(one)
    assert merchant.routes == {"mobile_money": ("kpay",), "card": ("kpay",)}
    assert len(merchant.salt) == 32
    assert merchant.salt != deployment.merchants.known(other).salt


def test_a_person_is_shown_what_a_script_is(run: Run) -> None:
    shown = run("merchants", "enrol", "Ikawa House", "--webhook-url", "https://ikawa.example/in")
    for wanted in ("mer_", "pk_test_", "sk_test_", "whsec_", "https://ikawa.example/in"):
        assert shown.stdout.count(wanted) == 1


def test_merchants_are_listed_without_their_secrets(run: Run, answer: Answer) -> None:
    assert run("merchants", "list").stdout == "none\n"
    enrolled = answer("merchants", "enrol", "Café Amahoro")
    listed = answer("merchants", "list")
    assert [(one["merchant_id"], one["name"]) for one in listed] == [
        (enrolled["merchant_id"], "Café Amahoro"),
    ]
    shown = run("merchants", "list").stdout
    assert "Café Amahoro" in shown
    assert "mobile_money=kpay card=kpay" in shown
    assert "whsec_" not in shown
    assert "salt" not in shown


def test_a_name_that_cannot_be_printed_is_refused(run: Run, deployment: Deployment) -> None:
    for name in ("", "   ", "x" * 101, "two\nlines", "\x1b[31mred"):
        with pytest.raises(UnusableInput, match="printable"):
            enrol(deployment, name, None, utc_now())
    assert run("merchants", "enrol", " ").exit_code == 1
    assert run("merchants", "list").stdout == "none\n"


def test_a_merchant_with_an_unusable_webhook_address_is_not_enrolled(run: Run) -> None:
    refused = run("merchants", "enrol", "Ikawa House", "--webhook-url", "http://ikawa.example/")
    assert refused.exit_code == 1
    assert "https://" in refused.stderr
    assert run("merchants", "list").stdout == "none\n"

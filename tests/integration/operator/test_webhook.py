import pytest

from infra.operator import webhook_url
from infra.operator.deployment import Deployment
from infra.operator.refused import UnusableWebhookUrl
from tests.integration.operator.conftest import Answer, Run

ON_AWS_TOO = [
    "https://shop.example/in?x=1",
    "https://shop.example:443/",
    "https://shop.example:8443",
]
ON_THE_LOCAL_STACK = [
    "http://localhost:8090/webhooks",
    "http://127.0.0.1:1/",
    "http://[::1]:8090/",
    "https://localhost:9/",
]
NOWHERE = [
    "",
    "shop.example",
    "http://shop.example/",
    "ftp://shop.example/",
    "javascript:alert(1)",
    "https://",
    "https:///path",
    "https://user@shop.example/",
    "https://user:pw@shop.example/",
    "http://user@localhost/",
    "http://localhost@shop.example/",
    "http://localhost.shop.example/",
    "https://shop.example:99999/",
    "https://shop.example:22/",
    "https://shop.example\\@evil.example/",
    "https://shop.example/a b",
    "https://shop.example/\n",
    "https://shøp.example/",
    "https://[::1/",
]


@pytest.mark.parametrize("url", ON_AWS_TOO)
@pytest.mark.parametrize("loopback_allowed", [True, False])
def test_an_https_address_is_good_anywhere(url: str, *, loopback_allowed: bool) -> None:
    assert webhook_url.checked(url, loopback_allowed=loopback_allowed) == url


@pytest.mark.parametrize("url", ON_THE_LOCAL_STACK)
def test_loopback_is_good_on_the_local_stack_alone(url: str) -> None:
    assert webhook_url.checked(url, loopback_allowed=True) == url
    with pytest.raises(UnusableWebhookUrl):
        webhook_url.checked(url, loopback_allowed=False)


@pytest.mark.parametrize("url", NOWHERE)
@pytest.mark.parametrize("loopback_allowed", [True, False])
def test_an_address_that_no_delivery_could_use_is_refused(
    url: str, *, loopback_allowed: bool
) -> None:
    with pytest.raises(UnusableWebhookUrl):
        webhook_url.checked(url, loopback_allowed=loopback_allowed)


def test_a_webhook_address_is_set(run: Run, deployment: Deployment, merchant_id: str) -> None:
    words = ("webhook", "set", merchant_id, "https://shop.example/in")
    assert run(*words).stdout == "Changed\n"
    assert run(*words).stdout == "It is so already\n"
    assert deployment.merchants.known(merchant_id).webhook_url == "https://shop.example/in"


def test_an_unusable_address_is_not_set(run: Run, deployment: Deployment, merchant_id: str) -> None:
    refused = run("webhook", "set", merchant_id, "http://localhost:8090/")
    assert refused.exit_code == 1
    assert deployment.merchants.known(merchant_id).webhook_url is None


def test_no_address_is_set_for_nobody(run: Run) -> None:
    refused = run("webhook", "set", "mer_nobody000000", "https://shop.example/in")
    assert refused.exit_code == 1
    assert "no merchant" in refused.stderr


def test_the_webhook_secret_is_shown_again_when_asked_for(run: Run, answer: Answer) -> None:
    enrolled = answer("merchants", "enrol", "Ikawa House")
    shown = run("webhook", "secret", enrolled["merchant_id"])
    assert shown.stdout == enrolled["webhook_secret"] + "\n"


def test_a_merchant_without_a_secret_is_told_so(run: Run) -> None:
    refused = run("webhook", "secret", "mer_nobody000000")
    assert refused.exit_code == 1
    assert refused.stderr == "Error: mer_nobody000000 has no webhook secret here\n"

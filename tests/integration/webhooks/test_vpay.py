"""V-Pay's webhook: believed with its sum and our reference; money in its sandbox is no money."""

import httpx
import pytest

from tests.integration.gateway import Gateway
from tests.integration.internet import GIVEN
from tests.integration.webhooks.letters import arrives, paid


@pytest.mark.parametrize(
    "changes",
    [
        {"external_id": "SOMEBODYELSES00001"},
        {"external_id": None},
        {"transaction_id": "VP1"},
        {"amount": None},
        {"currency": None},
        {"mode": "sandbox"},
        {"status": "refunded"},
        {"status": "completed"},
        {"status": None},
        {"error_code": "NETWORK_ERROR"},
    ],
)
def test_a_letter_that_contradicts_itself_or_us_is_asked_about(
    gateway: Gateway, changes: dict[str, str | None]
) -> None:
    session, letter = paid(gateway, "vpay")
    gateway.internet.failure = httpx.ReadTimeout("silence")
    before = gateway.payment(session)
    assert arrives(gateway, letter.saying(**changes)).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session) == before


def test_a_sum_with_its_decimals_is_the_sum(gateway: Gateway) -> None:
    session, letter = paid(gateway, "vpay")
    assert b'"5000.00"' in letter.body
    arrives(gateway, letter)
    assert gateway.payment(session).status == "successful"


def test_a_signature_in_capitals_is_the_same_signature(gateway: Gateway) -> None:
    session, letter = paid(gateway, "vpay")
    assert arrives(gateway, letter.signed_with(letter.signature.upper())).status == 200
    assert gateway.payment(session).status == "successful"


def test_a_letter_is_read_without_a_token(gateway: Gateway) -> None:
    _, letter = paid(gateway, "vpay")
    gateway.clock.move(3600)
    arrives(gateway, letter)
    assert gateway.internet.questions == []


def test_a_question_renews_a_token_that_has_ended(gateway: Gateway) -> None:
    session, letter = paid(gateway, "vpay")
    gateway.clock.move(300)
    arrives(gateway, letter.saying(amount=1))
    paths = [question.url.path for question in gateway.internet.questions]
    assert paths == ["/auth/", "/transaction/status/"]
    assert gateway.internet.questions[0].headers["apiUser"] == GIVEN["vpay"]["api_user"]
    assert gateway.payment(session).status == "successful"

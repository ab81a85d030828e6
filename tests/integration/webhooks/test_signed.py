"""What holds for every provider that signs its notifications: V-Pay, DGS-Pay and RwandaPay."""

import base64
import json
from dataclasses import replace

import httpx
import pytest

from providers.registry import REGISTRY
from tests.integration.gateway import Gateway
from tests.integration.internet import GIVEN
from tests.integration.webhooks.letters import (
    PENDING,
    SIGNATURE_HEADERS,
    SIGNING,
    arrives,
    letter_from,
    paid,
    prompted,
    shop_of,
    written_by,
)

NOBODY = "0123456789ABCDEF01"
EVERY_SIGNING_PROVIDER = pytest.mark.parametrize("provider", SIGNING)
THIS_SUM_IS_ANOTHER = "the provider states another sum"
REFUSED = '{"success":false,"message":"This notification does not prove its sender",'


def test_these_are_the_providers_that_sign() -> None:
    assert {name for name, listing in REGISTRY.items() if listing.signs} == set(SIGNING)


# -------------------------------------------------------------------- believed
@EVERY_SIGNING_PROVIDER
def test_a_good_signature_settles_and_nobody_is_asked(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    answer = arrives(gateway, letter)
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", "webhook")
    assert gateway.payment(session).status == "successful"
    assert gateway.internet.questions == []


@EVERY_SIGNING_PROVIDER
def test_a_good_signature_costs_two_calls_to_aws(gateway: Gateway, provider: str) -> None:
    _, letter = paid(gateway, provider)
    gateway.aws_calls.clear()
    arrives(gateway, letter)
    assert gateway.aws_calls == ["dynamodb.GetItem", "dynamodb.UpdateItem"]


@EVERY_SIGNING_PROVIDER
def test_the_simulators_own_webhook_is_taken_and_acknowledged(
    gateway: Gateway, provider: str
) -> None:
    session, reference = prompted(gateway, provider)
    gateway.approve(reference)
    gateway.internet.tick()
    assert gateway.payment(session).status == "successful"
    assert [webhook.acknowledged for webhook in written_by(gateway, provider)] == [True]


@EVERY_SIGNING_PROVIDER
def test_a_body_that_the_gateway_encoded_is_checked_as_it_was_sent(
    gateway: Gateway, provider: str
) -> None:
    session, letter = paid(gateway, provider)
    encoded = base64.b64encode(letter.body).decode()
    answer = gateway.webhook_encoded(letter.url, encoded, dict(letter.headers))
    assert (answer.status, gateway.payment(session).status) == (200, "successful")


@EVERY_SIGNING_PROVIDER
def test_headers_come_in_any_case(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    shouted = {name.upper(): value for name, value in letter.headers.items()}
    assert arrives(gateway, replace(letter, headers=shouted)).status == 200
    assert gateway.payment(session).status == "successful"


@EVERY_SIGNING_PROVIDER
def test_a_decline_is_believed_too(gateway: Gateway, provider: str) -> None:
    session, reference = prompted(gateway, provider)
    gateway.decline(reference)
    arrives(gateway, letter_from(gateway, provider))
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.reason, attempt.settled_by) == (
        "declined",
        "declined",
        "webhook",
    )
    assert gateway.payment(session).status == "failed"
    assert gateway.internet.questions == []


@EVERY_SIGNING_PROVIDER
def test_late_money_lands_by_a_signed_webhook(gateway: Gateway, provider: str) -> None:
    session, reference = prompted(gateway, provider)
    gateway.decline(reference)
    gateway.internet.tick()
    assert gateway.payment(session).status == "failed"
    gateway.clock.move(600)
    gateway.internet.pay_late(reference)
    gateway.internet.tick()
    payment = gateway.payment(session)
    assert (payment.status, payment.paid_at) == ("successful", gateway.clock())
    assert gateway.attempt(session).settled_by == "webhook"
    assert gateway.internet.questions == []


@EVERY_SIGNING_PROVIDER
def test_the_same_letter_twice_changes_nothing_more(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    arrives(gateway, letter)
    settled = gateway.payment(session)
    gateway.clock.move(60)
    assert arrives(gateway, letter).status == 200
    assert gateway.payment(session) == settled
    assert gateway.internet.questions == []


@EVERY_SIGNING_PROVIDER
def test_no_later_letter_takes_a_payment_back(gateway: Gateway, provider: str) -> None:
    session, reference = prompted(gateway, provider)
    gateway.decline(reference)
    declined = letter_from(gateway, provider)
    gateway.internet.pay_late(reference)
    arrives(gateway, letter_from(gateway, provider))
    settled = gateway.payment(session)
    assert settled.status == "successful"
    gateway.clock.move(60)
    for letter in (declined, declined.saying(**PENDING[provider])):
        assert arrives(gateway, letter).status == 200
        assert gateway.payment(session) == settled


@EVERY_SIGNING_PROVIDER
def test_two_letters_at_once_settle_once(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    version = gateway.payment(session).version
    answers = gateway.race(lambda: arrives(gateway, letter))
    assert {answer.status for answer in answers} == {200}
    payment = gateway.payment(session)
    assert (payment.status, payment.version) == ("successful", version + 1)


@EVERY_SIGNING_PROVIDER
def test_words_out_of_order_end_where_they_should(gateway: Gateway, provider: str) -> None:
    gateway.internet.misbehave(provider, "out_of_order")
    session, reference = prompted(gateway, provider)
    gateway.approve(reference)
    for _ in range(3):
        gateway.internet.tick()
        gateway.clock.move(5)
    assert gateway.payment(session).status == "successful"


# -------------------------------------------------------------------- not believed
@EVERY_SIGNING_PROVIDER
def test_a_stranger_hears_the_same_whatever_is_wrong(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    _, others = paid(gateway, provider, "ORDER-2")
    reference, token = letter.url.split("/")[-2:]
    other, its_token = others.url.split("/")[-2:]
    folder = f"https://pay.example/webhooks/{provider}"
    elsewhere = SIGNING[SIGNING.index(provider) - 1]
    unsigned = replace(letter, headers={"Content-Type": "application/json"})
    flipped = "0" if letter.signature[0] != "0" else "1"
    before = gateway.items()
    answers = {
        "no signature": arrives(gateway, unsigned),
        "an empty one": arrives(gateway, letter.signed_with("")),
        "a cut one": arrives(gateway, letter.signed_with(letter.signature[:-1])),
        "a flipped one": arrives(gateway, letter.signed_with(flipped + letter.signature[1:])),
        "no hex": arrives(gateway, letter.signed_with("é" * 32)),
        "another's": arrives(gateway, letter.resigned("somebody else's")),
        "by no secret": arrives(gateway, letter.resigned("")),
        "another letter's": arrives(gateway, letter.signed_with(others.signature)),
        "a byte more": arrives(gateway, replace(letter, body=letter.body + b" ")),
        "a byte less": arrives(gateway, replace(letter, body=letter.body[:-1])),
        "a byte changed": arrives(
            gateway, replace(letter, body=letter.body.replace(b"5000", b"5001", 1))
        ),
        "for another attempt": arrives(gateway, letter, f"{folder}/{other}/{token}"),
        "with another's token": arrives(gateway, letter, f"{folder}/{reference}/{its_token}"),
        "a token cut": arrives(gateway, letter, f"{folder}/{reference}/{token[:-1]}"),
        "a token of nothing": arrives(gateway, letter, f"{folder}/{reference}/%00"),
        "an unknown attempt": arrives(gateway, letter, f"{folder}/{reference[:-2]}02/{token}"),
        "an unknown payment": arrives(gateway, letter, f"{folder}/{NOBODY}/{token}"),
        "no reference": arrives(gateway, letter, f"{folder}/%00/{token}"),
        "in lower case": arrives(gateway, letter, f"{folder}/{reference.lower()}/{token}"),
        "another provider's": arrives(
            gateway, letter, f"https://pay.example/webhooks/{elsewhere}/{reference}/{token}"
        ),
        "no body": arrives(gateway, replace(letter, body=b"")),
    }
    assert {name: answer.status for name, answer in answers.items() if answer.status != 401} == {}
    assert len({answer.text for answer in answers.values()}) == 1
    assert answers["no signature"].text.startswith(REFUSED)
    assert gateway.items() == before
    assert gateway.internet.questions == []
    assert arrives(gateway, letter).status == 200
    assert gateway.payment(session).status == "successful"


@EVERY_SIGNING_PROVIDER
def test_another_providers_signature_is_no_signature(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    elsewhere = SIGNING[SIGNING.index(provider) - 1]
    forged = letter.resigned(GIVEN[elsewhere]["webhook_secret"])
    named = {SIGNATURE_HEADERS[elsewhere]: letter.signature}
    assert arrives(gateway, forged).status == 401
    assert arrives(gateway, replace(letter, headers=named)).status == 401
    assert gateway.payment(session).live_attempt


@EVERY_SIGNING_PROVIDER
def test_the_unsigned_way_of_another_provider_asks_nothing(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    before = gateway.payment(session)
    for elsewhere in ("kpay", "sandbox"):
        gateway.clock.move(5)
        url = letter.url.replace(f"/{provider}/", f"/{elsewhere}/")
        assert arrives(gateway, letter, url).status == 200
    assert gateway.internet.questions == []
    assert gateway.payment(session) == before


@EVERY_SIGNING_PROVIDER
def test_a_genuine_letter_about_one_payment_settles_no_other(
    gateway: Gateway, provider: str
) -> None:
    _, letter = paid(gateway, provider)
    other, reference = prompted(gateway, provider, "ORDER-2")
    gateway.decline(reference)
    url = letter_from(gateway, provider).url
    gateway.internet.failure = httpx.ReadTimeout("silence")
    before = gateway.payment(other)
    assert arrives(gateway, letter, url).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(other) == before


@EVERY_SIGNING_PROVIDER
def test_the_simulators_bad_signature_changes_nothing(gateway: Gateway, provider: str) -> None:
    gateway.internet.misbehave(provider, "bad_signature")
    session, reference = prompted(gateway, provider)
    before = gateway.items()
    gateway.approve(reference)
    gateway.internet.tick()
    assert gateway.items() == before
    assert gateway.internet.questions == []
    gateway.ask_provider(session, reference)
    assert gateway.payment(session).status == "successful"


@EVERY_SIGNING_PROVIDER
@pytest.mark.parametrize("secret", [None, ""])
def test_without_a_webhook_secret_every_letter_is_a_forgery(
    gateway: Gateway, provider: str, secret: str | None
) -> None:
    session, letter = paid(gateway, provider)
    merchant = gateway.merchants.merchant(gateway.payment(session).merchant_id)
    assert merchant
    given = {**GIVEN[provider], "webhook_secret": secret or ""}
    if secret is None:
        del given["webhook_secret"]
    gateway.store_credentials(merchant, provider, given)
    gateway.forget_secrets()
    before = gateway.items()
    for forged in (letter, letter.resigned(""), replace(letter, headers={})):
        answer = arrives(gateway, forged)
        assert (answer.status, answer.code) == (401, "BAD_SIGNATURE")
    assert gateway.items() == before
    assert gateway.internet.questions == []


@EVERY_SIGNING_PROVIDER
def test_without_any_credentials_every_letter_is_a_forgery(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    merchant = gateway.merchants.merchant(gateway.payment(session).merchant_id)
    assert merchant
    gateway.lose_credentials(merchant, provider)
    gateway.forget_secrets()
    assert arrives(gateway, letter).code == "BAD_SIGNATURE"
    assert gateway.payment(session).live_attempt


@EVERY_SIGNING_PROVIDER
def test_a_forgery_costs_at_most_one_call_to_aws(gateway: Gateway, provider: str) -> None:
    _, letter = paid(gateway, provider)
    gateway.aws_calls.clear()
    arrives(gateway, letter.signed_with("forged"))
    assert gateway.aws_calls == ["dynamodb.GetItem"]
    gateway.aws_calls.clear()
    arrives(gateway, letter, f"https://pay.example/webhooks/{provider}/none/forged")
    assert gateway.aws_calls == []


@EVERY_SIGNING_PROVIDER
def test_broken_base64_is_refused(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    before = gateway.items()
    for text in ("e30", "é", "{}"):
        answer = gateway.webhook_encoded(letter.url, text, dict(letter.headers))
        assert (answer.status, answer.code) == (400, "MALFORMED_BODY")
    assert gateway.items() == before
    assert gateway.payment(session).live_attempt


@EVERY_SIGNING_PROVIDER
def test_a_body_of_two_megabytes_is_refused(gateway: Gateway, provider: str) -> None:
    _, letter = paid(gateway, provider)
    answer = arrives(gateway, replace(letter, body=b"x" * 2_000_000))
    assert (answer.status, answer.code) == (413, "BODY_TOO_LARGE")


# -------------------------------------------------------------------- asked after all
@EVERY_SIGNING_PROVIDER
def test_another_sum_in_a_signed_letter_is_asked_about(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    assert arrives(gateway, letter.saying(amount=5001)).status == 200
    assert len(gateway.internet.questions) == 1
    payment = gateway.payment(session)
    assert (payment.status, gateway.attempt(session).settled_by) == ("successful", "webhook")


@EVERY_SIGNING_PROVIDER
def test_another_currency_in_a_signed_letter_is_asked_about(
    gateway: Gateway, provider: str
) -> None:
    session, letter = paid(gateway, provider)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    assert arrives(gateway, letter.saying(currency="USD")).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).live_attempt


@EVERY_SIGNING_PROVIDER
def test_another_sum_in_letter_and_answer_alike_is_a_persons_to_judge(
    gateway: Gateway, provider: str
) -> None:
    gateway.internet.misbehave(provider, "wrong_amount")
    session, reference = prompted(gateway, provider)
    gateway.approve(reference)
    gateway.internet.tick()
    assert len(gateway.internet.questions) == 1
    attempt = gateway.attempt(session)
    assert (attempt.is_live, attempt.needs_review) == (True, THIS_SUM_IS_ANOTHER)
    assert gateway.payment(session).status == "pending"


@EVERY_SIGNING_PROVIDER
def test_a_letter_that_says_pending_is_asked_about(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    assert arrives(gateway, letter.saying(**PENDING[provider])).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).status == "successful"


@EVERY_SIGNING_PROVIDER
def test_pending_twice_within_two_seconds_asks_once(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    pending = letter.saying(**PENDING[provider])
    for _ in range(2):
        assert arrives(gateway, pending).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).live_attempt


@EVERY_SIGNING_PROVIDER
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"[" * 50_000, b'{"a": NaN}', b"\x00"])
def test_signed_nonsense_only_makes_us_ask(gateway: Gateway, provider: str, body: bytes) -> None:
    session, letter = paid(gateway, provider)
    answer = arrives(gateway, replace(letter, body=body).resigned())
    assert (answer.status, answer.json) == (200, {"status": "ok"})
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).status == "successful"


@EVERY_SIGNING_PROVIDER
def test_a_question_without_an_answer_changes_nothing(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    before = gateway.payment(session)
    gateway.internet.failures[provider] = httpx.ConnectError("down")
    assert arrives(gateway, letter.saying(**PENDING[provider])).status == 200
    assert gateway.payment(session) == before


@EVERY_SIGNING_PROVIDER
def test_a_signed_word_never_sums_up_to_more_than_was_asked(
    gateway: Gateway, provider: str
) -> None:
    session, letter = paid(gateway, provider)
    gateway.internet.failure = httpx.ReadTimeout("silence")
    for amount in (4999, "5000.01", 0, -5000, 5e400, "a lot", True, [5000]):
        gateway.clock.move(5)
        told = json.dumps(amount).replace("Infinity", "1e999999")
        body = letter.saying(amount="SUM").body.replace(b'"SUM"', told.encode())
        assert arrives(gateway, replace(letter, body=body).resigned()).status == 200
        assert gateway.payment(session).live_attempt, amount


@EVERY_SIGNING_PROVIDER
def test_a_merchants_other_shop_cannot_sign_for_it(gateway: Gateway, provider: str) -> None:
    session, letter = paid(gateway, provider)
    stranger = shop_of(gateway, provider)
    gateway.store_credentials(
        stranger.merchant, provider, {**GIVEN[provider], "webhook_secret": "a stranger's"}
    )
    assert arrives(gateway, letter.resigned("a stranger's")).status == 401
    assert gateway.payment(session).live_attempt

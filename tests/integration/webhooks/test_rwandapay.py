"""RwandaPay's webhook: two shapes, three forms of signature, two headers, and a probe before it."""

import httpx
import pytest

from tests.integration.gateway import Gateway
from tests.integration.webhooks.letters import (
    SIGNATURE_HEADERS,
    arrives,
    letter_from,
    paid,
    prompted,
)

SHAPES = ("nested", "flat")


@pytest.mark.parametrize("header", ["X-Webhook-Signature", "X-Rwandapay-Signature"])
@pytest.mark.parametrize("form", ["hex", "prefixed", "base64"])
@pytest.mark.parametrize(("shape", "questions"), [("nested", 0), ("flat", 1)])
def test_every_shape_settles_under_every_form_of_signature(
    gateway: Gateway, shape: str, questions: int, form: str, header: str
) -> None:
    """The flat one names nothing of ours, so RwandaPay is asked by our reference."""
    habits = gateway.internet.rwandapay.habits
    habits.webhook_shape, habits.signature_form, habits.signature_header = shape, form, header
    session, reference = prompted(gateway, "rwandapay")
    gateway.approve(reference)
    gateway.internet.tick()
    attempt = gateway.attempt(session)
    assert (attempt.status, attempt.settled_by) == ("paid", "webhook")
    assert len(gateway.internet.questions) == questions
    (hook,) = gateway.internet.rwandapay.webhooks
    assert hook.acknowledged


@pytest.mark.parametrize("form", ["hex", "prefixed", "base64"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_form_of_signature_has_to_fit_the_bytes(
    gateway: Gateway, shape: str, form: str
) -> None:
    habits = gateway.internet.rwandapay.habits
    habits.webhook_shape, habits.signature_form = shape, form
    session, letter = paid(gateway, "rwandapay")
    for signature in (f"sha1={letter.signature}", letter.signature[:-1], "sha256=", "="):
        assert arrives(gateway, letter.signed_with(signature)).status == 401
    assert gateway.payment(session).live_attempt


@pytest.mark.parametrize("shape", SHAPES)
def test_a_decline_is_believed_in_every_shape(gateway: Gateway, shape: str) -> None:
    gateway.internet.rwandapay.habits.webhook_shape = shape
    session, reference = prompted(gateway, "rwandapay")
    gateway.decline(reference)
    gateway.internet.tick()
    assert gateway.attempt(session).settled_by == "webhook"
    assert gateway.payment(session).status == "failed"


def test_a_flat_letter_about_another_sum_is_asked_about(gateway: Gateway) -> None:
    gateway.internet.rwandapay.habits.webhook_shape = "flat"
    session, letter = paid(gateway, "rwandapay")
    gateway.internet.failure = httpx.ReadTimeout("silence")
    assert arrives(gateway, letter.saying(amount=4999)).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session).live_attempt


def test_a_flat_letter_of_another_payment_of_the_same_sum_makes_us_ask(gateway: Gateway) -> None:
    """It names nothing of ours: what the simulation found as a false payment."""
    gateway.internet.rwandapay.habits.webhook_shape = "flat"
    _, letter = paid(gateway, "rwandapay")
    other, reference = prompted(gateway, "rwandapay", "ORDER-2")
    address = gateway.internet.rwandapay.charges[-1].webhook_url
    assert reference in address
    assert arrives(gateway, letter, address).status == 200
    assert gateway.payment(other).live_attempt


def test_a_flat_letter_replayed_with_the_token_of_another_attempt_is_refused(
    gateway: Gateway,
) -> None:
    gateway.internet.rwandapay.habits.webhook_shape = "flat"
    _, letter = paid(gateway, "rwandapay")
    other, reference = prompted(gateway, "rwandapay", "ORDER-2")
    url = letter.url.replace(letter.url.split("/")[-2], reference)
    assert arrives(gateway, letter, url).status == 401
    assert gateway.payment(other).live_attempt


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "test"},
        {"reference": "SOMEBODYELSES00001"},
        {"event": "payment.failed"},
        {"status": "failed"},
        {"status": "on_its_way"},
        {"currency": "KES"},
    ],
)
def test_a_letter_that_contradicts_itself_or_us_is_asked_about(
    gateway: Gateway, changes: dict[str, str]
) -> None:
    session, letter = paid(gateway, "rwandapay")
    gateway.internet.failure = httpx.ReadTimeout("silence")
    before = gateway.payment(session)
    assert arrives(gateway, letter.saying(**changes)).status == 200
    assert len(gateway.internet.questions) == 1
    assert gateway.payment(session) == before


def test_two_signatures_are_good_if_one_is(gateway: Gateway) -> None:
    session, letter = paid(gateway, "rwandapay")
    headers = {"X-Rwandapay-Signature": "none of ours", **letter.headers}
    assert gateway.webhook(letter.url, letter.body, headers).status == 200
    assert gateway.payment(session).status == "successful"


# -------------------------------------------------------------------- the probe
def test_the_probe_is_answered_without_a_call_to_aws(gateway: Gateway) -> None:
    session, letter = paid(gateway, "rwandapay")
    before = gateway.items()
    reference = letter.url.split("/")[-2]
    gateway.aws_calls.clear()
    answers = [
        gateway.webhook(url, "", method="HEAD")
        for url in (
            letter.url,
            f"{letter.url}x",
            letter.url.replace(reference, "0123456789ABCDEF01"),
            "https://pay.example/webhooks/rwandapay/%00/%00",
        )
    ]
    assert {(answer.status, answer.text) for answer in answers} == {(200, "")}
    assert gateway.aws_calls == []
    assert gateway.items() == before
    assert gateway.payment(session).live_attempt


def test_a_webhook_comes_after_its_probe(gateway: Gateway) -> None:
    gateway.internet.rwandapay.habits.probes = True
    session, reference = prompted(gateway, "rwandapay")
    gateway.approve(reference)
    gateway.internet.tick()
    assert gateway.payment(session).status == "successful"


# -------------------------------------------------------------------- their own page
def test_a_payment_on_their_own_page_is_settled_by_the_webhook(gateway: Gateway) -> None:
    gateway.internet.rwandapay.habits.pushes = False
    session, reference = prompted(gateway, "rwandapay")
    (opened,) = gateway.internet.rwandapay.sessions
    assert gateway.attempt(session).next_url == f"https://rwandapay.example/checkout/{opened.tid}"
    gateway.internet.rwandapay.prompt(opened, opened.phone, "MTN")
    gateway.approve(reference)
    assert SIGNATURE_HEADERS["rwandapay"] in letter_from(gateway, "rwandapay").headers
    gateway.internet.tick()
    assert gateway.payment(session).status == "successful"

from urllib.parse import parse_qs, urlsplit

import pytest

from payments import keys
from payments.mode import Mode
from tests.integration.gateway import ORDER, Gateway
from tests.integration.rest_events import Answer

CALLBACK = "https://yoursite.example/payment-callback"


def paid_live(gateway: Gateway) -> str:
    """A payment that K-Pay was paid for and said so."""
    session = gateway.opened()
    reference = gateway.paying(session)
    gateway.approve(reference)
    gateway.till.tick()
    assert gateway.payment(session).status == "successful"
    return session


def is_not_found(answer: Answer) -> bool:
    return (answer.status, answer.code) == (404, "SESSION_NOT_FOUND")


# -------------------------------------------------------------------- the documented answers
def test_a_pending_payment_as_documented(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(15)
    answer = gateway.verify(session)
    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json == {
        "status": "pending",
        "completed": False,
        "success": False,
        "message": "Waiting for payment confirmation...",
        "elapsed_seconds": 15,
        "mode": "live",
    }


def test_a_live_success_as_documented(gateway: Gateway) -> None:
    session = paid_live(gateway)
    receipt = gateway.payment(session).transaction_id
    assert gateway.verify(session).json == {
        "status": "successful",
        "completed": True,
        "success": True,
        "message": "Payment successful!",
        "redirect_url": (
            f"{CALLBACK}?reference=ORDER-12345&status=successful&transaction_id={receipt}"
        ),
        "amount": 5000,
        "mode": "live",
    }


def test_a_test_success_as_documented(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.process(session, phone="0780000000")
    receipt = gateway.payment(session).transaction_id
    assert gateway.verify(session).json == {
        "status": "successful",
        "completed": True,
        "success": True,
        "message": "Test payment successful!",
        "redirect_url": (
            f"{CALLBACK}?reference=ORDER-12345&status=successful&transaction_id={receipt}"
        ),
        "amount": 5000,
        "mode": "test",
    }


def test_a_failure_as_documented(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, leave="1")
    assert gateway.verify(session).json == {
        "status": "failed",
        "completed": True,
        "success": False,
        "message": "Payment failed",
        "redirect_url": f"{CALLBACK}?reference=ORDER-12345&status=failed",
    }


@pytest.mark.parametrize("mode", ["test", "live"])
def test_a_receipt_has_the_documented_form(gateway: Gateway, mode: str) -> None:
    if mode == "live":
        session = paid_live(gateway)
    else:
        session = gateway.opened(gateway.shop.test)
        gateway.process(session, phone="0780000000")
    receipt = gateway.payment(session).transaction_id or ""
    kind, mode_word, mark, moment = receipt.split("-")
    assert (kind, mode_word, moment) == ("PAY", mode.upper(), "20261121143000")
    assert len(mark) == 8
    assert mark not in session


def test_an_expired_payment_is_over_without_any_sweep(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3599)
    assert gateway.verify(session).json["status"] == "pending"
    gateway.clock.move(1)
    told = gateway.verify(session).json
    assert (told["status"], told["completed"], told["success"]) == ("expired", True, False)
    assert told["redirect_url"].endswith("status=expired")


def test_a_payment_whose_prompt_is_out_does_not_expire_under_it(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying(session)
    gateway.clock.move(7200)
    assert gateway.verify(session).json["status"] == "pending"


def test_the_facts_are_merged_into_the_query_that_an_address_has(gateway: Gateway) -> None:
    address = "https://yoursite.example/back?cart=9&lang=fr&status=theirs#receipt"
    session = gateway.opened(tx_ref="COMMANDE é&1", redirect_url=address)
    gateway.pay(session, leave="1")
    parts = urlsplit(gateway.verify(session).json["redirect_url"])
    assert parts.fragment == "receipt"
    assert parse_qs(parts.query) == {
        "cart": ["9"],
        "lang": ["fr"],
        "reference": ["COMMANDE é&1"],
        "status": ["failed"],
    }


def test_without_an_address_the_customer_goes_back_to_our_page(gateway: Gateway) -> None:
    session = gateway.opened(redirect_url=None)
    gateway.pay(session, leave="1")
    assert (
        gateway.verify(session)
        .json["redirect_url"]
        .startswith(f"https://pay.example/checkout/{session}?reference=")
    )


def test_never_tells_who_pays(gateway: Gateway) -> None:
    pending, paid = gateway.opened(tx_ref="A"), paid_live(gateway)
    for pair in (None, gateway.shop.live):
        for session in (pending, paid):
            text = gateway.verify(session, pair).text
            assert not any(word in text for word in ("John", "Doe", "example.com", "788123456"))


# -------------------------------------------------------------------- who may ask for what
def test_a_merchant_asks_by_its_own_reference(gateway: Gateway) -> None:
    gateway.opened()
    other = gateway.enrol("Other")
    gateway.opened(other.live)
    gateway.clock.move(5)
    for pair in (gateway.shop.live, other.live):
        assert gateway.verify("ORDER-12345", pair).json["elapsed_seconds"] == 5


def test_a_public_key_alone_tells_whose_reference_it_is(gateway: Gateway) -> None:
    gateway.opened()
    gateway.opened(gateway.enrol("Other").live)
    headers = {"X-Public-Key": gateway.shop.live.public_key}
    assert gateway.verify("ORDER-12345", headers=headers).status == 200


def test_keys_of_either_mode_see_only_their_own_mode(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    assert is_not_found(gateway.verify("ORDER-12345", gateway.shop.live))
    assert is_not_found(gateway.verify(session, gateway.shop.live))
    assert gateway.verify(session, gateway.shop.test).status == 200


def test_a_strangers_reference_is_not_found(gateway: Gateway) -> None:
    session = gateway.opened()
    stranger = gateway.enrol("Stranger").live
    assert is_not_found(gateway.verify("ORDER-12345", stranger))
    assert is_not_found(gateway.verify(session, stranger))


def test_without_keys_a_reference_that_only_one_used_is_found(gateway: Gateway) -> None:
    gateway.opened()
    assert gateway.verify("ORDER-12345").json["status"] == "pending"


def test_without_keys_a_reference_that_two_used_is_nobodys(gateway: Gateway) -> None:
    gateway.opened()
    gateway.opened(gateway.enrol("Other").live)
    assert is_not_found(gateway.verify("ORDER-12345"))


def test_without_keys_a_reference_used_in_both_modes_is_nobodys(gateway: Gateway) -> None:
    gateway.opened(gateway.shop.test)
    gateway.opened(gateway.shop.live)
    assert is_not_found(gateway.verify("ORDER-12345"))


def test_keys_that_do_not_fit_are_refused_and_not_passed_over(gateway: Gateway) -> None:
    session = gateway.opened()
    shop, stranger = gateway.shop, gateway.enrol("Stranger")
    for headers in (
        {"X-Secret-Key": shop.live.secret_key},
        {"X-Public-Key": shop.live.public_key, "X-Secret-Key": stranger.live.secret_key},
        {"X-Public-Key": keys.mint(Mode.LIVE).public_key},
        {"X-Public-Key": "é"},
    ):
        answer = gateway.verify(session, headers=headers)
        assert (answer.status, answer.code) == (401, "AUTH_FAILED")


# -------------------------------------------------------------------- bad references
NO_REFERENCES = (
    *("NOBODY", "CHK-0000000000000000", "chk-0000000000000000", "CHK-", "%00", "A%00B", "%"),
    *("ORDER%2F12345", "..%2f..", "%2e%2e", "ORDER-12345%0A", "%C3%28", "%ff", "x" * 51),
    *("x" * 9000, "%20", "", "\ud800", "A\x00B", "%ED%A0%80", "☕" * 51),
)


def test_a_reference_that_is_none_is_not_found(gateway: Gateway) -> None:
    gateway.opened()
    for reference in NO_REFERENCES:
        assert is_not_found(gateway.verify(reference)), reference
        assert is_not_found(gateway.verify(reference, gateway.shop.live)), reference


def test_a_reference_arrives_decoded_or_as_it_was_sent(gateway: Gateway) -> None:
    gateway.opened(tx_ref="COMMANDE é+1")
    for sent in ("COMMANDE é+1", "COMMANDE%20%C3%A9%2B1", "COMMANDE%20%C3%A9+1"):
        assert gateway.verify(sent).status == 200, sent


# -------------------------------------------------------------------- cost, and browsers
def test_asking_by_session_costs_one_call_to_aws(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.verify(session)
    gateway.aws_calls.clear()
    gateway.verify(session)
    assert gateway.aws_calls == ["dynamodb.GetItem"]


def test_asking_with_keys_costs_two_calls_to_aws(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.verify(session, gateway.shop.live)
    for reference in (session, str(ORDER["tx_ref"])):
        gateway.aws_calls.clear()
        gateway.verify(reference, gateway.shop.live)
        assert gateway.aws_calls == ["dynamodb.UpdateItem", "dynamodb.GetItem"]


def test_a_page_of_another_origin_may_read_the_answer(gateway: Gateway) -> None:
    session = gateway.opened()
    for reference in (session, "NOBODY"):
        answer = gateway.verify(reference, headers={"Origin": "https://shop.example"})
        assert answer.headers["access-control-allow-origin"] == "*"

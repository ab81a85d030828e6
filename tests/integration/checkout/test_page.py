import re

import pytest

from payments.payment import MOST_TRIES
from tests.integration.gateway import MTN, Gateway
from tests.integration.rest_events import Answer

DECLINED = "0780000001"
"""Test mode's magic number."""
SCRIPT = "<script>alert(1)</script>"


def state(answer: Answer) -> str:
    """What the page says of itself."""
    found = re.search(r'data-state="(\w+)"', answer.text)
    assert found
    return found[1]


def reason(answer: Answer) -> str:
    """Why the page says that the last try came to nothing."""
    found = re.search(r'data-reason="(\w+)"', answer.text)
    assert found
    return found[1]


def declined(gateway: Gateway, session: str, times: int) -> None:
    """Let so many tries of a test payment fail."""
    for number in range(1, times + 1):
        gateway.clock.move(5)
        gateway.paying(session, DECLINED, number)


# -------------------------------------------------------------------- what it shows
def test_shows_who_is_paid_how_much_and_for_what(gateway: Gateway) -> None:
    answer = gateway.page(gateway.opened())
    assert (answer.status, state(answer)) == (200, "choose")
    for words in (
        "Ikawa House",
        "RWF\N{NO-BREAK SPACE}5,000",
        "Payment for Order #12345",
        f'value="{MTN}"',
    ):
        assert words in answer.text
    assert 'id="test"' not in answer.text
    assert 'id="magic"' not in answer.text


def test_says_that_no_money_moves_in_test_mode(gateway: Gateway) -> None:
    assert 'id="test"' in gateway.page(gateway.opened(gateway.shop.test)).text


def test_asks_to_look_at_the_phone_while_the_prompt_is_out(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying(session)
    answer = gateway.page(session)
    assert state(answer) == "check_phone"
    assert "0788 ••• 456" in answer.text
    assert MTN not in answer.text
    assert '<noscript><meta http-equiv="refresh"' in answer.text
    assert "<form" not in answer.text


def test_shows_the_receipt_and_the_way_back_when_paid(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    answer = gateway.page(session)
    assert state(answer) == "paid"
    assert str(gateway.payment(session).transaction_id) in answer.text
    assert "https://yoursite.example/payment-callback?reference=ORDER-12345&amp;status=success" in (
        answer.text
    )


def test_has_no_way_back_where_the_shop_named_none(gateway: Gateway) -> None:
    session = gateway.opened(redirect_url=None)
    gateway.pay(session, leave="1")
    answer = gateway.page(session)
    assert state(answer) == "failed"
    assert 'id="back"' not in answer.text


def test_says_that_it_expired(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3600)
    assert state(gateway.page(session)) == "expired"


def test_leads_on_to_the_providers_card_page(gateway: Gateway) -> None:
    session = gateway.opened()
    assert gateway.pay(session, attempt="1", method="card").status == 303
    answer = gateway.page(session)
    assert state(answer) == "go_to_provider"
    tid = gateway.till.charges.made[0].tid
    assert f'href="https://kpay.example/checkout/{tid}"' in answer.text


def test_offers_only_what_the_merchants_providers_take(gateway: Gateway) -> None:
    shop = gateway.enrol("Wallets only", routes={"mobile_money": ("kpay",)})
    text = gateway.page(gateway.opened(shop.live)).text
    assert 'value="mobile_money"' in text
    assert 'value="card"' not in text


def test_a_page_of_nothing_is_a_page_all_the_same(gateway: Gateway) -> None:
    for session in ("CHK-0000000000000000", "", "%00", "..%2f", "x" * 9000, "\ud800", SCRIPT):
        for answer in (gateway.page(session), gateway.pay(session, attempt="1", phone=MTN)):
            assert answer.status == 404, session
            assert "We know no such payment" in answer.text
            assert SCRIPT not in answer.text
            assert_guarded(answer)


# -------------------------------------------------------------------- guarded
def assert_guarded(answer: Answer) -> None:
    headers = answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    nonce = re.search(r"style-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert f"script-src 'nonce-{nonce[1]}'; " in policy
    for element in ("style", "script"):
        opened = re.findall(rf"<{element}\b[^>\[]*>", answer.text)
        assert opened == [f'<{element} nonce="{nonce[1]}">']
    assert " style=" not in answer.text
    assert not re.search(r"\son\w+=", answer.text)


def test_every_page_is_guarded(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    assert_guarded(gateway.page(session))
    assert_guarded(gateway.pay(session, attempt="1", phone="0771234567"))
    gateway.pay(session, attempt="1", method="card")
    assert_guarded(gateway.page(session))
    assert_guarded(gateway.test_card_page(str(gateway.attempt(session).next_url)))


def test_a_nonce_is_used_once(gateway: Gateway) -> None:
    session = gateway.opened()
    policies = {gateway.page(session).headers["content-security-policy"] for _ in range(3)}
    assert len(policies) == 3


def test_what_others_wrote_is_text_and_never_markup(gateway: Gateway) -> None:
    shop = gateway.enrol(f'Ikawa {SCRIPT}"&')
    session = gateway.opened(
        shop.live,
        description=f"Coffee {SCRIPT}",
        redirect_url='https://yoursite.example/"><script>alert(1)</script>',
    )
    pages = [gateway.page(session), gateway.pay(session, attempt="1", phone=f'"><b>{SCRIPT}')]
    gateway.pay(session, leave="1")
    pages.append(gateway.page(session))
    for answer in pages:
        assert answer.text.count("<script") == answer.text.count("<script nonce=") == 1
        assert "<b>" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_a_providers_address_is_never_a_script(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying_with_reply(session, {"reply": "PENDING", "url": "javascript:alert(1)"})
    assert "javascript:" not in gateway.page(session).text


# -------------------------------------------------------------------- paying
def test_the_form_charges_and_comes_back_to_the_page(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = gateway.pay(session, attempt="1", method="mobile_money", phone="738123456")
    assert answer.status == 303
    assert answer.headers["location"] == f"https://pay.example/checkout/{session}"
    assert answer.headers["cache-control"] == "no-store"
    (charge,) = gateway.till.charges.made
    assert charge.msisdn == "250738123456"
    assert gateway.attempt(session).decline_is_final is False


def test_a_form_that_came_as_base64(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay_raw(session, f"try=1&phone={MTN}".encode())
    assert len(gateway.till.charges.made) == 1


def test_the_payer_may_say_which_network_a_ported_number_is_with(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, attempt="1", phone=MTN, network="Airtel")
    assert gateway.attempt(session).network == "Airtel"


def test_a_form_posted_again_charges_nothing_more(gateway: Gateway) -> None:
    session = gateway.opened()
    for _ in range(3):
        assert gateway.pay(session, attempt="1", phone=MTN).status == 303
    assert gateway.till.charges.asked == {f"{session[4:]}01": 1}


def test_an_old_form_charges_nothing_after_a_decline(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    declined(gateway, session, 1)
    gateway.pay(session, attempt="1", phone="0780000000")
    assert len(gateway.payment(session).attempts) == 1


def test_a_number_that_is_not_the_next_charges_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    for number in ("", "0", "2", "01", "-1", "x", "\u0661", "1.0"):
        assert gateway.pay(session, attempt=number, phone=MTN).status == 303
        assert gateway.payment(session).attempts == (), number


def test_a_form_without_a_number_charges_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, phone=MTN)
    assert gateway.payment(session).attempts == ()


def test_two_clicks_at_once_make_one_charge(gateway: Gateway) -> None:
    gateway.paying(gateway.opened(tx_ref="warm"))
    session = gateway.opened()
    answers = gateway.race(lambda: gateway.pay(session, attempt="1", phone=MTN))
    assert [answer.status for answer in answers] == [303, 303]
    assert gateway.till.charges.asked[f"{session[4:]}01"] == 1
    assert len(gateway.payment(session).attempts) == 1
    assert len(gateway.till.charges.made) == 2


def test_a_number_without_a_wallet_is_shown_with_its_reason(gateway: Gateway) -> None:
    session = gateway.opened()
    for phone in ("0771234567", "12", "", "phone", "x" * 5000):
        answer = gateway.pay(session, attempt="1", phone=phone)
        assert answer.status == 422, phone
        assert 'role="alert"' in answer.text
        assert "Use an MTN number" in answer.text
        assert "x" * 31 not in answer.text
    assert gateway.payment(session).attempts == ()
    assert gateway.pay(session, attempt="1", phone=MTN).status == 303


@pytest.mark.parametrize("body", [b"try=1&phone=%ff\xff", "a=1&" * 50, "x" * 200_000])
def test_a_form_that_cannot_be_read_charges_nothing(gateway: Gateway, body: str | bytes) -> None:
    session = gateway.opened()
    answer = gateway.pay_raw(session, body)
    assert answer.status == 422
    assert "could not be read" in answer.text
    assert gateway.payment(session).attempts == ()


@pytest.mark.parametrize("method", ["cash", "card", "CARD"])
def test_a_method_that_nobody_takes_is_said_to_be_so(gateway: Gateway, method: str) -> None:
    shop = gateway.enrol("Wallets only", routes={"mobile_money": ("kpay",)})
    session = gateway.opened(shop.live)
    answer = gateway.pay(session, attempt="1", method=method, phone=MTN)
    assert answer.status == 422
    assert "not available" in answer.text


def test_a_refusal_of_the_providers_is_explained_and_leaves_room(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, attempt="1", phone="0788000011")
    answer = gateway.page(session)
    assert state(answer) == "declined"
    assert reason(answer) in {"unreachable", "not_enabled"}
    assert gateway.till.charges.made == []


# -------------------------------------------------------------------- again, or not
def test_a_decline_leaves_room_for_another_number(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    declined(gateway, session, 1)
    answer = gateway.page(session)
    assert (state(answer), reason(answer)) == ("declined", "declined")
    assert 'data-tries-left="4"' in answer.text
    assert 'name="try" value="2"' in answer.text
    assert gateway.verify(session).json["status"] == "pending"
    gateway.clock.move(5)
    gateway.paying(session, "0780000000", 2)
    assert state(gateway.page(session)) == "paid"


def test_the_fifth_decline_is_the_end(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    declined(gateway, session, MOST_TRIES - 1)
    answer = gateway.page(session)
    assert state(answer) == "declined"
    assert 'data-tries-left="1"' in answer.text
    gateway.clock.move(5)
    gateway.paying(session, DECLINED, MOST_TRIES)
    assert state(gateway.page(session)) == "failed"
    assert gateway.verify(session).json["status"] == "failed"
    gateway.pay(session, attempt="6", phone="0780000000")
    assert len(gateway.payment(session).attempts) == MOST_TRIES


def test_going_back_to_the_shop_ends_the_payment(gateway: Gateway) -> None:
    session = gateway.opened()
    assert gateway.pay(session, leave="1").status == 303
    assert state(gateway.page(session)) == "failed"
    gateway.pay(session, attempt="1", phone=MTN)
    assert gateway.till.charges.made == []


def test_going_back_while_money_may_move_ends_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying(session)
    gateway.pay(session, leave="1")
    assert gateway.verify(session).json["status"] == "pending"


def test_an_expired_payment_charges_nothing(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.clock.move(3600)
    gateway.pay(session, attempt="1", phone=MTN)
    assert gateway.till.charges.made == []


# -------------------------------------------------------------------- test cards
def chooser(gateway: Gateway) -> tuple[str, str]:
    """A test payment whose card is to be chosen, and where."""
    session = gateway.opened(gateway.shop.test)
    gateway.pay(session, attempt="1", method="card")
    return session, str(gateway.attempt(session).next_url)


def test_a_test_card_is_chosen_and_never_typed(gateway: Gateway) -> None:
    _, address = chooser(gateway)
    answer = gateway.test_card_page(address)
    assert answer.status == 200
    assert "4111 1111 1111 1111: pays" in answer.text
    assert "4000 0000 0000 9995: insufficient funds" in answer.text
    assert "<input" not in answer.text


@pytest.mark.parametrize(
    ("card", "shown"),
    [
        ("4111111111111111", "paid"),
        ("4000000000000002", "declined"),
        ("4000000000009995", "declined"),
    ],
)
def test_each_test_card_ends_as_documented(gateway: Gateway, card: str, shown: str) -> None:
    session, address = chooser(gateway)
    answer = gateway.test_card_page(address, "POST", card=card)
    assert answer.status == 303
    assert answer.headers["location"] == f"https://pay.example/checkout/{session}"
    assert state(gateway.page(session)) == shown


def test_a_chosen_test_card_is_not_chosen_anew(gateway: Gateway) -> None:
    session, address = chooser(gateway)
    gateway.test_card_page(address, "POST", card="4000000000000002")
    gateway.clock.move(5)
    gateway.test_card_page(address, "POST", card="4111111111111111")
    assert gateway.attempt(session).status == "declined"


@pytest.mark.parametrize("card", ["4242424242424242", "", "4111 1111 1111 1111"])
def test_a_card_that_is_not_on_the_list_is_not_taken(gateway: Gateway, card: str) -> None:
    session, address = chooser(gateway)
    assert gateway.test_card_page(address, "POST", card=card).status == 200
    assert gateway.attempt(session).test_card is None


def test_the_test_cards_open_with_their_token_alone(gateway: Gateway) -> None:
    session, address = chooser(gateway)
    for wrong in (
        address[:-1],
        f"{address}x",
        address.replace(session[4:], "0" * 16),
        f"{address}é",
    ):
        for method in ("GET", "POST"):
            answer = gateway.test_card_page(wrong, method, card="4111111111111111")
            assert answer.status == 404
    assert gateway.attempt(session).is_live


def test_a_live_payment_has_no_test_cards(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.pay(session, attempt="1", method="card")
    address = gateway.till.charges.made[0].returl.replace("/webhooks/kpay/", "/test-cards/")
    assert gateway.test_card_page(address).status == 404
    assert gateway.test_card_page(address, "POST", card="4111111111111111").status == 404

import re
from dataclasses import replace
from typing import Any

import pytest

from payments.link import tx_ref_of
from payments.status import Status
from tests.examples import LINK
from tests.integration.gateway import Gateway
from tests.integration.links.sharing import (
    DONATION,
    FEE,
    INVOICE,
    PAYER,
    deactivate,
    made,
    pay,
    payments,
    send,
    send_raw,
    session_of,
    show,
    token,
    visit,
)
from tests.integration.races import at_once
from tests.integration.rest_events import Answer

SCRIPT = "<script>alert(1)</script>"
ONCE = "A" * 22


def reference_of(link_id: str, once: str) -> str:
    """What a form's payment is called."""
    return tx_ref_of(replace(LINK, link_id=link_id), once)


def state(answer: Answer) -> str:
    """Why a page says that its link takes no payment."""
    found = re.search(r'data-state="(\w+)"', answer.text)
    assert found, answer.text
    return found[1]


def error_of(answer: Answer, field: str) -> str:
    """What stands beside a field."""
    found = re.search(rf'id="{field}-error" data-fault="\w+">([^<]+)<', answer.text)
    assert found, answer.text
    assert f'aria-describedby="{field}-error"' in answer.text
    return found[1]


def fault(answer: Answer) -> str:
    """What is wrong with the form as a whole."""
    found = re.search(r'id="error" data-fault="(\w+)"', answer.text)
    assert found, answer.text
    return found[1]


def assert_guarded(answer: Answer) -> None:
    headers = answer.headers
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["cache-control"] == "no-store"
    assert headers["x-frame-options"] == "DENY"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    nonce = re.search(r"script-src 'nonce-([\w-]{20,})'", policy)
    assert nonce
    assert answer.text.count("<script") == answer.text.count(f'<script nonce="{nonce[1]}">') == 1
    assert not re.search(r"\son\w+=", answer.text)


# -------------------------------------------------------------------- what it shows
def test_shows_who_is_paid_how_much_and_for_what(gateway: Gateway) -> None:
    link = made(gateway, description="School fee, June")
    answer = visit(link["slug"])
    assert answer.status == 200
    for words in ("Monthly fee", "Ikawa House", "School fee, June", "RWF\N{NO-BREAK SPACE}10,000"):
        assert words in answer.text
    assert 'name="amount"' not in answer.text
    assert 'id="test"' not in answer.text
    assert_guarded(answer)


def test_asks_how_much_where_the_link_leaves_it_open(gateway: Gateway) -> None:
    text = visit(made(gateway, DONATION, currency="USD")["slug"]).text
    assert 'name="amount"' in text
    assert "Amount in USD" in text


def test_says_that_no_money_moves_in_test_mode(gateway: Gateway) -> None:
    assert 'id="test"' in visit(made(gateway, pair=gateway.shop.test)["slug"]).text


def test_every_form_has_a_token_of_its_own(gateway: Gateway) -> None:
    slug = made(gateway)["slug"]
    tokens = {token(visit(slug)) for _ in range(5)}
    assert len(tokens) == 5
    assert all(len(once) == 22 for once in tokens)


@pytest.mark.parametrize(
    "slug", ["nobodys", "", "ab", "%00", "..%2f", "x" * 900, SCRIPT, "Fee", "é"]
)
def test_a_page_of_nothing_is_a_page_all_the_same(gateway: Gateway, slug: str) -> None:
    assert gateway.items() == []
    for answer in (visit(slug), send(slug, once=ONCE, **PAYER)):
        assert answer.status == 404
        assert "We know no such payment link" in answer.text
        assert_guarded(answer)


def test_what_others_wrote_is_text_and_never_markup(gateway: Gateway) -> None:
    shop = gateway.enrol(f"Ikawa {SCRIPT}")
    link = made(gateway, name=f"Fee {SCRIPT}", description=f'"><b>{SCRIPT}', pair=shop.live)
    bad = dict.fromkeys(("name", "email", "phone", "amount", "once"), f'"><b>{SCRIPT}')
    pages = [visit(link["slug"]), send(link["slug"], **bad)]
    deactivate(gateway, link["link_id"], shop.live)
    pages.append(visit(link["slug"]))
    for answer in pages:
        assert "&lt;script&gt;" in answer.text
        assert "<b>" not in answer.text
        assert_guarded(answer)


# -------------------------------------------------------------------- paying
def test_the_form_opens_a_payment_that_knows_its_link(gateway: Gateway) -> None:
    link = made(
        gateway, description="School fee, June", redirect_url="https://school.example/thanks"
    )
    payment = gateway.payment(session_of(pay(link["slug"])))
    assert payment.link_id == link["link_id"]
    assert re.fullmatch(r"LNK-[0-9A-Z]{24}", payment.tx_ref)
    assert str(payment.money) == "10,000 RWF"
    assert payment.description == "School fee, June"
    assert payment.redirect_url == "https://school.example/thanks"
    assert payment.mode == "live"
    assert payment.merchant_id == gateway.shop.merchant.merchant_id
    assert (payment.customer.name, payment.customer.email) == ("Uwase Aline", "aline@example.rw")
    assert payment.customer.phone == "0788123456"


def test_the_payment_is_paid_as_any_other(gateway: Gateway) -> None:
    session = session_of(pay(made(gateway)["slug"]))
    assert "RWF\N{NO-BREAK SPACE}10,000" in gateway.page(session).text
    assert "Monthly fee" in gateway.page(session).text
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    payment = gateway.payment(session)
    assert payment.status is Status.SUCCESSFUL
    assert payment.link_id


def test_the_merchant_finds_it_by_its_reference(gateway: Gateway) -> None:
    payment = gateway.payment(session_of(pay(made(gateway)["slug"])))
    assert gateway.verify(payment.tx_ref, gateway.shop.live).json["status"] == "pending"


def test_a_test_link_makes_test_payments(gateway: Gateway) -> None:
    link = made(gateway, pair=gateway.shop.test)
    assert gateway.payment(session_of(pay(link["slug"]))).mode == "test"


@pytest.mark.parametrize(
    ("typed", "currency", "sum_of_money"),
    [
        *((text, "RWF", "12,500 RWF") for text in ("12500", " 12500 ", "12,500", "12 500")),
        *((text, "RWF", "1,000,000 RWF") for text in ("1,000,000", "1000000.0")),
        ("100", "RWF", "100 RWF"),
        ("12.50", "USD", "12.50 USD"),
        ("0.06", "USD", "0.06 USD"),
    ],
)
def test_the_payer_says_how_much(
    gateway: Gateway, typed: str, currency: str, sum_of_money: str
) -> None:
    link = made(gateway, DONATION, currency=currency)
    payment = gateway.payment(session_of(pay(link["slug"], amount=typed)))
    assert str(payment.money) == sum_of_money


# -------------------------------------------------------------------- bad input
@pytest.mark.parametrize(
    ("field", "typed"),
    [
        *(("amount", v) for v in ("0", "99", "1000001", "-5", "10.5", "ten", "1e5")),
        *(("amount", v) for v in ("", " ", "12,50", "1,00,000", "NaN", "9" * 300)),
        ("amount", "\u0661\u0660\u0660"),
        *(("name", v) for v in ("", " ", "x" * 101, "a\x00b")),
        *(("email", v) for v in ("", "aline", "aline@", "a b@c.rw", f"{'x' * 250}@a.rw")),
        *(("phone", v) for v in ("", "0771234567", "12345", "abc", "+1 202 555 0100")),
    ],
)
def test_says_beside_the_field_what_is_wrong_and_keeps_the_rest(
    gateway: Gateway, field: str, typed: str
) -> None:
    slug = made(gateway, DONATION)["slug"]
    filled = {"once": token(visit(slug)), **PAYER, "amount": "12500", field: typed}
    answer = send(slug, **filled)
    assert answer.status == 422
    assert error_of(answer, field)
    assert answer.text.count('role="alert"') == 1
    for name, value in filled.items():
        if name != field:
            assert f'value="{value}"' in answer.text
    assert_guarded(answer)
    assert payments(gateway) == []
    # The form is the same, and opens its payment once it is filled in well.
    assert session_of(send(slug, **{**filled, **PAYER, "amount": "12500"}))


def test_a_sum_that_the_link_names_cannot_be_changed(gateway: Gateway) -> None:
    payment = gateway.payment(session_of(pay(made(gateway)["slug"], amount="100")))
    assert str(payment.money) == "10,000 RWF"


@pytest.mark.parametrize("body", ["", b"\xff", "x" * 70_000, "&".join(["a=b"] * 30)])
def test_a_form_that_cannot_be_read_is_shown_again(gateway: Gateway, body: str | bytes) -> None:
    answer = send_raw(made(gateway)["slug"], body)
    assert answer.status == 422
    assert fault(answer) == "form_unreadable"
    assert_guarded(answer)


@pytest.mark.parametrize("once", ["", "x", "A" * 21, "A" * 23, f"{'A' * 21}é", f"{'A' * 21}\n"])
def test_a_form_without_its_token_is_shown_again_with_a_new_one(
    gateway: Gateway, once: str
) -> None:
    slug = made(gateway)["slug"]
    answer = send(slug, once=once, **PAYER)
    assert answer.status == 422
    assert payments(gateway) == []
    assert session_of(send(slug, once=token(answer), **PAYER))


# -------------------------------------------------------------------- repeats
@pytest.mark.parametrize("asked", [FEE, INVOICE])
def test_a_form_sent_again_leads_to_the_same_payment(
    gateway: Gateway, asked: dict[str, Any]
) -> None:
    link = made(gateway, asked)
    form = {"once": token(visit(link["slug"])), **PAYER}
    sessions = {session_of(send(link["slug"], **form)) for _ in range(3)}
    sessions.add(session_of(send(link["slug"], **{**form, "name": "Mutesi"})))
    assert len(sessions) == 1
    assert len(payments(gateway)) == 1
    deactivate(gateway, link["link_id"])
    assert session_of(send(link["slug"], **form)) in sessions


@pytest.mark.parametrize("asked", [FEE, INVOICE])
def test_a_form_sent_many_times_at_once_opens_one_payment(
    gateway: Gateway, asked: dict[str, Any]
) -> None:
    link = made(gateway, asked)
    form = {"once": token(visit(link["slug"])), **PAYER}
    writing = "dynamodb.PutItem" if asked is FEE else "dynamodb.TransactWriteItems"
    answers = at_once(10, writing, lambda _: send(link["slug"], **form))
    assert len({session_of(answer) for answer in answers}) == 1
    assert len(payments(gateway)) == 1


def test_two_forms_are_two_payments(gateway: Gateway) -> None:
    slug = made(gateway)["slug"]
    assert session_of(pay(slug)) != session_of(pay(slug))


def test_a_form_sent_again_with_another_sum_asks_which_is_meant(gateway: Gateway) -> None:
    slug = made(gateway, DONATION)["slug"]
    form = {"once": token(visit(slug)), **PAYER}
    session = session_of(send(slug, **form, amount="5000"))
    answer = send(slug, **form, amount="6000")
    assert answer.status == 422
    assert fault(answer) == "begun"
    assert "RWF\N{NO-BREAK SPACE}5,000" in answer.text
    assert f'href="https://pay.example/checkout/{session}"' in answer.text
    assert len(payments(gateway)) == 1
    another = session_of(send(slug, once=token(answer), **PAYER, amount="6000"))
    assert str(gateway.payment(another).money) == "6,000 RWF"


def test_a_reference_that_the_merchant_used_is_not_taken_for_the_forms(gateway: Gateway) -> None:
    link = made(gateway)
    once = token(visit(link["slug"]))
    gateway.opened(tx_ref=reference_of(link["link_id"], once))
    answer = send(link["slug"], once=once, **PAYER)
    assert answer.status == 422
    assert fault(answer) == "outdated"
    assert session_of(send(link["slug"], once=token(answer), **PAYER))


# -------------------------------------------------------------------- closed
def closed_links(gateway: Gateway) -> dict[str, dict[str, Any]]:
    """A link closed for each reason."""
    links = {
        "deactivated": made(gateway),
        "expired": made(gateway, expires_at="2026-11-21T14:30:01Z"),
        "used_up": made(gateway, INVOICE),
        "in_use": made(gateway, INVOICE),
    }
    deactivate(gateway, links["deactivated"]["link_id"])
    session = session_of(pay(links["used_up"]["slug"]))
    gateway.approve(gateway.paying(session))
    gateway.till.tick()
    gateway.clock.move(1)
    pay(links["in_use"]["slug"])
    return links


def test_a_closed_link_says_why_and_opens_nothing(gateway: Gateway) -> None:
    links = closed_links(gateway)
    before = len(payments(gateway))
    for why, link in links.items():
        for answer in (
            visit(link["slug"]),
            send(link["slug"], once=ONCE, **PAYER),
        ):
            assert answer.status == (409 if why == "in_use" else 410)
            assert state(answer) == why
            assert "Nothing was charged" in answer.text
            assert "<form" not in answer.text
            assert_guarded(answer)
    assert len(payments(gateway)) == before


def test_a_bad_form_of_a_closed_link_is_not_asked_for_again(gateway: Gateway) -> None:
    links = closed_links(gateway)
    for why in ("deactivated", "expired"):
        assert state(send(links[why]["slug"], once=ONCE)) == why


# -------------------------------------------------------------------- uses
@pytest.mark.parametrize(("asked", "most"), [(INVOICE, 1), ({**FEE, "max_uses": 3}, 3)])
def test_of_many_at_once_no_more_pay_than_may(
    gateway: Gateway, asked: dict[str, Any], most: int
) -> None:
    link = made(gateway, asked)
    forms = [{"once": token(visit(link["slug"])), **PAYER} for _ in range(20)]
    answers = at_once(20, "dynamodb.TransactWriteItems", lambda n: send(link["slug"], **forms[n]))
    assert sorted(answer.status for answer in answers) == [303] * most + [409] * (20 - most)
    assert len(payments(gateway)) == most
    assert show(gateway, link["link_id"]).json["data"]["uses"] == most


def test_of_many_who_find_a_use_given_back_one_takes_it(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    gateway.pay(session_of(pay(link["slug"])), leave="1")
    forms = [{"once": token(visit(link["slug"])), **PAYER} for _ in range(10)]
    # The visits gave it back already: take it, and give it back once more, unseen.
    gateway.pay(session_of(send(link["slug"], **forms[0])), leave="1")
    answers = at_once(
        9, "dynamodb.TransactWriteItems", lambda n: send(link["slug"], **forms[n + 1])
    )
    assert sorted(answer.status for answer in answers) == [303] + [409] * 8
    assert show(gateway, link["link_id"]).json["data"]["uses"] == 1


def test_whoever_leaves_makes_room_for_the_next(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    gateway.pay(session_of(pay(link["slug"])), leave="1")
    answer = visit(link["slug"])
    assert (answer.status, "<form" in answer.text) == (200, True)
    assert session_of(send(link["slug"], once=token(answer), **PAYER))


def test_an_abandoned_payment_makes_room_when_it_expires(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    form = {"once": token(visit(link["slug"])), **PAYER}
    pay(link["slug"])
    gateway.clock.move(3599)
    assert state(send(link["slug"], **form)) == "in_use"
    gateway.clock.move(1)
    assert session_of(send(link["slug"], **form))


# -------------------------------------------------------------------- what it costs
def test_a_page_costs_two_reads(gateway: Gateway) -> None:
    slug = made(gateway)["slug"]
    visit(slug)
    gateway.aws_calls.clear()
    visit(slug)
    assert gateway.aws_calls == ["dynamodb.GetItem"] * 2


@pytest.mark.parametrize(
    ("asked", "write"), [(FEE, "dynamodb.PutItem"), (INVOICE, "dynamodb.TransactWriteItems")]
)
def test_a_payment_costs_one_write_beside_the_reads(
    gateway: Gateway, asked: dict[str, Any], write: str
) -> None:
    slug = made(gateway, asked)["slug"]
    once = token(visit(slug))
    gateway.aws_calls.clear()
    send(slug, once=once, **PAYER)
    assert gateway.aws_calls == [*["dynamodb.GetItem"] * 2, write]


def test_a_form_sent_again_costs_no_look_at_other_payments(gateway: Gateway) -> None:
    slug = made(gateway, INVOICE)["slug"]
    form = {"once": token(visit(slug)), **PAYER}
    send(slug, **form)
    gateway.aws_calls.clear()
    send(slug, **form)
    assert gateway.aws_calls == [*["dynamodb.GetItem"] * 2, "dynamodb.TransactWriteItems"]


def test_when_our_side_fails_the_payer_reads_so_on_a_page(
    gateway: Gateway,
) -> None:
    slug = made(gateway)["slug"]
    gateway.dynamodb.delete_table(TableName="Merchants")
    for answer in (visit(slug), send(slug, once=ONCE, **PAYER)):
        assert answer.status == 500
        assert "Something went wrong on our side" in answer.text

import re
from datetime import UTC, datetime

import pytest

from announcements.receipt import is_one_address, receipt_of
from payments.money import Money
from payments.status import Status
from tests.examples import payment

PAID = payment(
    status=Status.SUCCESSFUL,
    description="School fees",
    transaction_id="KPAY-MM-1A2B3C4D-20261121",
    paid_at=datetime(2026, 11, 21, 22, 30, tzinfo=UTC),
)
HOSTILE = "<a href='https://evil.example'>\"Shop\"</a> & Sons"


def told_in_both(text: str) -> bool:
    """Whether both parts of the mail say so."""
    receipt = receipt_of(PAID, "Ikawa House")
    return text in receipt.text and text in receipt.html


def test_the_whole_text() -> None:
    typewritten = str.maketrans(
        "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}", "  '"
    )
    assert receipt_of(PAID, "Ikawa House").text.translate(typewritten) == (
        "Murakoze. Wishyuye RWF 5.000 kuri Ikawa House: 2026 Ugushyingo 22 00:30"
        " (isaha y'i Kigali).\n"
        "Thank you. You paid RWF 5,000 to Ikawa House: November 22, 2026, 12:30 AM"
        " (Kigali time).\n"
        "Merci. Vous avez payé 5 000 RWF à Ikawa House : 22 novembre 2026, 00:30"
        " (heure de Kigali).\n"
        "\n"
        "Impamvu / For / Pour: School fees\n"
        "Nomero y'igikorwa / Transaction: KPAY-MM-1A2B3C4D-20261121\n"
        "Nomero y'umucuruzi / The shop's reference / Référence du commerçant: ORDER-1\n"
    )


@pytest.mark.parametrize(
    "fact",
    [
        "Ikawa House",
        "School fees",
        "KPAY-MM-1A2B3C4D-20261121",
        "ORDER-1",
        "RWF\N{NO-BREAK SPACE}5,000",
    ],
)
def test_both_parts_say_the_same(fact: str) -> None:
    assert told_in_both(fact)


def test_each_language_is_marked_as_such() -> None:
    found = re.findall(r'<p lang="(\w+)">(\w+)', receipt_of(PAID, "Ikawa House").html)
    assert found == [("rw", "Murakoze"), ("en", "Thank"), ("fr", "Merci")]


def test_the_subject_says_how_much_and_to_whom() -> None:
    assert receipt_of(PAID, "Ikawa House").subject == (
        "Inyemezabwishyu / Receipt / Reçu: RWF\N{NO-BREAK SPACE}5,000, Ikawa House"
    )


def test_cents_are_told() -> None:
    dollars = receipt_of(payment(money=Money(1250, "USD"), paid_at=PAID.paid_at), "Ikawa House")
    assert "USD\N{NO-BREAK SPACE}12.50" in dollars.text


def test_what_is_not_known_is_left_out() -> None:
    bare = receipt_of(payment(paid_at=PAID.paid_at), "Ikawa House")
    assert "None" not in bare.text + bare.html + bare.subject
    assert "For" not in bare.text


@pytest.mark.parametrize("field", ["shop", "description", "tx_ref", "transaction_id"])
def test_nobodys_words_are_html(field: str) -> None:
    hostile = payment(paid_at=PAID.paid_at, **({} if field == "shop" else {field: HOSTILE}))
    html = receipt_of(hostile, HOSTILE if field == "shop" else "Ikawa House").html
    assert "&lt;a href=&#39;https://evil.example&#39;&gt;" in html
    assert "&amp; Sons" in html
    assert not re.search(
        r"<a\b|href=|src=|<img|<script|<style|url\(", html.replace("&lt;a href=", "")
    )


@pytest.mark.parametrize(
    "steering", ["\r\n", "\n", "\0", "\x1b", "\x7f", "\x85", "\u2028", "\u2029", "\u202e", "\u2066"]
)
def test_nobodys_words_steer_the_mail_or_the_screen(steering: str) -> None:
    words = f"Ikawa{steering}Bcc: evil@example.com"
    hostile = payment(description=words, tx_ref=words, paid_at=PAID.paid_at)
    receipt = receipt_of(hostile, words)
    quiet = receipt_of(payment(description="x", tx_ref="y", paid_at=PAID.paid_at), "z")
    assert receipt.subject.endswith("Ikawa Bcc: evil@example.com")
    assert len(receipt.text.splitlines()) == len(quiet.text.splitlines())
    if steering not in "\r\n":
        assert steering not in receipt.text + receipt.html


def test_the_payer_says_nothing_in_it() -> None:
    receipt = receipt_of(PAID, "Ikawa House")
    whole = receipt.subject + receipt.text + receipt.html
    assert not any(
        word in whole for word in (PAID.customer.name, PAID.customer.email, PAID.customer.phone)
    )


@pytest.mark.parametrize("address", ["john@example.com", "j.o+h_n'1@mail.example.co.rw"])
def test_an_ordinary_address_is_one_mailbox(address: str) -> None:
    assert is_one_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "john@example.com\n",
        "john@example.com\r\nBcc: evil@example.com",
        "john@example.com, evil@example.com",
        "john,evil@example.com",
        "John <john@example.com>",
        "john@localhost",
        "john@exámple.com",
        "jöhn@example.com",
        "@example.com",
        "",
    ],
)
def test_anything_else_is_not(address: str) -> None:
    assert not is_one_address(address)

import re

import pytest
import segno

from tests.integration.gateway import Gateway
from tests.integration.links.sharing import (
    DONATION,
    INVOICE,
    deactivate,
    made,
    pay,
    poster,
    session_of,
    visit,
)
from tests.integration.rest_events import Answer

SCRIPT = "<script>alert(1)</script>"


def drawn(answer: Answer) -> str:
    """The picture on a poster."""
    (picture,) = re.findall(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert isinstance(picture, str)
    return picture


def assert_guarded(answer: Answer) -> None:
    """Nothing runs on it but the one script that bears the answer's nonce."""
    policy = answer.headers["content-security-policy"]
    (nonce,) = re.findall(r"script-src 'nonce-([\w-]{22})'", policy)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    scripts = re.findall(r"<script[^>]*>", answer.text)
    assert set(scripts) <= {f'<script nonce="{nonce}">'}
    assert not re.search(r"\s(on\w+|style)=", answer.text)


def test_shows_whom_to_pay_how_much_and_for_what(gateway: Gateway) -> None:
    link = made(gateway)
    answer = poster(link["slug"])
    assert answer.status == 200
    for words in ("Ikawa House", "Monthly fee", "RWF\N{NO-BREAK SPACE}10,000"):
        assert words in answer.text
    assert f'id="address">{link["url"]}<' in answer.text
    assert_guarded(answer)


def test_the_code_is_that_of_the_links_address(gateway: Gateway) -> None:
    link = made(gateway)
    code = segno.make_qr(link["url"], error="q")
    assert drawn(poster(link["slug"])) == code.svg_inline(omitsize=True, light="#fff")


def test_the_code_grows_with_the_paper(gateway: Gateway) -> None:
    picture = drawn(poster(made(gateway)["slug"]))
    assert "viewBox=" in picture
    assert not re.search(r"<svg[^>]*\s(width|height)=", picture)


@pytest.mark.parametrize("language", ["rw", "en", "fr"])
def test_says_how_to_pay_in_three_languages_whoever_prints_it(
    gateway: Gateway, language: str
) -> None:
    answer = poster(made(gateway)["slug"], language)
    assert answer.headers["content-language"] == language
    scans = re.findall(r'class="scan" lang="(\w+)">([^<]+)<', answer.text)
    assert dict(scans) == {
        "rw": "Sikana wishyure",
        "en": "Scan to pay",
        "fr": "Scannez pour payer",
    }


def test_says_in_three_languages_that_the_payer_chooses_the_sum(gateway: Gateway) -> None:
    text = poster(made(gateway, DONATION)["slug"]).text
    for words in ("Any amount", "Montant libre", "Amafaranga ushatse"):
        assert words in text
    assert "RWF" not in text


def test_says_until_when_it_can_be_paid(gateway: Gateway) -> None:
    link = made(gateway, expires_at="2026-12-24T16:00:00Z")
    assert "24 décembre 2026, 18:00" in poster(link["slug"], "fr").text


def test_a_test_links_poster_says_that_no_money_moves(gateway: Gateway) -> None:
    assert 'class="test"' in poster(made(gateway, pair=gateway.shop.test)["slug"]).text
    assert 'class="test"' not in poster(made(gateway)["slug"]).text


def test_the_button_is_there_only_where_it_works(gateway: Gateway) -> None:
    text = poster(made(gateway)["slug"]).text
    (button,) = re.findall(r"<button[^>]*>", text)
    assert " hidden" in button
    assert "window.print()" in text


def test_what_others_wrote_is_text_and_never_markup(gateway: Gateway) -> None:
    shop = gateway.enrol(f"Ikawa {SCRIPT}")
    link = made(gateway, name=f'"><b>{SCRIPT}', pair=shop.live)
    answer = poster(link["slug"])
    assert answer.text.count("&lt;script&gt;alert(1)") >= 2
    assert SCRIPT not in answer.text
    assert "<b>" not in answer.text
    assert_guarded(answer)


@pytest.mark.parametrize("slug", ["nobodys", "", "ab", "%00", "..%2f", SCRIPT, "Fee"])
def test_there_is_no_poster_of_nothing(gateway: Gateway, slug: str) -> None:
    assert gateway.items() == []
    answer = poster(slug)
    assert answer.status == 404
    assert "<svg" not in answer.text
    assert_guarded(answer)


def test_a_link_that_is_over_has_no_poster(gateway: Gateway) -> None:
    closed = made(gateway)
    deactivate(gateway, closed["link_id"])
    expired = made(gateway, expires_at="2026-11-21T14:30:01Z")
    gateway.clock.move(1)
    for link, why in ((closed, "deactivated"), (expired, "expired")):
        answer = poster(link["slug"])
        assert answer.status == visit(link["slug"]).status == 410
        assert f'data-state="{why}"' in answer.text
        assert "<svg" not in answer.text


def test_a_link_whose_only_use_is_taken_has_none_until_it_is_given_back(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    session = session_of(pay(link["slug"]))
    assert (poster(link["slug"]).status, visit(link["slug"]).status) == (409, 409)
    gateway.pay(session, leave="1")
    visit(link["slug"])
    assert poster(link["slug"]).status == 200


def test_a_link_that_is_paid_has_none_for_good(gateway: Gateway) -> None:
    link = made(gateway, INVOICE)
    gateway.approve(gateway.paying(session_of(pay(link["slug"]))))
    gateway.till.tick()
    assert visit(link["slug"]).status == 410
    assert poster(link["slug"]).status == 410


def test_a_poster_costs_two_reads(gateway: Gateway) -> None:
    slug = made(gateway)["slug"]
    gateway.aws_calls.clear()
    poster(slug)
    assert gateway.aws_calls == ["dynamodb.GetItem"] * 2


def test_when_our_side_fails_the_reader_hears_so_on_a_page(gateway: Gateway) -> None:
    slug = made(gateway)["slug"]
    gateway.dynamodb.delete_table(TableName="Merchants")
    assert poster(slug).status == 500

"""The page in every state and in every language, and how a language is chosen and kept."""

import re
from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie

import pytest

from checkout import cancel, choose_test_card, page, pay
from payments.payment import MOST_TRIES
from plumbing.languages.language import Language
from plumbing.languages.speech import catalogue
from tests.integration.gateway import MTN, Gateway, key_headers
from tests.integration.histories import paid
from tests.integration.rest_events import Answer, Headers, Request, call

PAGE = "/checkout/{session_id}"
DECLINED = "0780000001"
"""Test mode's magic number."""
FIRST_VIEW_BYTES = 16_000
"""Of the 30 KB that a first view may weigh; there is nothing else to fetch."""


def look(session: str, headers: Headers | None = None, **query: str) -> Answer:
    """Open the page as a browser does."""
    request = Request(
        method="GET",
        resource=PAGE,
        parameters={"session_id": session},
        headers=headers or {},
        query=query or None,
    )
    return call(page.handler, request)


def send(session: str, body: str, language: Language) -> Answer:
    """Send the page's form."""
    request = Request(
        method="POST",
        resource=PAGE,
        parameters={"session_id": session},
        headers={"Accept-Language": language},
        body=body,
    )
    return call(pay.handler, request)


def state(answer: Answer) -> str:
    found = re.search(r'data-state="(\w+)"', answer.text)
    assert found, answer.text
    return found[1]


def choose(gateway: Gateway) -> str:
    return gateway.opened()


def check_phone(gateway: Gateway) -> str:
    session = gateway.opened()
    gateway.paying(session)
    return session


def no_answer(gateway: Gateway) -> str:
    session = check_phone(gateway)
    gateway.clock.move(120)
    return session


def go_to_provider(gateway: Gateway) -> str:
    session = gateway.opened()
    gateway.pay(session, attempt="1", method="card")
    return session


def already_paid(gateway: Gateway) -> str:
    session = paid(gateway)
    gateway.clock.move(601)
    return session


def declined(gateway: Gateway) -> str:
    session = gateway.opened(gateway.shop.test)
    gateway.paying(session, DECLINED)
    return session


def failed(gateway: Gateway) -> str:
    session = gateway.opened()
    gateway.pay(session, leave="1")
    return session


def cancelled(gateway: Gateway) -> str:
    session = gateway.opened()
    request = Request(
        method="POST",
        resource="/api/v1/checkout/{reference}/cancel",
        parameters={"reference": session},
        headers=key_headers(gateway.shop.live),
    )
    assert call(cancel.handler, request).status == 200
    return session


def expired(gateway: Gateway) -> str:
    session = gateway.opened()
    gateway.clock.move(3600)
    return session


STATES: Mapping[str, Callable[[Gateway], str]] = {
    made.__name__: made
    for made in (
        choose,
        check_phone,
        no_answer,
        go_to_provider,
        paid,
        already_paid,
        declined,
        failed,
        cancelled,
        expired,
    )
}


def assert_speaks(answer: Answer, language: Language) -> None:
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    assert answer.headers["vary"] == "Accept-Language, Cookie"
    # The switch names each language by its own name, and the one that is spoken as such.
    current = re.search(r'lang="(\w+)" hreflang="\w+" aria-current="true">([^<]+)<', answer.text)
    assert current
    assert (current[1], current[2]) == (language, catalogue(language)["language.name"])
    # What is left of a page without markup says nothing by a key.
    words = re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", answer.text, flags=re.DOTALL)
    assert not [key for key in catalogue(language) if "." in key and key in words]
    assert "{" not in words


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", STATES)
def test_every_state_is_told_in_every_language(
    gateway: Gateway, name: str, language: Language
) -> None:
    answer = look(STATES[name](gateway), {"Accept-Language": language})
    assert (answer.status, state(answer)) == (200, name)
    assert_speaks(answer, language)
    heading = catalogue(language).get(f"{name}.heading")
    if heading:
        assert f">{heading}<" in answer.text


@pytest.mark.parametrize("language", Language)
def test_coming_back_from_the_provider_chooses_words_and_nothing_else(
    gateway: Gateway, language: Language
) -> None:
    session = go_to_provider(gateway)
    before = gateway.payment(session)
    answer = look(session, {"Accept-Language": language}, back="1")
    assert state(answer) == "confirming"
    assert_speaks(answer, language)
    assert "?lang=fr&amp;back=1" in answer.text
    assert gateway.payment(session) == before


@pytest.mark.parametrize("name", ["choose", "check_phone", "failed", "expired"])
def test_nobody_pays_by_saying_that_they_come_back(gateway: Gateway, name: str) -> None:
    assert state(look(STATES[name](gateway), back="1")) == name


def test_the_provider_sends_the_customer_back_to_where_that_is_known(gateway: Gateway) -> None:
    session = go_to_provider(gateway)
    (charge,) = gateway.till.charges.made
    assert charge.redirecturl == f"https://pay.example/checkout/{session}?back=1"


@pytest.mark.parametrize("language", Language)
def test_whatever_goes_wrong_is_told_in_every_language(
    gateway: Gateway, language: Language
) -> None:
    session, words = gateway.opened(), catalogue(language)
    for body, key in (
        ("try=1&phone=0771234567", "fault.phone_no_wallet"),
        ("try=1&phone=12", "fault.phone_unreadable"),
        ("a=1&" * 50, "fault.form_unreadable"),
        (f"try=1&method=cash&phone={MTN}", "why.not_enabled"),
    ):
        answer = send(session, body, language)
        assert answer.status == 422
        assert_speaks(answer, language)
        assert f'id="error">{words[key]}<' in answer.text
    assert gateway.payment(session).attempts == ()
    answer = look("CHK-0000000000000000", {"Accept-Language": language})
    assert answer.status == 404
    assert_speaks(answer, language)
    gateway.dynamodb.delete_table(TableName="Payments")
    answer = look(session, {"Accept-Language": language})
    assert answer.status == 500
    assert_speaks(answer, language)
    assert words["apology.do_not_pay_again"] in answer.text


@pytest.mark.parametrize("language", Language)
def test_the_test_cards_are_told_in_every_language(gateway: Gateway, language: Language) -> None:
    session = gateway.opened(gateway.shop.test)
    gateway.pay(session, attempt="1", method="card")
    _, _, _, _, reference, token = str(gateway.attempt(session).next_url).split("/")
    request = Request(
        method="GET",
        resource="/test-cards/{attempt_ref}/{token}",
        parameters={"attempt_ref": reference, "token": token},
        headers={"Accept-Language": language},
    )
    assert_speaks(call(choose_test_card.handler, request), language)


# -------------------------------------------------------------------- choosing
def test_a_language_that_is_named_is_kept(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = look(session, {"Accept-Language": "en"}, lang="fr")
    assert_speaks(answer, Language.FR)
    kept = SimpleCookie(answer.headers["set-cookie"])["lang"]
    assert (kept.value, kept["path"], kept["samesite"]) == ("fr", "/", "Lax")
    assert kept["httponly"]
    assert kept["secure"]
    again = look(session, {"Accept-Language": "en", "Cookie": f"lang={kept.value}"})
    assert_speaks(again, Language.FR)
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("tag", ["de", "", "x" * 5000, '"><script>', "fr\r\nX-Evil: 1"])
def test_a_language_that_is_not_ours_changes_nothing(gateway: Gateway, tag: str) -> None:
    answer = look(gateway.opened(), {"Cookie": f"lang={tag}"}, lang=tag)
    assert_speaks(answer, Language.EN)
    assert "set-cookie" not in answer.headers


def test_a_cookie_is_set_only_where_a_language_is_named(gateway: Gateway) -> None:
    assert "set-cookie" not in look(gateway.opened(), {"Accept-Language": "rw"}).headers


# -------------------------------------------------------------------- states
def test_a_prompt_is_waited_for_until_its_two_minutes_are_over(gateway: Gateway) -> None:
    session = check_phone(gateway)
    gateway.clock.move(5)
    assert 'data-seconds-left="115"' in look(session).text
    gateway.clock.move(114)
    answer = look(session)
    assert (state(answer), 'data-seconds-left="1"' in answer.text) == ("check_phone", True)
    gateway.clock.move(1)
    answer = look(session)
    assert state(answer) == "no_answer"
    assert "<form" not in answer.text
    assert "data-waits" in answer.text


@pytest.mark.parametrize(("phone", "hint"), [(MTN, "*182*7*1#"), ("0738123456", "*182#")])
def test_a_missed_prompt_is_found_by_the_networks_own_code(
    gateway: Gateway, phone: str, hint: str
) -> None:
    session = gateway.opened()
    gateway.paying(session, phone)
    assert hint in look(session).text


def test_whoever_comes_again_later_reads_that_it_is_paid_already(gateway: Gateway) -> None:
    session = paid(gateway)
    gateway.clock.move(600)
    answer = look(session)
    assert (state(answer), "data-leaves" in answer.text) == ("paid", True)
    gateway.clock.move(1)
    answer = look(session)
    assert (state(answer), "data-leaves" in answer.text) == ("already_paid", False)
    assert str(gateway.payment(session).transaction_id) in answer.text


def test_the_receipt_tells_the_whole_of_it(gateway: Gateway) -> None:
    session = paid(gateway)
    text = look(session, {"Accept-Language": "fr"}).text
    receipt = text[text.index('<dl id="receipt"') : text.index("</dl>")]
    for words in (
        "5\N{NARROW NO-BREAK SPACE}000\N{NO-BREAK SPACE}RWF",
        "Ikawa House",
        "Payment for Order #12345",
        str(gateway.payment(session).transaction_id),
        "21 novembre 2026, 16:",
    ):
        assert words in receipt


def test_a_silent_provider_of_cards_is_waited_for(gateway: Gateway) -> None:
    session = gateway.opened()
    gateway.paying_with_reply(session, {"nonsense": True})
    answer = look(session)
    assert state(answer) == "confirming"
    assert 'id="go"' not in answer.text


def test_only_the_networks_that_somebody_takes_are_offered(gateway: Gateway) -> None:
    text = look(gateway.opened()).text
    offered = re.findall(r'name="network" value="(\w*)"', text)
    assert offered == ["", "MTN", "Airtel"]
    assert re.findall(r'value="(\w*)" checked', text) == [""]


def test_the_choice_of_a_network_outlives_an_error(gateway: Gateway) -> None:
    session = gateway.opened()
    answer = send(session, "try=1&phone=12&network=Airtel", Language.EN)
    assert re.findall(r'value="(\w*)" checked', answer.text) == ["Airtel"]
    answer = send(session, "try=1&phone=12&network=%3Cb%3E", Language.EN)
    assert re.findall(r'value="(\w*)" checked', answer.text) == [""]


def test_a_magic_number_is_one_tap_away(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    text = look(session).text
    form = text[text.index('<form method="post">') : text.index("</form>")]
    # A browser sends the pressed button where it stands: after the input, and the last one counts.
    assert form.index('id="phone"') < form.index('id="pay"') < form.index('value="0780000000"')
    assert len(re.findall(r'name="phone" value="078000000\d"', form)) == 10
    send(session, "try=1&method=mobile_money&phone=0788123456&phone=0780000001", Language.EN)
    assert gateway.attempt(session).phone == "0780000001"


def test_the_tries_that_are_left_are_counted(gateway: Gateway) -> None:
    session = gateway.opened(gateway.shop.test)
    for number in range(1, MOST_TRIES):
        gateway.clock.move(5)
        gateway.paying(session, DECLINED, number)
        assert f'data-tries-left="{MOST_TRIES - number}"' in look(session).text


def test_a_change_shows_in_the_version(gateway: Gateway) -> None:
    session = gateway.opened()
    versions = [re.findall(r'data-version="(\d+)"', look(session).text)]
    gateway.paying(session)
    versions.append(re.findall(r'data-version="(\d+)"', look(session).text))
    assert versions[0] != versions[1]
    assert all(len(found) == 1 for found in versions)


# -------------------------------------------------------------------- weight and privacy
@pytest.mark.parametrize("language", Language)
def test_a_first_view_is_light_and_fetches_nothing_else(
    gateway: Gateway, language: Language
) -> None:
    text = look(gateway.opened(gateway.shop.test), {"Accept-Language": language}).text
    assert len(text.encode()) < FIRST_VIEW_BYTES
    assert re.findall(r"<link[^>]*>", text) == ['<link rel="icon" href="data:,">']
    assert not re.search(r"<(img|iframe)\b|\bsrc=|url\(|@import", text)


def test_no_address_tells_of_a_person(gateway: Gateway) -> None:
    session = gateway.opened()
    addresses = re.findall(r'<a href="([^"]*)"', look(session).text)
    assert addresses == ["?lang=rw", "?lang=en", "?lang=fr"]
    sent = gateway.pay(session, attempt="1", phone=MTN, network="MTN")
    assert sent.headers["location"] == f"https://pay.example/checkout/{session}"

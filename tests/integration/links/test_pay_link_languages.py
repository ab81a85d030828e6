"""The public page of a link, and whatever goes wrong with it, in every language."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from links import open_link, pay_link
from plumbing.languages.language import Language
from plumbing.languages.speech import catalogue
from tests.integration.gateway import Gateway
from tests.integration.links.sharing import DONATION, PAYER, deactivate, made, token, visit
from tests.integration.rest_events import Answer, Request, call

FAULTS: Mapping[str, tuple[str, str]] = {
    "missing": ("name", ""),
    "too_long": ("name", "x" * 101),
    "wrong": ("name", "a\0b"),
    "not_an_email": ("email", "aline"),
    "phone_unreadable": ("phone", "12"),
    "phone_no_wallet": ("phone", "0771234567"),
    "not_a_number": ("amount", "ten"),
    "too_fine": ("amount", "100.5"),
    "too_small": ("amount", "99"),
    "too_large": ("amount", "1000001"),
}
"""What is wrong -> a field of the form, and how it was filled in."""
LIMITS = {
    Language.EN: ("RWF\N{NO-BREAK SPACE}100", "RWF\N{NO-BREAK SPACE}1,000,000"),
    Language.FR: ("100\N{NO-BREAK SPACE}RWF", "1 000 000 RWF"),
    Language.RW: ("RWF\N{NO-BREAK SPACE}100", "RWF\N{NO-BREAK SPACE}1.000.000"),
}


def ask(slug: str, language: Language, form: Mapping[str, str] | None = None) -> Answer:
    """Open the page, or send its form."""
    request = Request(
        method="GET" if form is None else "POST",
        resource="/pay/{slug}",
        parameters={"slug": slug},
        headers={"Accept-Language": language},
        body=None if form is None else urlencode(form),
    )
    return call(open_link.handler if form is None else pay_link.handler, request)


def assert_speaks(answer: Answer, language: Language) -> None:
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language
    words = re.sub(r"<(style|script).*?</\1>|<[^>]*>", "", answer.text, flags=re.DOTALL)
    assert not [key for key in catalogue(language) if "." in key and key in words]


@pytest.mark.parametrize("language", Language)
def test_the_page_is_told_in_every_language(gateway: Gateway, language: Language) -> None:
    link, words = made(gateway, DONATION), catalogue(language)
    answer = ask(link["slug"], language)
    assert_speaks(answer, language)
    for key in ("link.name", "link.email", "link.phone", "link.continue"):
        assert f">{words[key]}<" in answer.text
    deactivate(gateway, link["link_id"])
    answer = ask(link["slug"], language)
    assert answer.status == 410
    assert_speaks(answer, language)
    assert words["closed.deactivated.heading"] in answer.text
    answer = ask("nobodys", language)
    assert answer.status == 404
    assert_speaks(answer, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_told_in_every_language(
    gateway: Gateway, fault: str, language: Language
) -> None:
    slug = made(gateway, DONATION)["slug"]
    field, typed = FAULTS[fault]
    form = {"once": token(visit(slug)), **PAYER, "amount": "5000", field: typed}
    answer = ask(slug, language, form)
    assert answer.status == 422
    assert_speaks(answer, language)
    found = re.findall(r'id="(\w+)-error" data-fault="(\w+)">([^<]+)<', answer.text)
    least, most = LIMITS[language]
    facts = {"least": least, "most": most, "currency": "RWF"}
    typewritten = str.maketrans("\N{NARROW NO-BREAK SPACE}\N{NO-BREAK SPACE}", "  ")
    told = catalogue(language)[f"fault.{fault}"].format_map(facts).translate(typewritten)
    assert [(where, what, words.translate(typewritten)) for where, what, words in found] == [
        (field, fault, told)
    ]


@pytest.mark.parametrize("language", Language)
def test_an_expiry_is_told_in_the_time_of_rwanda(gateway: Gateway, language: Language) -> None:
    link = made(gateway, expires_at="2026-11-21T22:30:00Z")
    gateway.clock.move(24 * 60 * 60)
    answer = ask(link["slug"], language)
    assert_speaks(answer, language)
    until = {
        Language.EN: "November 22, 2026, 12:30\N{NARROW NO-BREAK SPACE}AM",
        Language.FR: "22 novembre 2026, 00:30",
        Language.RW: "2026 Ugushyingo 22 00:30",
    }
    assert until[language] in answer.text

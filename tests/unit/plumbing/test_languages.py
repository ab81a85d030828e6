"""Which language a visitor reads, and that every word is said in each."""

import json
import re
import string
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from links.view import TEMPLATES as LINK_PAGES
from payments.link import Standing
from payments.phone import Network
from payments.report import Reason
from plumbing.fields import Fault
from plumbing.html import SHARED
from plumbing.languages.language import Language, accepted, cookie, language_of, named
from plumbing.languages.speech import CATALOGUES, Speech, catalogue
from providers.sandbox import MAGIC_NUMBERS

FUNCTIONS = Path(__file__).parents[3] / "functions"
PAGES = [
    page
    for page in sorted(FUNCTIONS.rglob("templates/*.html"))
    # The API's own document is in English.
    if page.parent.parent.name != "reference"
]
FAMILIES: Mapping[str, list[str]] = {
    "why.": [*Reason],
    "check_phone.hint.": [*Network],
    "choose.network.": [*Network],
    "choose.": ["card", "smartcash"],
    "test.number.": [*MAGIC_NUMBERS],
    "test_card.": ["paid", Reason.DECLINED, Reason.INSUFFICIENT_FUNDS],
    "fault.": [*Fault, "form_unreadable", "outdated", "begun"],
    "closed.": [f"{standing}.heading" for standing in Standing if standing is not Standing.OPEN]
    + ["in_use.what_now", "used_up.what_now"],
}
"""What the keys that are put together end with, by how they begin."""


def event(query: Mapping[str, str] | None = None, **headers: str) -> dict[str, Any]:
    return {
        "queryStringParameters": query,
        "multiValueHeaders": {name.replace("_", "-"): [told] for name, told in headers.items()},
    }


def code() -> str:
    """Every template, and every module of the pages."""
    sources = [*FUNCTIONS.rglob("*.py"), *FUNCTIONS.rglob("templates/*.html")]
    return "\n".join(source.read_text("utf-8") for source in sources)


# -------------------------------------------------------------------- which language
@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "fr"),
        ("rw", "rw"),
        ("rw-RW,rw;q=0.9,en;q=0.8", "rw"),
        ("fr-CA", "fr"),
        ("FR", "fr"),
        ("sw,fr;q=0.7,en;q=0.3", "fr"),
        ("en;q=0.3,fr;q=0.7", "fr"),
        ("en;q=0.7 , fr ; q=0.701", "fr"),
        ("en,fr", "en"),
        ("fr,en", "fr"),
        ("fr;q=0,rw;q=0.1", "rw"),
        ("fr;q=0", "en"),
        ("fr;q=0.000", "en"),
        ("*", "en"),
        ("*;q=0.9,rw;q=0.1", "rw"),
        ("de,sw", "en"),
        ("fr;q=2,rw;q=0.5", "rw"),
        ("fr;q=x,rw;q=0.5", "rw"),
        ("fr;q=,rw;q=0.5", "rw"),
        ("fr;q=1.5,rw;q=0.5", "fr"),
        ("frrrrrrrrrrr", "en"),
        (",,;,q=1,fr", "fr"),
        ("french", "en"),
        ("x" * 100_000 + ",fr", "en"),
    ],
)
def test_the_browser_asks_by_preference(header: str, language: str) -> None:
    assert accepted(header) == language
    assert language_of(event(Accept_Language=header)) == language


@given(st.text())
def test_any_header_leads_to_a_language(header: str) -> None:
    assert accepted(header) in set(Language)
    assert language_of(event(Accept_Language=header, Cookie=header)) in set(Language)


def test_what_is_named_outweighs_the_cookie_and_that_the_browser() -> None:
    asked = event({"lang": "rw"}, Cookie="lang=fr", Accept_Language="en")
    assert language_of(asked) is Language.RW
    assert language_of({**asked, "queryStringParameters": None}) is Language.FR
    assert language_of(event(Accept_Language="fr")) is Language.FR
    assert language_of({}) is Language.EN


@pytest.mark.parametrize("tag", ["", "de", "FR", "fr-FR", "fr\n", "__class__", "../en"])
def test_a_language_that_is_not_ours_is_not_named(tag: str) -> None:
    assert named(event({"lang": tag})) is None
    assert language_of(event({"lang": tag}, Accept_Language="rw")) is Language.RW
    assert language_of(event(Cookie=f'lang="{tag}"', Accept_Language="rw")) is Language.RW


@pytest.mark.parametrize("sent", ["a=b; lang=fr; c=d", 'lang="fr"', "lang=fr"])
def test_the_cookie_is_found_among_others(sent: str) -> None:
    assert language_of(event(cookie=sent)) is Language.FR


def test_the_cookie_is_kept_for_a_year_and_from_scripts() -> None:
    assert cookie(Language.FR, is_secure=True) == (
        "lang=fr; Max-Age=31536000; Path=/; SameSite=Lax; HttpOnly; Secure"
    )
    assert cookie(Language.FR, is_secure=False).endswith("; HttpOnly")


# -------------------------------------------------------------------- every word
@pytest.mark.parametrize("language", Language)
def test_a_language_has_every_key_once_and_no_empty_words(language: Language) -> None:
    text = (CATALOGUES / f"{language}.json").read_text("utf-8")
    pairs = json.loads(text, object_pairs_hook=list)
    assert len(dict(pairs)) == len(pairs)
    assert all(words.strip() == words != "" for _, words in pairs)
    assert [key for key, _ in pairs] == list(catalogue(Language.EN))


@pytest.mark.parametrize(("one", "other"), [*combinations(Language, 2)])
def test_the_same_facts_stand_in_every_language(one: Language, other: Language) -> None:
    def places(words: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(words)} - {None}

    for key, words in catalogue(one).items():
        assert places(words) == places(catalogue(other)[key]), key


def test_no_key_is_missing_and_none_unused() -> None:
    source = code()
    used = {key for key in catalogue(Language.EN) if f'"{key}"' in source}
    for start, ends in FAMILIES.items():
        assert f'"{start}' in source, start
        used |= {f"{start}{end}" for end in ends}
    assert used == set(catalogue(Language.EN))


def test_every_key_that_is_said_is_in_the_catalogue() -> None:
    said = set(re.findall(r'\b(?:t|say)\("([a-z_]+(?:\.\w+)*)"[,)]', code()))
    assert len(said) > 40
    assert said - set(catalogue(Language.EN)) == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_template_has_no_words_of_its_own(page: Path) -> None:
    own = re.sub(
        r"\{% block script %\}.*?\{% endblock %\}", "", page.read_text("utf-8"), flags=re.DOTALL
    )
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", own, flags=re.DOTALL)
    for attribute in ("aria-label", "alt", "title", "placeholder", "data-busy"):
        assert not re.search(rf'\s{attribute}="[^"]*[A-Za-z]', text), attribute
    words = re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)
    assert not re.search(r"[^\W\d_]", re.sub(r"<[^>]*>", "", words))


def test_the_templates_are_all_looked_at() -> None:
    assert {page.parent for page in PAGES} >= {SHARED, LINK_PAGES}


def test_french_never_breaks_a_line_before_its_high_signs() -> None:
    for key, words in catalogue(Language.FR).items():
        assert not re.search(r"[^\N{NO-BREAK SPACE}][;!?»]| :", words), key
        # A colon is kept apart too, but where it stands in a time or an address.
        assert not re.search(r"[^\N{NO-BREAK SPACE}\d]:(?!//)", words), key


@pytest.mark.parametrize("language", Language)
def test_apostrophes_are_real_ones(language: Language) -> None:
    assert not [key for key, words in catalogue(language).items() if "'" in words]


def test_a_fact_that_is_missing_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        Speech(Language.EN).say("choose.pay")
    with pytest.raises(KeyError):
        Speech(Language.EN).say("no.such.key")

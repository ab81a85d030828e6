"""The languages of the pages, and which of them a visitor reads."""

import re
from enum import StrEnum
from http.cookies import CookieError, SimpleCookie

from plumbing.requests import Request, header

PARAMETER = COOKIE = "lang"
KEPT_SECONDS = 365 * 24 * 60 * 60
# RFC 9110, 12.4.2 and 12.5.4: "fr-CA;q=0.8".
RANGE = re.compile(
    r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*[qQ]=([01](?:\.[0-9]{0,3})?)\s*)?"
)
# More than any browser sends.
LONGEST_HEADER = 1000


class Language(StrEnum):
    """A language, by its tag."""

    RW = "rw"
    EN = "en"
    FR = "fr"


DEFAULT = Language.EN


def language_of(event: Request) -> Language:
    """What the visitor named just now, else named before, else what their browser asks for."""
    return named(event) or remembered(event) or accepted(",".join(header(event, "Accept-Language")))


def named(event: Request) -> Language | None:
    """The language that the address names, if it is one of ours."""
    return language((event.get("queryStringParameters") or {}).get(PARAMETER, ""))


def remembered(event: Request) -> Language | None:
    """The language that the cookie keeps, if it is one of ours."""
    for sent in header(event, "Cookie"):
        try:
            kept = SimpleCookie(sent).get(COOKIE)
        except CookieError:
            continue
        if kept:
            return language(kept.value)
    return None


def accepted(text: str) -> Language:
    """The best of an Accept-Language header; of equals the first. Broken parts do not count."""
    best, quality = DEFAULT, 0.0
    for part in text[:LONGEST_HEADER].split(","):
        asked = RANGE.fullmatch(part)
        found = language(asked[1].lower()) if asked else None
        if asked and found and min(float(asked[2] or 1), 1.0) > quality:
            best, quality = found, min(float(asked[2] or 1), 1.0)
    return best


def cookie(language: Language, *, is_secure: bool) -> str:
    """The Set-Cookie that keeps a choice for a year. It says nothing of the person but this."""
    secure = "; Secure" if is_secure else ""
    return f"{COOKIE}={language}; Max-Age={KEPT_SECONDS}; Path=/; SameSite=Lax; HttpOnly{secure}"


def language(tag: str) -> Language | None:
    """The language of a tag."""
    return Language(tag) if tag in set(Language) else None

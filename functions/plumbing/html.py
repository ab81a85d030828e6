"""Answering with a page: rendered from a template, guarded by headers, kept by no cache."""

import secrets
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plumbing.languages.language import PARAMETER, Language, cookie, language_of, named
from plumbing.languages.speech import Speech
from plumbing.observability import logger
from plumbing.pages import BACK
from plumbing.requests import Request, public_base_url

Show = Callable[[Request], dict[str, Any]]

SHARED = Path(__file__).parent / "templates"
"""What every page is drawn in, and the apology."""


@cache
def templates(folder: Path) -> Environment:
    """The page templates of a folder and the shared ones; whatever is put into them is escaped."""
    return Environment(
        loader=FileSystemLoader([folder, SHARED]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_answer(
    event: Request, status: HTTPStatus, template: Path, **facts: object
) -> dict[str, Any]:
    """A page for API Gateway, in the visitor's language, which it keeps when they named one.

    The template says its words by `t` and its figures by `speech`; `languages` are those to
    switch to.
    """
    speech = Speech(language_of(event))
    answer = guarded_page(
        status,
        template,
        t=speech.say,
        speech=speech,
        languages=[switch(language, event) for language in Language],
        **facts,
    )
    answer["headers"] |= {
        "Content-Language": speech.language.value,
        "Vary": "Accept-Language, Cookie",
    }
    if named(event):
        is_secure = public_base_url(event).startswith("https:")
        answer["headers"]["Set-Cookie"] = cookie(speech.language, is_secure=is_secure)
    return answer


def switch(language: Language, event: Request) -> dict[str, str]:
    """A language to switch to: its tag, its own name, and the address of this page in it."""
    query = {PARAMETER: language.value} | ({BACK: "1"} if came_back(event) else {})
    return {
        "tag": language.value,
        "name": Speech(language).say("language.name"),
        "address": f"?{urlencode(query)}",
    }


def came_back(event: Request) -> bool:
    """Whether the address says that the customer comes from a provider's page."""
    return BACK in (event.get("queryStringParameters") or {})


def guarded_page(status: HTTPStatus, template: Path, **facts: object) -> dict[str, Any]:
    """A page with its guards. `nonce` in the template is what its style and script must bear."""
    nonce = secrets.token_urlsafe(16)
    return {
        "statusCode": int(status),
        "headers": {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
                "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                "frame-ancestors 'none'"
            ),
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
        "body": templates(template.parent).get_template(template.name).render(nonce=nonce, **facts),
    }


def with_apology(show: Show) -> Show:
    """The outermost door of a page: when our own side fails, the customer reads so on a page.

    It breaks no promise: whatever was written before stays true, and an attempt in flight stays
    unknown and watched.
    """

    def shown(event: Request) -> dict[str, Any]:
        try:
            return show(event)
        except Exception:  # noqa: BLE001  # the outermost door, as said above
            logger.exception("unexpected")
            return page_answer(event, HTTPStatus.INTERNAL_SERVER_ERROR, SHARED / "apology.html")

    return shown


def see_other(address: str) -> dict[str, Any]:
    """Send the browser on after a form, so that a reload posts nothing again."""
    return {
        "statusCode": int(HTTPStatus.SEE_OTHER),
        "headers": {"Location": address, "Cache-Control": "no-store"},
        "body": "",
    }

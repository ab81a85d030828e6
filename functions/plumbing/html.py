"""Answering with a page: rendered from a template, guarded by headers, kept by no cache."""

import secrets
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from plumbing.observability import logger
from plumbing.requests import Event

Show = Callable[[Event], dict[str, Any]]

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


def page_answer(status: HTTPStatus, template: Path, **facts: object) -> dict[str, Any]:
    """A page for API Gateway. `nonce` in the template is what its style element must bear."""
    nonce = secrets.token_urlsafe(16)
    return {
        "statusCode": int(status),
        "headers": {
            "Content-Type": "text/html; charset=utf-8",
            "Cache-Control": "no-store",
            "Content-Security-Policy": (
                f"default-src 'none'; style-src 'nonce-{nonce}'; form-action 'self'; "
                "base-uri 'none'; frame-ancestors 'none'"
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

    def shown(event: Event) -> dict[str, Any]:
        try:
            return show(event)
        except Exception:  # noqa: BLE001  # the outermost door, as said above
            logger.exception("unexpected")
            return page_answer(HTTPStatus.INTERNAL_SERVER_ERROR, SHARED / "apology.html")

    return shown


def see_other(address: str) -> dict[str, Any]:
    """Send the browser on after a form, so that a reload posts nothing again."""
    return {
        "statusCode": int(HTTPStatus.SEE_OTHER),
        "headers": {"Location": address, "Cache-Control": "no-store"},
        "body": "",
    }

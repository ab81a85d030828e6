"""Answering with a page: rendered from a template, guarded by headers, kept by no cache."""

import secrets
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).parent / "templates"


@cache
def templates() -> Environment:
    """The page templates; everything put into them is escaped."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page_answer(status: HTTPStatus, template: str, **facts: object) -> dict[str, Any]:
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
        "body": templates().get_template(template).render(nonce=nonce, **facts),
    }


def see_other(address: str) -> dict[str, Any]:
    """Send the browser on after a form, so that a reload posts nothing again."""
    return {
        "statusCode": int(HTTPStatus.SEE_OTHER),
        "headers": {"Location": address, "Cache-Control": "no-store"},
        "body": "",
    }

"""What the demo's own pages let in: nothing but their own style, script and pictures."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from flask import Flask, g

if TYPE_CHECKING:
    from flask import Response


def guard(app: Flask, *, pictures_from: str = "") -> None:
    """Give every page a `nonce` for its style and script; pictures may come from one origin more.

    Where a form may lead is left open: the shop's leads to a page of the checkout.
    """

    def nonce() -> dict[str, str]:
        if "nonce" not in g:
            g.nonce = secrets.token_urlsafe(16)
        return {"nonce": g.nonce}

    def policed(answer: Response) -> Response:
        drawn = g.get("nonce", "none")
        answer.headers["Content-Security-Policy"] = (
            f"default-src 'none'; style-src 'nonce-{drawn}'; script-src 'nonce-{drawn}'; "
            f"img-src 'self' data: {pictures_from}".rstrip()
            + "; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Cache-Control"] = "no-store"
        return answer

    app.context_processor(nonce)
    app.after_request(policed)

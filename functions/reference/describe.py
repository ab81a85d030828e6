"""GET /api/v1/openapi.json and GET /docs: what this API is, for programs and for people.

Both tell the same document, which is made from the code (infra/openapi) and deployed with it.
"""

import json
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from plumbing.html import guarded_page, with_apology
from plumbing.merchant_api import Answer, answering, json_answer
from plumbing.requests import Request, public_base_url
from reference import prose
from reference.chapters import Reader

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

HERE = Path(__file__).parent
PAGE = HERE / "templates" / "docs.html"
CACHED = "public, max-age=300"


def describe(request: Request) -> Answer:
    """The document, as it holds for this deployment."""
    answer = json_answer(HTTPStatus.OK, document_at(public_base_url(request)))
    answer.headers["Cache-Control"] = CACHED
    return answer


@with_apology
def docs(event: Request) -> dict[str, Any]:
    """The same, as a page."""
    document = document_at(public_base_url(event))
    guide = document["info"]["description"]
    reader = Reader(document)
    return guarded_page(
        HTTPStatus.OK,
        PAGE,
        title=document["info"]["title"],
        version=document["info"]["version"],
        base_url=document["servers"][0]["url"],
        guide=Markup(prose.html(guide)),  # noqa: S704  # escaped there
        words=lambda text: Markup(prose.words(text)),  # noqa: S704  # as above
        headings=prose.headings(guide),
        tags=[
            (tag["name"], tag["description"], reader.chapters(tag["name"]))
            for tag in document["tags"]
        ],
        letter=reader.letter(),
    )


def document_at(base_url: str) -> dict[str, Any]:
    """The document with this deployment's own address."""
    return written() | {"servers": [{"url": base_url}]}


@cache
def written() -> dict[str, Any]:
    """The document as it is deployed."""
    document: dict[str, Any] = json.loads((HERE / "openapi.json").read_text(encoding="utf-8"))
    return document


in_json = answering({"GET": describe})


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Answer API Gateway."""
    return docs(event) if event["resource"] == "/docs" else in_json(event, context)

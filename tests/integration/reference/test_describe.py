import json
import re
from html.parser import HTMLParser

import pytest
from werkzeug.test import Client, TestResponse

from infra.openapi.failures import TABLE
from infra.openapi.letters import event_types
from infra.openapi.operations import OPERATIONS
from reference import prose
from tests.integration.bridge import STAGE, app
from tests.integration.gateway import Gateway
from tests.integration.internet import BASE_URL

VOID = {"meta", "br", "link", "img", "input"}


class Reading(HTMLParser):
    """The words of a page, its links and anchors; it fails on what is not closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.anchors: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        self.anchors += [told["id"]] if told.get("id") else []  # type: ignore[list-item]  # it is there, by the condition
        self.links += [told[n] for n in ("href", "src") if told.get(n)]  # type: ignore[misc]  # it is there, by the condition

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def get(path: str) -> TestResponse:
    return Client(app).get(f"{STAGE}{path}", headers={"Origin": "https://shop.example"})


@pytest.fixture
def page(gateway: Gateway) -> Reading:  # noqa: ARG001  # it must stand first
    return Reading(get("/docs").text)


def test_the_document_names_this_deployment(gateway: Gateway) -> None:
    answer = get("/api/v1/openapi.json")
    assert answer.json is not None
    assert answer.json["servers"] == [{"url": BASE_URL}]
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert gateway.aws_calls.count("dynamodb.GetItem") == 0


def test_without_a_public_address_it_names_the_requests_own(
    gateway: Gateway,  # noqa: ARG001  # it must stand first
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from plumbing.settings import settings  # noqa: PLC0415  # read anew for this test

    monkeypatch.setenv("PUBLIC_BASE_URL", "")
    settings.cache_clear()
    told = json.loads(get("/api/v1/openapi.json").text)
    assert told["servers"] == [{"url": "https://abc123.execute-api.eu-west-1.amazonaws.com/pay"}]


def test_the_page_tells_every_operation_error_and_event(page: Reading) -> None:
    for operation in OPERATIONS:
        assert operation.name in page.anchors
        assert operation.path in page.words
        assert operation.summary in page.words
    for word in [said.code for said in TABLE] + list(event_types()):
        assert word in page.words


def test_the_page_warns_of_the_secret_key_in_a_page(page: Reading) -> None:
    assert "Never put the secret key in a page or an app" in page.words
    assert "00:00 UTC" in page.words
    assert "24 hours" in page.words
    assert "0780000001" in page.words


def test_the_page_needs_nobody_else_and_no_script(page: Reading) -> None:
    assert {"script", "link", "img", "iframe"}.isdisjoint(page.tags)
    outside = [link for link in page.links if not link.startswith("#")]
    assert set(outside) == {f"{BASE_URL}/api/v1/openapi.json"}
    assert {link.removeprefix("#") for link in page.links if link.startswith("#")} <= set(
        page.anchors
    )
    assert len(set(page.anchors)) == len(page.anchors)


def test_the_page_is_guarded_as_the_others_are(gateway: Gateway) -> None:  # noqa: ARG001  # it must stand first
    answer = get("/docs")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search("style-src 'nonce-([^']+)'", policy)
    assert nonce
    assert policy.startswith("default-src 'none'")
    assert f'<style nonce="{nonce[1]}">' in answer.text
    assert "style=" not in answer.text
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "prefers-color-scheme: dark" in answer.text
    assert 'name="viewport" content="width=device-width, initial-scale=1"' in answer.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo", "<p>one two</p>"),
        ("a `<b>` **c**", "<p>a <code>&lt;b&gt;</code> <strong>c</strong></p>"),
        ("## Rate limits", '<h2 id="rate-limits">Rate limits</h2>'),
        ("- one\n  more\n- two", "<ul><li>one   more</li><li>two</li></ul>"),
        ("<script>", "<p>&lt;script&gt;</p>"),
    ],
)
def test_the_guide_becomes_html(text: str, expected: str) -> None:
    assert prose.html(text) == expected
